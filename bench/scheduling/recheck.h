// Looks at the finished placement alone and says what Kubernetes would not allow, knowing nothing
// of the solver: every pod has one place, nodes hold what was put on them, instance types are those
// that node affinity names, pods that repel each other stand on different nodes, pods with affinity
// within a zone stand in one, and spreads hold.
//
// A spread is a rule of the moment: DoNotSchedule compares the counts that are there when the pod
// comes, and later pods may tilt them. A placement is therefore right when there is an order in
// which its pods can come one by one with every spread held each time. It is searched backwards:
// of the pods that are there, one whose spreads hold beside all others may have come last; it is
// taken away, and so on. Over hosts the search finds an order if there is one, because fewer pods
// never break a spread whose smallest count is 0 (a new host may always come). Over zones it is
// greedy: it takes from the fullest zones first, to keep the rest level. An order that is found is
// a proof; where none is, the pods left over are reported.
#pragma once

#include <string>
#include <vector>

#include "bench/scheduling/workload.h"
#include "scheduling/plan.h"

namespace hyperwright::bench {

// Where each pod of the workload stands.
struct Placement {
  struct Host {
    std::string type;
    std::string zone;
    std::vector<std::size_t> standing;  // shapes of what ran there before
  };
  std::vector<Host> hosts;            // the workload's nodes first, then the new ones
  std::vector<std::size_t> host_of;   // by pod; kUnplaced
  std::vector<std::string> problems;  // pods that were placed twice
  static constexpr std::size_t kUnplaced = static_cast<std::size_t>(-1);
};
Placement placement_of(const scheduling::Plan& plan, const Workload& workload);

struct Recheck {
  std::size_t unplaced = 0;
  std::vector<std::string> problems;  // one sentence each; empty: the placement is right
};
Recheck recheck(const Placement& placement, const Workload& workload);

// The pods whose spreads no order was found for, of the placed ones.
std::vector<std::size_t> spread_violations(const Placement& placement, const Workload& workload);

}  // namespace hyperwright::bench
