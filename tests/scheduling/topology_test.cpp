// Constraints between pods where scenarios do not reach: pods that are promised a place and not
// bound yet, and what a verdict says.
#include "scheduling/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

kube::Pod labelled(ClusterBuilder& cluster, std::string_view name, std::string_view app) {
  kube::Pod pod = cluster.pod(name);
  pod.meta.labels.set("app", app);
  pod.scheduling.requests.set(kube::Resource::Cpu, 100);
  return pod;
}

kube::PodAffinityTerm near(std::string_view app, std::string_view key) {
  kube::PodAffinityTerm term;
  term.topology_key = key;
  term.selector = kube::LabelSelector{{{"app", std::string(app)}}, {}};
  return term;
}

Plan solve_checked(ClusterBuilder& cluster) {
  const auto pods = cluster.waiting();
  Plan plan = solve(cluster.state(), pods, cluster.now());
  EXPECT_THAT(problems_of(plan, cluster.state(), pods, cluster.now()), IsEmpty());
  return plan;
}

TEST(Topology, APodThatIsPromisedAPlaceKeepsOthersAwayBeforeItIsBound) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod shy = labelled(cluster, "shy", "shy");
  shy.scheduling.required_pod_anti_affinity = {near("web", kube::kHostname)};
  cluster.put_pod(shy);
  cluster.carry_out(cluster.solve(), ClusterBuilder::Until::Created);
  cluster.put_pod(labelled(cluster, "web", "web"));
  const Plan plan = solve_checked(cluster);
  EXPECT_THAT(plan.placed, IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(1));
}

// The same, while other pods have constraints of their own.
TEST(Topology, WhatKeepsOthersAwayIsKnownWhoeverComesNext) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod shy = labelled(cluster, "shy", "shy");
  shy.scheduling.required_pod_anti_affinity = {near("web", kube::kHostname)};
  cluster.put_pod(shy);
  cluster.carry_out(cluster.solve(), ClusterBuilder::Until::Created);
  kube::Pod web = labelled(cluster, "web", "web");
  web.scheduling.required_pod_anti_affinity = {near("web", kube::kHostname)};
  cluster.put_pod(web);
  EXPECT_THAT(solve_checked(cluster).new_nodes, SizeIs(1));
}

TEST(Topology, ALimitThatIsReachedIsToldAlsoOfPodsThatSpread) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  pool.limits = kube::Limits{{{"nodes", 0}}};
  cluster.put_pool(pool);
  kube::Pod web = labelled(cluster, "web", "web");
  kube::TopologySpreadConstraint spread;
  spread.topology_key = kube::kZone;
  spread.selector = kube::LabelSelector{{{"app", "web"}}, {}};
  web.scheduling.topology_spread = {spread};
  cluster.put_pod(web);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.unplaced, SizeIs(1));
  EXPECT_THAT(plan.unplaced[0].verdict(),
              testing::StartsWith("NodePool \"default\": limit nodes 0 is reached"));
}

void put_namespace(ClusterBuilder& cluster, std::string name, std::string team) {
  kube::Namespace made;
  made.meta.name = std::move(name);
  made.meta.labels.set("team", team);
  cluster.put(made);
}

TEST(Topology, WhichNamespacesAreSelectedIsSaidByTheLabelsThatTheyHaveNow) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  put_namespace(cluster, "other", "b");
  kube::Pod target = labelled(cluster, "target", "web");
  target.meta.namespace_ = "other";
  cluster.put_pod(target);
  cluster.carry_out(cluster.solve());
  kube::Pod follower = labelled(cluster, "follower", "follower");
  follower.scheduling.required_pod_affinity = {near("web", kube::kZone)};
  follower.scheduling.required_pod_affinity[0].namespace_selector =
      kube::LabelSelector{{{"team", "a"}}, {}};
  cluster.put_pod(follower);
  EXPECT_THAT(solve_checked(cluster).unplaced, SizeIs(1));
  put_namespace(cluster, "other", "a");
  EXPECT_THAT(solve_checked(cluster).unplaced, IsEmpty());
}

// Kubernetes has a Namespace before it has pods in it; the two come by different watches.
TEST(Topology, ANamespaceThatIsNotThereYetHasNoLabels) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(labelled(cluster, "web", "web"));
  cluster.carry_out(cluster.solve());
  const auto new_nodes_for = [&](kube::LabelSelector namespaces) {
    kube::Pod shy = labelled(cluster, "shy", "shy");
    shy.scheduling.required_pod_anti_affinity = {near("web", kube::kHostname)};
    shy.scheduling.required_pod_anti_affinity[0].namespace_selector = std::move(namespaces);
    cluster.put_pod(shy);
    return solve_checked(cluster).new_nodes.size();
  };
  EXPECT_EQ(new_nodes_for({{{"team", "a"}}, {}}), 0U);
  EXPECT_EQ(new_nodes_for({{}, {{"team", kube::SelectorOperator::DoesNotExist, {}}}}), 1U);
  EXPECT_EQ(new_nodes_for({}), 1U);
}

// Two pods of one size, each on a node of its own: only one is what the follower wants to be near
// to.
TEST(Topology, WhoWantsCompanyJoinsTheNodeThatHasIt) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  for (const char* app : {"aside", "web"}) {
    kube::Pod pod = labelled(cluster, app, app);
    pod.scheduling.requests.set(kube::Resource::Cpu, 1'500);
    cluster.put_pod(pod);
  }
  kube::Pod follower = labelled(cluster, "follower", "follower");
  follower.scheduling.required_pod_affinity = {near("web", kube::kHostname)};
  cluster.put_pod(follower);
  EXPECT_THAT(solve_checked(cluster).unplaced, IsEmpty());
}

