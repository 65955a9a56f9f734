// Pods that the solver need not tell apart, with their number: what it works on instead of pods.
//
// Pods of one class (state/pod_classes.h) are one demand, unless the cluster's default spread
// (default_spread.h) or where their volumes are (volumes.h) tells them apart, and so are classes
// that ask the same: namespace and labels count only as far as a constraint between pods reads
// them. Demands are in the order in which they are served: the most important first, then
// accelerators, then by cpu and memory, largest first (as in Karpenter), then the oldest; within a
// demand the oldest pod is first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kube/pod.h"
#include "scheduling/default_spread.h"
#include "scheduling/fit_cache.h"
#include "scheduling/pod_requirements.h"
#include "scheduling/topology.h"
#include "scheduling/volumes.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

struct Demand {
  const kube::Scheduling* pod = nullptr;
  std::vector<state::PodClassId> pod_classes;
  std::vector<const state::PodRecord*> pods;
  PodRequirements requirements;
  std::vector<QuestionId> questions;        // by level
  std::vector<std::vector<GroupId>> owned;  // by level: constraints between pods, sorted
  std::vector<GroupId> counted;             // groups that count these pods, sorted
  std::vector<AttachedOfDriver> attached;   // volumes of each pod that some node limits
  SizeId size = 0;
  std::size_t level = 0;  // of `requirements`, at which a place is sought
  std::int64_t left = 0;  // pods without a place
  std::size_t named = 0;  // the first so many of `pods` are written into the plan

  [[nodiscard]] bool is_counted_by(GroupId group) const {
    return std::ranges::binary_search(counted, group);
  }
  // Their pods can stand where the others' pods do.
  [[nodiscard]] bool could_replace(const Demand& other) const {
    return size == other.size && questions == other.questions && owned == other.owned &&
           counted == other.counted && attached.empty() && other.attached.empty();
  }
  // The next `count` UIDs go to `to`.
  void name_pods(std::int64_t count, std::vector<std::string>& to) {
    for (; count > 0; --count) to.push_back(pods[named++]->pod.meta.uid);
  }
};

// Interns what the pods ask in `spread`, `volumes`, `topology` and `cache`, which must outlive the
// demands.
std::vector<Demand> demands_of(const state::ClusterState& state,
                               std::span<const state::PodRecord* const> pods,
                               bool has_prefer_no_schedule, DefaultSpread& spread, Volumes& volumes,
                               Topology& topology, FitCache& cache);

}  // namespace hyperwright::scheduling
