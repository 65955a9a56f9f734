#include "state/seen_capacity.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "kube/well_known.h"

namespace hyperwright::state {
namespace json = boost::json;
namespace {

constexpr std::size_t kPairsMax = 200;
constexpr std::int64_t kMiB = std::int64_t{1024} * 1024;
constexpr std::array kRemembered = {kube::Resource::Cpu, kube::Resource::Memory,
                                    kube::Resource::EphemeralStorage, kube::Resource::Pods};

bool is_bytes(kube::Resource resource) {
  return resource == kube::Resource::Memory || resource == kube::Resource::EphemeralStorage;
}

// Zero: nothing of it was seen.
kube::Resources rounded(const kube::Resources& allocatable) {
  kube::Resources seen;
  for (const kube::Resource resource : kRemembered) {
    const std::int64_t amount = std::max<std::int64_t>(0, allocatable.get(resource));
    seen.set(resource, is_bytes(resource) ? amount - amount % kMiB : amount);
  }
  return seen;
}

kube::Resources decode_amounts(const json::value& value) {
  kube::Resources seen;
  const json::object* object = value.if_object();
  if (object == nullptr) return seen;
  for (const kube::Resource resource : kRemembered) {
    const json::value* text = object->if_contains(kube::to_string(resource));
    if (text == nullptr || !text->is_string()) continue;
    const auto amount = kube::parse_amount(kube::to_string(resource), text->get_string());
    if (amount) seen.set(resource, *amount);
  }
  return rounded(seen);
}

json::object encode_amounts(const kube::Resources& amounts) {
  json::object object;
  amounts.for_each([&](std::string_view name, std::int64_t amount) {
    object[name] = kube::format_amount(name, amount);
  });
  return object;
}

using Pair = std::pair<std::string, std::string>;

// Group and type of a Node that counts; nullopt: it does not.
std::optional<Pair> pair_of(const kube::HyperpodNodeClass& node_class, const kube::Node& node) {
  if (node.meta.labels.get(kube::kInitialized) != "true" || node.meta.is_deleting())
    return std::nullopt;
  std::string group(node.meta.labels.get(kube::kInstanceGroup));
  std::string type(node.meta.labels.get(kube::kInstanceType));
  const bool is_of_class =
      std::ranges::find(node_class.instance_groups, group) != node_class.instance_groups.end();
  if (type.empty() || !is_of_class) return std::nullopt;
  return Pair(std::move(group), std::move(type));
}

bool is_less(std::int64_t shown, std::int64_t seen) {
  return shown != 0 && (seen == 0 || shown < seen);  // zero: not reported
}

}  // namespace

SeenCapacity SeenCapacity::of(const kube::HyperpodNodeClass& node_class) {
  SeenCapacity capacity;
  const std::string_view text = node_class.meta.annotations.get(kube::kSeenCapacity);
  if (text.empty()) return capacity;
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  const json::object* groups = error ? nullptr : value.if_object();
  if (groups == nullptr) return capacity;
  for (const auto& [group, types] : *groups) {
    const json::object* by_type = types.if_object();
    if (by_type == nullptr) continue;
    for (const auto& [type, amounts] : *by_type) {
      if (capacity.seen_.size() == kPairsMax) return capacity;
      capacity.seen_[{std::string(group), std::string(type)}] = decode_amounts(amounts);
    }
  }
  return capacity;
}

std::string SeenCapacity::encode() const {
  json::object groups;
  for (const auto& [pair, amounts] : seen_) {
    json::value& types = groups[pair.first];
    if (types.is_null()) types = json::object{};
    types.get_object()[pair.second] = encode_amounts(amounts);
  }
  return groups.empty() ? std::string{} : json::serialize(groups);
}

void SeenCapacity::note(const kube::HyperpodNodeClass& node_class, const kube::Node& node) {
  const std::optional<Pair> pair = pair_of(node_class, node);
  if (!pair || (seen_.size() >= kPairsMax && !seen_.contains(*pair))) return;
  kube::Resources& seen = seen_[*pair];
  const kube::Resources shown = rounded(node.allocatable);
  for (const kube::Resource resource : kRemembered) {
    const std::int64_t amount = shown.get(resource);
    if (is_less(amount, seen.get(resource))) seen.set(resource, amount);
  }
}

bool SeenCapacity::covers(const kube::HyperpodNodeClass& node_class, const kube::Node& node) const {
  const std::optional<Pair> pair = pair_of(node_class, node);
  if (!pair) return true;
  const auto seen = seen_.find(*pair);
  if (seen == seen_.end()) return seen_.size() >= kPairsMax;
  const kube::Resources shown = rounded(node.allocatable);
  return std::ranges::none_of(kRemembered, [&](kube::Resource resource) {
    return is_less(shown.get(resource), seen->second.get(resource));
  });
}

kube::Resources SeenCapacity::over(kube::Resources expected, std::string_view group,
                                   std::string_view type) const {
  const auto it = seen_.find({std::string(group), std::string(type)});
  if (it == seen_.end()) return expected;
  for (const kube::Resource resource : kRemembered) {
    if (it->second.get(resource) != 0) expected.set(resource, it->second.get(resource));
  }
  return expected;
}

}  // namespace hyperwright::state
