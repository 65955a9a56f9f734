#include "scheduling/node_overlay.h"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "hyperpod/mig.h"
#include "kube/condition.h"
#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

constexpr std::size_t kRequirementsMax = 100;
constexpr std::int32_t kWeightMax = 10'000;
constexpr std::int64_t kWholeInPercents = 100'000'000;  // 100 %, in millionths of a per cent
constexpr std::array<std::string_view, 4> kNotOverlaid = {"cpu", "memory", "ephemeral-storage",
                                                          "pods"};

// ".5" counts as "0.5", as Karpenter's schema has it for adjustments.
std::optional<std::int64_t> parse_millionths(std::string_view text) {
  const auto amount = text.starts_with('.') ? hyperpod::parse_dollars(fmt::format("0{}", text))
                                            : hyperpod::parse_dollars(text);
  return amount ? std::optional(amount->micros()) : std::nullopt;
}

std::optional<PriceChange> price_change_of(const kube::NodeOverlay& overlay) {
  if (!overlay.price.empty()) return PriceChange::parse_price(overlay.price);
  if (!overlay.price_adjustment.empty())
    return PriceChange::parse_adjustment(overlay.price_adjustment);
  return std::nullopt;
}

void add_requirement_problems(const kube::NodeOverlay& overlay, std::vector<std::string>& list) {
  if (overlay.requirements.size() > kRequirementsMax) {
    list.push_back(fmt::format("spec.requirements has {} entries, at most {} are allowed",
                               overlay.requirements.size(), kRequirementsMax));
  }
  for (std::size_t i = 0; i < overlay.requirements.size(); ++i) {
    const kube::NodeRequirement& requirement = overlay.requirements[i];
    const auto say = [&](std::string_view what) {
      list.push_back(fmt::format("spec.requirements[{}]: {}", i, what));
    };
    if (const Status valid = kube::validate(requirement); !valid) say(valid.error().text());
    if (requirement.op == kube::NodeOperator::NotIn && requirement.values.empty())
      say("NotIn has no values; list one value or more");
    if (requirement.min_values) say("an overlay launches nothing: remove minValues");
  }
}

void add_price_problems(const kube::NodeOverlay& overlay, std::vector<std::string>& list) {
  if (!overlay.price.empty() && !overlay.price_adjustment.empty())
    list.emplace_back("spec.price and spec.priceAdjustment are both set; remove one");
  if (!overlay.price.empty() && !PriceChange::parse_price(overlay.price)) {
    list.push_back(
        fmt::format("spec.price \"{}\" is no price; write dollars an hour, such as "
                    "\"4.20\"",
                    overlay.price));
  }
  if (!overlay.price_adjustment.empty() &&
      !PriceChange::parse_adjustment(overlay.price_adjustment)) {
    list.push_back(
        fmt::format("spec.priceAdjustment \"{}\" is none; write dollars an hour or a "
                    "share, with a sign: \"-0.50\", \"+10%\", down to \"-100%\"",
                    overlay.price_adjustment));
  }
}

bool is_in_force(const kube::NodeOverlay& overlay) {
  const kube::Condition* valid =
      kube::find_condition(overlay.conditions, kube::node_overlay_condition::kValidationSucceeded);
  return valid != nullptr && valid->status == kube::ConditionStatus::True &&
         valid->observed_generation == overlay.meta.generation && problems(overlay).empty();
}

}  // namespace

std::optional<PriceChange> PriceChange::parse_price(std::string_view text) {
  const auto amount = hyperpod::parse_dollars(text);
  if (!amount) return std::nullopt;
  return PriceChange{By::Replacing, amount->micros()};
}

std::optional<PriceChange> PriceChange::parse_adjustment(std::string_view text) {
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  const std::int64_t sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const auto amount = parse_millionths(text);
  if (!amount || (is_percent && sign < 0 && *amount > kWholeInPercents)) return std::nullopt;
  return PriceChange{is_percent ? By::Scaling : By::Adding, sign * *amount};
}

