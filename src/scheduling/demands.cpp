#include "scheduling/demands.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace hyperwright::scheduling {
namespace {

auto age(const state::PodRecord* record) {
  const kube::ObjectMeta& meta = record->pod.meta;
  return std::tie(meta.creation_time, meta.namespace_, meta.name);
}

// Larger is served first.
auto size_of(const kube::Scheduling& pod) {
  using kube::Resource;
  const auto amount = [&](Resource resource) { return pod.requests.get(resource); };
  return std::tuple(amount(Resource::NvidiaGpu), amount(Resource::Neuron),
                    amount(Resource::NeuronCore), amount(Resource::Cpu), amount(Resource::Memory));
}

struct BySpecification {
  bool operator()(const kube::Scheduling* a, const kube::Scheduling* b) const { return *a < *b; }
};

}  // namespace

std::vector<Demand> demands_of(const state::ClusterState& state,
                               std::span<const state::PodRecord* const> pods,
                               bool has_prefer_no_schedule) {
  constexpr std::size_t kNone = SIZE_MAX;
  std::vector<Demand> demands;
  std::vector<std::size_t> by_class(state.pod_classes().size(), kNone);
  std::map<const kube::Scheduling*, std::size_t, BySpecification> by_specification;
  for (const state::PodRecord* record : pods) {
    std::size_t& known = by_class[record->pod_class];
    if (known == kNone) {
      const kube::Scheduling& pod = state.pod_classes().get(record->pod_class).scheduling;
      const auto [it, is_new] = by_specification.try_emplace(&pod, demands.size());
      if (is_new) {
        demands.emplace_back();
        demands.back().pod = &pod;
        demands.back().requirements = requirements_of(pod, has_prefer_no_schedule);
      }
      known = it->second;
      demands[known].pod_classes.push_back(record->pod_class);
    }
    demands[known].pods.push_back(record);
  }
  for (Demand& demand : demands) {
    std::ranges::sort(demand.pods, {}, age);
    demand.left = static_cast<std::int64_t>(demand.pods.size());
  }
  std::ranges::sort(demands, [](const Demand& a, const Demand& b) {
    const auto left = size_of(*a.pod);
    const auto right = size_of(*b.pod);
    return left != right ? left > right : age(a.pods.front()) < age(b.pods.front());
  });
  return demands;
}

}  // namespace hyperwright::scheduling