// kube-scheduler's rule: the terms of one pod say together whom it is to be near to.
TEST(Topology, SeveralTermsOfAffinityAskForPodsThatAllOfThemSelect) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  const auto put = [&](std::string_view name, std::string_view app, bool is_lead) {
    kube::Pod pod = labelled(cluster, name, app);
    if (is_lead) pod.meta.labels.set("lead", "yes");
    cluster.put_pod(pod);
    cluster.carry_out(cluster.solve());
  };
  put("web", "web", false);
  put("lead", "db", true);
  kube::Pod follower = labelled(cluster, "follower", "follower");
  follower.scheduling.required_pod_affinity = {near("web", kube::kHostname),
                                               near("web", kube::kZone)};
  follower.scheduling.required_pod_affinity[1].selector =
      kube::LabelSelector{{{"lead", "yes"}}, {}};
  cluster.put_pod(follower);
  EXPECT_THAT(solve_checked(cluster).unplaced, SizeIs(1));
  put("both", "web", true);
  EXPECT_THAT(solve_checked(cluster).unplaced, IsEmpty());
}

// kube-scheduler's rule: the two on the node without a rack are not looked at.
TEST(Topology, ASpreadLooksAtNodesThatHaveTheKeysOfThePodsOtherSpreads) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  pool.template_labels.set("rack", "r1");
  cluster.put_pool(pool);
  cluster.put_node({.name = "old", .pool = ""});
  for (const char* name : {"old-1", "old-2", "web-1", "web-2", "web-3"}) {
    kube::Pod web = labelled(cluster, name, "web");
    if (std::string_view(name).starts_with("old")) {
      web.node_name = "old";
      web.phase = kube::PodPhase::Running;
      web.scheduled_reason.clear();
    } else {
      kube::TopologySpreadConstraint spread;
      spread.topology_key = kube::kZone;
      spread.max_skew = 1;
      spread.selector = kube::LabelSelector{{{"app", "web"}}, {}};
      web.scheduling.topology_spread = {spread, spread};
      web.scheduling.topology_spread[1].topology_key = "rack";
      web.scheduling.topology_spread[1].max_skew = 5;
    }
    cluster.put_pod(web);
  }
  const Plan plan = solve_checked(cluster);
  EXPECT_THAT(plan.unplaced, IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(3));
}

// A web pod in z3 on a node that is going, and three to place where no pool has z3.
class ZoneThatIsGoing : public testing::Test {
 protected:
  ZoneThatIsGoing() {
    kube::NodePool pool = cluster_.pool("default");
    pool.template_spec.requirements = {
        {std::string(kube::kZone), kube::NodeOperator::In, {"z1", "z2"}, {}}};
    pool.template_labels.set("tier", "one");
    cluster_.put_pool(pool);
  }

  std::size_t placed_beside(NodeShape going, const kube::TopologySpreadConstraint& written) {
    going.zone = "z3";
    going.is_deleting = true;
    cluster_.put_node(going);
    for (const char* name : {"stays", "web-1", "web-2", "web-3"}) {
      kube::Pod web = labelled(cluster_, name, "web");
      if (std::string_view(name) == "stays") {
        web.node_name = going.name;
        web.phase = kube::PodPhase::Running;
        web.scheduled_reason.clear();
      } else {
        web.scheduling.topology_spread = {written};
        web.scheduling.node_selector.set("tier", "one");
      }
      cluster_.put_pod(web);
    }
    const Plan plan = solve_checked(cluster_);
    return plan.unplaced.empty() ? 3 : 3 - plan.unplaced[0].pods.size();
  }

  // Three zones or more: with fewer each may have one pod only.
  static kube::TopologySpreadConstraint spread_over_three_zones() {
    kube::TopologySpreadConstraint spread;
    spread.topology_key = kube::kZone;
    spread.max_skew = 1;
    spread.min_domains = 3;
    spread.selector = kube::LabelSelector{{{"app", "web"}}, {}};
    return spread;
  }

  ClusterBuilder cluster_;
};

// kube-scheduler's rule: a Node is a domain until it is gone.
TEST_F(ZoneThatIsGoing, IsADomainAsLongAsPodsAreThere) {
  EXPECT_EQ(placed_beside({.name = "old", .pool = "", .labels = {{"tier", "one"}}},
                          spread_over_three_zones()),
            3U);
}

TEST_F(ZoneThatIsGoing, IsNoneForPodsThatMayNotRunOnItsNodes) {
  EXPECT_EQ(placed_beside({.name = "old", .pool = ""}, spread_over_three_zones()), 2U);
}

TEST_F(ZoneThatIsGoing, IsNoneForPodsThatHonorATaintOfItsNodes) {
  NodeShape tainted{.name = "old", .pool = "", .labels = {{"tier", "one"}}};
  tainted.taints = {{"team", "", kube::TaintEffect::NoSchedule}};
  kube::TopologySpreadConstraint spread = spread_over_three_zones();
  spread.node_taints_policy = kube::NodeInclusionPolicy::Honor;
  EXPECT_EQ(placed_beside(tainted, spread), 2U);
}

}  // namespace
}  // namespace hyperwright::scheduling
