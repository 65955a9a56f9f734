#include "scheduling/label_index.h"

#include <algorithm>

namespace hyperwright::scheduling {

void LabelIndex::add(std::string_view key, std::string_view value, std::size_t member) {
  std::size_t* id = ids_.find(key);
  if (id == nullptr) {
    ids_.set(std::string(key), keys_.size());
    id = ids_.find(key);
    keys_.emplace_back();
  }
  Key& entry = keys_[*id];
  std::uint32_t* value_id = entry.ids.find(value);
  if (value_id == nullptr) {
    entry.ids.set(std::string(value), static_cast<std::uint32_t>(entry.values.size()));
    value_id = entry.ids.find(value);
    entry.values.emplace_back(std::string(value), std::vector<std::uint32_t>{});
  }
  entry.values[*value_id].second.push_back(static_cast<std::uint32_t>(member));
  entry.members.insert(member);
}

void LabelIndex::add(const kube::StringMap& labels, std::size_t member) {
  for (const auto& [key, value] : labels) add(key, value, member);
}

Bitset LabelIndex::with_value(const kube::Requirement& requirement) const {
  Bitset found;
  const std::size_t* id = ids_.find(requirement.key());
  if (id == nullptr) return found;
  const Key& key = keys_[*id];
  const auto insert = [&found](const std::vector<std::uint32_t>& members) {
    for (const std::uint32_t member : members) found.insert(member);
  };
  if (!requirement.is_complement()) {
    for (const std::string& value : requirement.values()) {
      if (const std::uint32_t* value_id = key.ids.find(value)) insert(key.values[*value_id].second);
    }
    return found;
  }
  if (!requirement.gte() && !requirement.lte()) {
    found = key.members;
    for (const std::string& value : requirement.values()) {
      const std::uint32_t* value_id = key.ids.find(value);
      if (value_id == nullptr) continue;
      for (const std::uint32_t member : key.values[*value_id].second) found.erase(member);
    }
    return found;
  }
  for (const auto& [value, members] : key.values) {
    if (requirement.has(value)) insert(members);
  }
  return found;
}

Bitset LabelIndex::without_key(std::string_view key) const {
  Bitset rest = everybody_;
  if (const std::size_t* id = ids_.find(key)) rest -= keys_[*id].members;
  return rest;
}

Bitset LabelIndex::matching(const kube::Requirement& requirement) const {
  Bitset found = with_value(requirement);
  if (requirement.allows_absence()) found |= without_key(requirement.key());
  return found;
}

Bitset LabelIndex::matching(const kube::Requirements& requirements) const {
  Bitset found = everybody_;
  for (const kube::Requirement& requirement : requirements) found &= matching(requirement);
  return found;
}

std::vector<std::string> LabelIndex::values(std::string_view key, const Bitset& among) const {
  std::vector<std::string> list;
  const std::size_t* id = ids_.find(key);
  if (id == nullptr) return list;
  for (const auto& [value, members] : keys_[*id].values) {
    if (std::ranges::any_of(members, [&](std::uint32_t m) { return among.contains(m); }))
      list.push_back(value);
  }
  std::ranges::sort(list);
  return list;
}

std::size_t LabelIndex::count_values(std::string_view key, const Bitset& among) const {
  const std::size_t* id = ids_.find(key);
  if (id == nullptr) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(keys_[*id].values, [&](const auto& value) {
    return std::ranges::any_of(value.second, [&](std::uint32_t m) { return among.contains(m); });
  }));
}

}  // namespace hyperwright::scheduling
