// Whether pods of one kind can run on what a pool offers. Asked once per kind of pod, level and
// pool; the answer is a set of candidates, narrowed step by step, so that a verdict can say where
// the last of them was lost:
//
//   tolerated   the template's taints are
//   matching    and labels are what one alternative asks for
//   available   and the offering is not without capacity for now
//   fitting     and one pod fits an empty node: resources, host ports, and it is no misfit that was
//   seen before
//
// Two kinds of pods may run together on what is in both of their `fitting` sets: a merge is an AND.
// Open keys, whose value is chosen with the node, are the exception: there the alternatives'
// requirements must meet too.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bitset.h"
#include "kube/pod.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/pod_requirements.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// Which candidates a requirement of labels and taints leaves.
struct LabelFit {
  struct Alternative {
    Bitset matching;
    kube::Requirements asked;  // all of it
    kube::Requirements open;   // the part on keys that some template of the pool leaves open
  };
  Bitset tolerated, matching;  // of any alternative
  std::vector<Alternative> alternatives;
  std::uint32_t id = 0;  // tells them apart, where it was given
};
// `tolerations` nullptr: taints are not looked at.
LabelFit fit_labels(const std::vector<kube::Requirements>& alternatives,
                    const std::vector<kube::Toleration>* tolerations,
                    bool tolerates_prefer_no_schedule, const OfferingCatalogue& catalogue);

// Which candidates have room for one such pod on an empty node, and its host ports free.
Bitset takers(const kube::Resources& requests, const std::vector<kube::HostPort>& ports,
              const OfferingCatalogue& catalogue);

struct Fit {
  struct Alternative {
    Bitset fitting;
    kube::Requirements asked;
    kube::Requirements open;
  };
  Bitset tolerated, matching, available, fitting;  // of any alternative
  std::vector<Alternative> alternatives;
  std::uint32_t id = 0;      // tells fits apart, where it was given
  std::uint32_t labels = 0;  // id of the LabelFit that it was made of
};
// `pod_classes`: what was seen not to be taken by a (group, type) is left out for them.
Fit fit_of(const LabelFit& labels, const Bitset& takers,
           std::span<const state::PodClassId> pod_classes, const OfferingCatalogue& catalogue,
           const state::ClusterState& state);

Fit fit(const kube::Scheduling& pod, const Level& level,
        std::span<const state::PodClassId> pod_classes, const OfferingCatalogue& catalogue,
        const state::ClusterState& state);

// How many times `request` goes into `free`; 0 where any part of `free` is negative.
std::int64_t fit_count(const kube::Resources& request, const kube::Resources& free);
inline constexpr std::int64_t kFitCountMax = 1'000'000;  // of a pod that asks for nothing

}  // namespace hyperwright::scheduling
