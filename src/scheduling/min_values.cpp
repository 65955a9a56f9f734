#include "scheduling/min_values.h"

#include <algorithm>
#include <optional>

namespace hyperwright::scheduling {
namespace {

std::size_t asked(const MinValues& key) { return static_cast<std::size_t>(std::max(0, key.count)); }

}  // namespace

std::vector<std::size_t> open_values(const OfferingCatalogue& catalogue, const Bitset& set) {
  std::vector<std::size_t> values;
  values.reserve(catalogue.min_values.size());
  for (const MinValues& key : catalogue.min_values)
    values.push_back(catalogue.labels.count_values(key.key, set));
  return values;
}

bool keeps_min_values(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
                      const Counts& pods, const Bitset& holders) {
  if (holders.empty()) return false;
  for (std::size_t i = 0; i < catalogue.min_values.size(); ++i) {
    std::size_t wanted = asked(catalogue.min_values[i]);
    if (catalogue.min_values_policy == state::MinValuesPolicy::BestEffort) {
      for (const auto& [id, count] : pods) wanted = std::min(wanted, classes[id].open_values[i]);
    }
    if (catalogue.labels.count_values(catalogue.min_values[i].key, holders) < wanted) return false;
  }
  return true;
}

bool write_min_values(const OfferingCatalogue& catalogue, const Bitset& holders,
                      kube::Requirements& requirements) {
  bool is_relaxed = false;
  for (const MinValues& key : catalogue.min_values) {
    const std::vector<std::string> values = catalogue.labels.values(key.key, holders);
    const std::size_t left = std::min(values.size(), asked(key));
    is_relaxed |= left < asked(key);
    // Without a value the key is left to the pods (templates.h), and a minValues of 0 may not be
    // written.
    kube::Requirement kept =
        values.empty() ? *requirements.find(key.key) : kube::Requirement::in(key.key, values);
    kept.set_min_values(left == 0 ? std::nullopt : std::optional(static_cast<std::int32_t>(left)));
    requirements.erase(key.key);
    requirements.add(kept);
  }
  return is_relaxed;
}

std::vector<std::string> types_for_claim(const OfferingCatalogue& catalogue, const Bitset& holders,
                                         std::size_t count) {
  std::vector<std::string> types;
  const auto is_named = [&](const std::string& type) {
    return std::ranges::find(types, type) != types.end();
  };
  if (catalogue.min_values.empty()) {
    holders.for_each([&](std::size_t id) {
      const std::string& type = catalogue.candidates[id].offering.key.type;
      if (types.size() < count && !is_named(type)) types.push_back(type);
    });
    return types;
  }
  const std::vector<std::size_t> all = open_values(catalogue, holders);
  Bitset named;
  const auto are_enough = [&] {
    if (types.size() < count) return false;
    const std::vector<std::size_t> open = open_values(catalogue, named);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i] < std::min(all[i], asked(catalogue.min_values[i]))) return false;
    }
    return true;
  };
  holders.for_each([&](std::size_t id) {
    const std::string& type = catalogue.candidates[id].offering.key.type;
    if (!is_named(type)) {
      if (are_enough()) return;
      types.push_back(type);
    }
    named.insert(id);
  });
  return types;
}

}  // namespace hyperwright::scheduling