hyperpod::MicroDollars PriceChange::of(hyperpod::MicroDollars usual) const {
  Wide micros = amount;
  if (by == By::Adding) micros = Wide{usual.micros()} + amount;
  if (by == By::Scaling)  // rounded half up
    micros = (Wide{usual.micros()} * (Wide{kWholeInPercents} + amount) + kWholeInPercents / 2) /
             kWholeInPercents;
  micros = std::clamp<Wide>(micros, 0, INT64_MAX);
  return hyperpod::MicroDollars(static_cast<std::int64_t>(micros));
}

std::vector<std::string> problems(const kube::NodeOverlay& overlay) {
  std::vector<std::string> list = overlay.decode_problems;
  add_requirement_problems(overlay, list);
  add_price_problems(overlay, list);
  for (const std::string_view name : kNotOverlaid) {
    if (overlay.capacity.get(name) != 0)
      list.push_back(fmt::format("spec.capacity: {} cannot be overlaid; remove it", name));
  }
  overlay.capacity.for_each([&](std::string_view name, std::int64_t amount) {
    if (amount < 0) list.push_back(fmt::format("spec.capacity: {} is below 0", name));
  });
  if (overlay.weight < 0 || overlay.weight > kWeightMax)
    list.push_back(
        fmt::format("spec.weight {} is not within 1 and {}", overlay.weight, kWeightMax));
  return list;
}

std::vector<const kube::NodeOverlay*> overlays_in_order(const state::ClusterState& state) {
  std::vector<const kube::NodeOverlay*> list;
  for (const auto& [key, overlay] : state.objects<kube::NodeOverlay>()) {
    if (!overlay.meta.is_deleting()) list.push_back(&overlay);
  }
  std::ranges::sort(list, std::ranges::greater{}, [](const kube::NodeOverlay* overlay) {
    return std::tie(overlay->weight, overlay->meta.name);
  });
  return list;
}

bool is_met_by(const kube::Requirements& requirements, const kube::StringMap& labels) {
  return std::ranges::all_of(requirements, [&](const kube::Requirement& requirement) {
    const std::string* value = labels.find(requirement.key());
    return value == nullptr ? requirement.allows_absence() : requirement.has(*value);
  });
}

NodeOverlays::NodeOverlays(const state::ClusterState& state) {
  if (!state.options().gates.node_overlay) return;
  for (const kube::NodeOverlay* overlay : overlays_in_order(state)) {
    if (!is_in_force(*overlay)) continue;
    list_.push_back({kube::Requirements::from(overlay->requirements), price_change_of(*overlay),
                     overlay->capacity});
  }
}

std::optional<hyperpod::MicroDollars> NodeOverlays::price(const kube::StringMap& labels,
                                                          hyperpod::MicroDollars usual) const {
  for (const Overlay& overlay : list_) {
    if (overlay.price && is_met_by(overlay.requirements, labels)) return overlay.price->of(usual);
  }
  return std::nullopt;
}

kube::Resources NodeOverlays::capacity(const kube::StringMap& labels) const {
  kube::Resources set;
  for (const Overlay& overlay : list_) {
    if (overlay.capacity.is_zero() || !is_met_by(overlay.requirements, labels)) continue;
    set = overlaid(overlay.capacity, set);
  }
  return set;
}

kube::Resources overlaid(kube::Resources resources, const kube::Resources& overlay) {
  overlay.for_each(
      [&](std::string_view name, std::int64_t amount) { resources.set(name, amount); });
  return resources;
}

kube::Resources promised_capacity(const hyperpod::InstanceType& type, const kube::StringMap& labels,
                                  const NodeOverlays& overlays) {
  return overlaid(hyperpod::capacity_of(type, labels), overlays.capacity(labels));
}

kube::Resources promised_allocatable(const hyperpod::InstanceType& type,
                                     const kube::StringMap& labels, const NodeOverlays& overlays) {
  return overlaid(hyperpod::allocatable_of(type, labels), overlays.capacity(labels));
}

}  // namespace hyperwright::scheduling
