// Plans that look balanced in the end, and that the scheduler could not carry out in any order.
#include "scheduling/binding_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const kube::LabelSelector kCounted{{{"counted", "yes"}}, {}};

// Zones z1 and z2; a pod in z1, and pods that are counted with it by a spread over zones.
class TwoZones : public testing::Test {
 protected:
  TwoZones() {
    cluster_.set_zones({"z1", "z2"});
    for (hyperpod::InstanceGroup& group : cluster_.groups())
      group.subnets = {"subnet-z1", "subnet-z2"};
    cluster_.put_pool(cluster_.pool("default"));
    kube::NodePool full = cluster_.pool("full");
    full.limits = kube::Limits{{{"nodes", 0}}};
    cluster_.put_pool(full);
    cluster_.put_node({.name = "node", .pool = "default", .type = "small-instance-type"});
    kube::Pod old = pod("old", "z1");
    old.scheduling.requests.set(kube::Resource::Cpu, 1'900);
    old.node_name = "node";
    old.phase = kube::PodPhase::Running;
    old.scheduled_reason.clear();
    cluster_.put_pod(old);
  }

  kube::Pod pod(std::string_view name, std::string_view zone) {
    kube::Pod made = cluster_.pod(name);
    made.meta.labels.set("counted", "yes");
    made.meta.labels.set("name", name);
    made.scheduling.requests.set(kube::Resource::Cpu, 500);
    made.scheduling.node_selector.set(kube::kZone, zone);
    return made;
  }

  // In z1, as long as there is one in z2 already.
  kube::Pod balanced() {
    kube::Pod made = pod("balanced", "z1");
    kube::TopologySpreadConstraint spread;
    spread.topology_key = kube::kZone;
    spread.selector = kCounted;
    spread.node_affinity_policy = kube::NodeInclusionPolicy::Ignore;
    made.scheduling.topology_spread = {spread};
    return made;
  }

  // In z2, as long as `balanced` is there already.
  kube::Pod follower() {
    kube::Pod made = pod("follower", "z2");
    kube::PodAffinityTerm term;
    term.topology_key = kube::kCapacityType;
    term.selector = kube::LabelSelector{{{"name", "balanced"}}, {}};
    made.scheduling.required_pod_affinity = {term};
    return made;
  }

  Plan solve_checked() {
    const auto pods = cluster_.waiting();
    Plan plan = solve(cluster_.state(), pods, cluster_.now());
    EXPECT_THAT(problems_of(plan, cluster_.state(), pods, cluster_.now(),
                            checker::SpreadHolds::InSomeOrder),
                IsEmpty());
    return plan;
  }

  ClusterBuilder cluster_;
};

TEST_F(TwoZones, APodThatAnotherCountsOnComesFirst) {
  cluster_.put_pod(balanced());
  cluster_.put_pod(follower());
  cluster_.put_pod(pod("other", "z2"));
  EXPECT_THAT(solve_checked().unplaced, IsEmpty());
}

// The one that could have come first finds no node: its pool is at its limit. The two others would
// be in balance, and wait for each other.
TEST_F(TwoZones, PodsThatWaitForEachOtherGetNoNodes) {
  cluster_.put_pod(balanced());
  cluster_.put_pod(follower());
  kube::Pod other = pod("other", "z2");
  other.scheduling.node_selector.set(kube::kNodePool, "full");
  cluster_.put_pod(other);
  const Plan plan = solve_checked();
  EXPECT_THAT(plan.new_nodes, IsEmpty());
  EXPECT_THAT(plan.unplaced, SizeIs(3));
}

}  // namespace
}  // namespace hyperwright::scheduling
