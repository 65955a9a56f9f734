// The list of requirements, one a key: adding, comparing with a node or an offering, and the
// sentences that say why two do not go together.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/requirement.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

// What HyperPod and the health agent put on every node of theirs counts as well-known too: the pod
// that asks for a group or for a healthy node must not be refused capacity because no Node says so
// yet.
constexpr std::array kWellKnown = {kNodePool,
                                   kCapacityType,
                                   kZone,
                                   kRegion,
                                   kInstanceType,
                                   kArch,
                                   kOs,
                                   kWindowsBuild,
                                   kZoneId,
                                   kComputeType,
                                   kInstanceGroup,
                                   kClusterName,
                                   kNodeHealthStatus,
                                   kDeepHealthCheckStatus};

// A well-known key, or a key of the other side, that the missing key may have been meant to be.
std::string typo_hint(std::string_view key, const Requirements& other,
                      bool (*may_be_undefined)(std::string_view)) {
  const std::string_view tail = key.substr(key.find('/') + 1);
  const auto is_meant = [&](std::string_view candidate) {
    return candidate.find(key) != std::string_view::npos || candidate.ends_with(tail);
  };
  const auto hint = [](std::string_view candidate) {
    return fmt::format(" (typo of \"{}\"?)", candidate);
  };
  for (const std::string_view candidate : kWellKnown) {
    if (may_be_undefined(candidate) && is_meant(candidate)) return hint(candidate);
  }
  for (const Requirement& requirement : other) {
    if (is_meant(requirement.key())) return hint(requirement.key());
  }
  return {};
}

bool do_go_together(const Requirement& a, const Requirement& b) {
  return (a.allows_absence() && b.allows_absence()) || a.intersects(b);
}

template <typename List>
auto place(List& list, std::string_view key) {
  return std::lower_bound(
      list.begin(), list.end(), key,
      [](const Requirement& requirement, std::string_view k) { return requirement.key() < k; });
}

// Calls visit(own, other) for every key that both lists have, until it answers false.
template <typename Visit>
void for_each_shared(const Requirements& a, const Requirements& b, Visit visit) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->key() < right->key()) {
      ++left;
    } else if (right->key() < left->key()) {
      ++right;
    } else if (!visit(*left++, *right++)) {
      return;
    }
  }
}

}  // namespace

Requirements Requirements::from(const std::vector<NodeRequirement>& written) {
  Requirements result;
  for (const NodeRequirement& requirement : written) result.add(Requirement::from(requirement));
  return result;
}

Requirements Requirements::from_labels(const StringMap& labels) {
  Requirements result;
  for (const auto& [key, value] : labels) result.add(Requirement::in(key, {value}));
  return result;
}

void Requirements::add(const Requirement& requirement) {
  const auto it = place(list_, requirement.key());
  if (it != list_.end() && it->key() == requirement.key()) {
    *it = it->intersection(requirement);
  } else {
    list_.insert(it, requirement);
  }
}

void Requirements::add(const Requirements& other) {
  for (const Requirement& requirement : other) add(requirement);
}

void Requirements::erase(std::string_view key) {
  const auto it = place(list_, key);
  if (it != list_.end() && it->key() == key) list_.erase(it);
}

const Requirement* Requirements::find(std::string_view key) const {
  const auto it = place(list_, key);
  return it != list_.end() && it->key() == key ? &*it : nullptr;
}

std::vector<std::string> Requirements::conflicts(const Requirements& other) const {
  std::vector<std::string> keys;
  for_each_shared(*this, other, [&](const Requirement& mine, const Requirement& theirs) {
    if (!do_go_together(mine, theirs)) keys.push_back(mine.key());
    return true;
  });
  return keys;
}

std::optional<std::string> Requirements::incompatibility(
    const Requirements& asked, bool (*may_be_undefined)(std::string_view)) const {
  for (const Requirement& requirement : asked) {
    const std::string& key = requirement.key();
    if (requirement.allows_absence() || find(key) != nullptr || may_be_undefined(key)) continue;
    return fmt::format("label \"{}\" does not have known values{}", key,
                       typo_hint(key, *this, may_be_undefined));
  }
  std::optional<std::string> sentence;
  for_each_shared(*this, asked, [&](const Requirement& mine, const Requirement& theirs) {
    if (do_go_together(mine, theirs)) return true;
    sentence = fmt::format("key {}, {} not in {}", mine.key(), theirs.text(), mine.text());
    return false;
  });
  return sentence;
}

std::vector<NodeRequirement> Requirements::written() const {
  std::vector<NodeRequirement> entries;
  for (const Requirement& requirement : list_) {
    for (NodeRequirement& entry : requirement.written()) entries.push_back(std::move(entry));
  }
  return entries;
}

std::string Requirements::text() const {
  std::vector<std::string> texts;
  for (const Requirement& requirement : list_) {
    if (requirement.key() != kHostname) texts.push_back(requirement.text());
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool is_well_known_label(std::string_view key) {
  return std::ranges::find(kWellKnown, key) != kWellKnown.end();
}

bool no_key_may_be_undefined(std::string_view) { return false; }

bool is_restricted_label(std::string_view key) {
  if (is_well_known_label(key)) return false;
  if (key == kHostname) return true;
  const std::string_view domain = key.substr(0, key.find('/'));
  if (domain.size() == key.size()) return false;  // a key without a domain
  if (!domain.ends_with(kKarpenterGroup)) return false;
  return domain.size() == kKarpenterGroup.size() ||
         domain[domain.size() - kKarpenterGroup.size() - 1] == '.';
}

}  // namespace hyperwright::kube
