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

// What makes two classes one demand.
using Key = std::tuple<SizeId, std::int32_t, std::vector<QuestionId>,
                       std::vector<std::vector<GroupId>>, std::vector<GroupId>, std::string>;

// One class of the batch, before it is known who else asks the same.
struct Asked {
  state::PodClassId pod_class = 0;
  PodRequirements requirements;
  std::vector<QuestionId> questions;
  std::vector<std::vector<GroupId>> owned;
};

Asked ask(const state::ClusterState& state, state::PodClassId id, bool has_prefer_no_schedule,
          Topology& topology, FitCache& cache) {
  const state::PodClass& pod = state.pod_classes().get(id);
  Asked asked{.pod_class = id,
              .requirements = requirements_of(pod.scheduling, has_prefer_no_schedule),
              .questions = {},
              .owned = {}};
  for (const Level& level : asked.requirements.levels) {
    asked.questions.push_back(cache.question(level, pod.scheduling.tolerations));
    std::vector<GroupId>& owned = asked.owned.emplace_back();
    for (const TopologyTerm& term : terms_of(pod, level)) {
      const GroupId group = topology.intern(term);
      topology.group(group).has_owners_in_batch = true;
      owned.push_back(group);
    }
    std::ranges::sort(owned);
    const auto same = std::ranges::unique(owned);
    owned.erase(same.begin(), same.end());
  }
  return asked;
}

}  // namespace

std::vector<Demand> demands_of(const state::ClusterState& state,
                               std::span<const state::PodRecord* const> pods,
                               bool has_prefer_no_schedule, Topology& topology, FitCache& cache) {
  constexpr std::size_t kNone = SIZE_MAX;
  std::vector<std::size_t> by_class(state.pod_classes().size(), kNone);
  std::vector<Asked> asked;
  for (const state::PodRecord* record : pods) {
    if (by_class[record->pod_class] != kNone) continue;
    by_class[record->pod_class] = asked.size();
    asked.push_back(ask(state, record->pod_class, has_prefer_no_schedule, topology, cache));
  }
  topology.intern_placed();

  std::vector<Demand> demands;
  std::map<Key, std::size_t> known;
  std::vector<std::size_t> demand_of;  // by place in `asked`
  for (Asked& each : asked) {
    const kube::Scheduling& pod = state.pod_classes().get(each.pod_class).scheduling;
    const SizeId size = cache.size(pod.requests, pod.host_ports);
    const std::vector<GroupId>& counted = topology.counting(each.pod_class);
    const auto [it, is_new] = known.try_emplace(
        {size, pod.priority, each.questions, each.owned, counted, each.requirements.rejection},
        demands.size());
    if (is_new) {
      Demand& demand = demands.emplace_back();
      demand.pod = &pod;
      demand.requirements = std::move(each.requirements);
      demand.questions = std::move(each.questions);
      demand.owned = std::move(each.owned);
      demand.counted = counted;
      demand.size = size;
    }
    demands[it->second].pod_classes.push_back(each.pod_class);
    demand_of.push_back(it->second);
  }
  for (const state::PodRecord* record : pods)
    demands[demand_of[by_class[record->pod_class]]].pods.push_back(record);
  for (Demand& demand : demands) {
    std::ranges::sort(demand.pods, {}, age);
    demand.left = static_cast<std::int64_t>(demand.pods.size());
  }
  std::ranges::sort(demands, [](const Demand& a, const Demand& b) {
    if (a.pod->priority != b.pod->priority) return a.pod->priority > b.pod->priority;
    const auto left = size_of(*a.pod);
    const auto right = size_of(*b.pod);
    return left != right ? left > right : age(a.pods.front()) < age(b.pods.front());
  });
  return demands;
}

}  // namespace hyperwright::scheduling
