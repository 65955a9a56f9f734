#include "scheduling/label_index.h"

#include <algorithm>

namespace hyperwright::scheduling {

LabelIndex::Key& LabelIndex::key_of(std::string_view name) {
  if (const std::size_t* id = ids_.find(name)) return keys_[*id];
  ids_.set(std::string(name), keys_.size());
  return keys_.emplace_back();
}

std::vector<std::uint32_t>& LabelIndex::members_of(Key& key, std::string_view value) {
  if (const std::uint32_t* id = key.ids.find(value)) return key.values[*id].second;
  key.ids.set(std::string(value), static_cast<std::uint32_t>(key.values.size()));
  return key.values.emplace_back(std::string(value), std::vector<std::uint32_t>{}).second;
}

void LabelIndex::add(std::string_view key, std::string_view value, std::size_t member) {
  Key& entry = key_of(key);
  members_of(entry, value).push_back(static_cast<std::uint32_t>(member));
  entry.members.insert(member);
}

void LabelIndex::add(std::string_view key, std::string_view value, const Bitset& members) {
  Key& entry = key_of(key);
  std::vector<std::uint32_t>& list = members_of(entry, value);
  members.for_each([&](std::size_t member) { list.push_back(static_cast<std::uint32_t>(member)); });
  entry.members |= members;
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
