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

constexpr state::PodClassId kTogether = UINT32_MAX;

// What makes two classes one demand.
using Key =
    std::tuple<SizeId, std::int32_t, std::vector<QuestionId>, std::vector<std::vector<GroupId>>,
               std::vector<GroupId>, std::vector<AttachedOfDriver>, std::string, state::PodClassId>;

// One class of the batch, or a variant of it, before it is known who else asks the same.
struct Asked {
  state::PodClassId pod_class = 0;
  const state::PodClass* pod = nullptr;
  const VolumeDemand* volumes = nullptr;
  bool is_alone = false;  // something is known of its pods that does not hold for others
  PodRequirements requirements;
  std::vector<QuestionId> questions;
  std::vector<std::vector<GroupId>> owned;
};

// `pod`: the class, or a variant of it. `volumes`: what its volumes ask; nullptr: it mounts none.
Asked ask(const state::ClusterState& state, state::PodClassId id, const state::PodClass& pod,
          const VolumeDemand* volumes, bool has_prefer_no_schedule, Topology& topology,
          FitCache& cache) {
  Asked asked{.pod_class = id,
              .pod = &pod,
              .volumes = volumes,
              .is_alone = false,
              .requirements = requirements_of(pod.scheduling, has_prefer_no_schedule,
                                              state.options().preference_policy, volumes),
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

// The class that tells which nodes did not take the pod: with its claims, if they may be why.
state::PodClassId misfit_class_of(const state::ClusterState& state,
                                  const state::PodRecord& record) {
  if (!state.has_misfits()) return record.pod_class;
  return state.pod_classes()
      .find_with_claims(record.pod_class, record.pod)
      .value_or(record.pod_class);
}

}  // namespace

std::vector<Demand> demands_of(const state::ClusterState& state,
                               std::span<const state::PodRecord* const> pods,
                               bool has_prefer_no_schedule, DefaultSpread& spread, Volumes& volumes,
                               Topology& topology, FitCache& cache) {
  constexpr std::size_t kNone = SIZE_MAX;
  constexpr std::size_t kByVolumes = SIZE_MAX - 1;
  std::vector<std::size_t> by_variant(state.pod_classes().size(), kNone);
  std::vector<Asked> asked;
  std::map<std::tuple<VariantId, Volumes::Id, state::PodClassId>, std::size_t> by_volumes;
  std::vector<std::size_t> asked_by;  // by pod: its place in `asked`
  asked_by.reserve(pods.size());
  for (const state::PodRecord* record : pods) {
    const VariantId id = spread.variant_of(*record);
    if (by_variant.size() <= id) by_variant.resize(id + 1, kNone);
    if (by_variant[id] == kNone) {
      const state::PodClass& pod = spread.get(id);
      const bool has_volumes = !pod.scheduling.volume_claims.empty();
      by_variant[id] = has_volumes ? kByVolumes : asked.size();
      if (!has_volumes) {
        asked.push_back(
            ask(state, record->pod_class, pod, nullptr, has_prefer_no_schedule, topology, cache));
      }
    }
    if (by_variant[id] != kByVolumes) {
      asked_by.push_back(by_variant[id]);
      continue;
    }
    // Pods of one class mount claims of their own, which may be in different places.
    const Volumes::Id mounted = volumes.demand_of(*record);
    const state::PodClassId pod_class = misfit_class_of(state, *record);
    const auto [it, is_new] = by_volumes.try_emplace({id, mounted, pod_class}, asked.size());
    if (is_new) {
      asked.push_back(ask(state, pod_class, spread.get(id), &volumes.get(mounted),
                          has_prefer_no_schedule, topology, cache));
      asked.back().is_alone = pod_class != record->pod_class;
    }
    asked_by.push_back(it->second);
  }
  std::vector<state::PodClassId> classes;
  for (const Asked& each : asked) classes.push_back(each.pod_class);
  topology.intern_placed(classes);

  std::vector<Demand> demands;
  std::map<Key, std::size_t> known;
  std::vector<std::size_t> demand_of;  // by place in `asked`
  for (Asked& each : asked) {
    const kube::Scheduling& pod = each.pod->scheduling;
    const SizeId size = cache.size(pod.requests, pod.host_ports);
    const std::vector<GroupId>& counted = topology.counting(each.pod_class);
    const auto attached =
        each.volumes == nullptr ? std::vector<AttachedOfDriver>{} : each.volumes->attached;
    const auto [it, is_new] =
        known.try_emplace({size, pod.priority, each.questions, each.owned, counted, attached,
                           each.requirements.rejection, each.is_alone ? each.pod_class : kTogether},
                          demands.size());
    if (is_new) {
      Demand& demand = demands.emplace_back();
      demand.pod = &pod;
      demand.requirements = std::move(each.requirements);
      demand.questions = std::move(each.questions);
      demand.owned = std::move(each.owned);
      demand.counted = counted;
      demand.attached = attached;
      demand.size = size;
    }
    demands[it->second].pod_classes.push_back(each.pod_class);
    demand_of.push_back(it->second);
  }
  for (std::size_t i = 0; i < pods.size(); ++i)
    demands[demand_of[asked_by[i]]].pods.push_back(pods[i]);
  for (Demand& demand : demands) {
    // They mostly come in this order.
    if (!std::ranges::is_sorted(demand.pods, {}, age)) std::ranges::sort(demand.pods, {}, age);
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
