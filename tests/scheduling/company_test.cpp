// Pods that go first by their own affinity, and the pods that it selects.
#include "scheduling/company.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Labels are their own values: "web" is web: web.
kube::Pod pod(ClusterBuilder& cluster, std::string_view name,
              const std::vector<std::string>& labels) {
  kube::Pod made = cluster.pod(name);
  for (const std::string& label : labels) made.meta.labels.set(label, label);
  made.scheduling.requests.set(kube::Resource::Cpu, 100);
  return made;
}

kube::PodAffinityTerm near(const std::string& label, std::string_view key) {
  kube::PodAffinityTerm term;
  term.topology_key = key;
  term.selector = kube::LabelSelector{{{label, label}}, {}};
  return term;
}

Plan solve_checked(ClusterBuilder& cluster) {
  const auto pods = cluster.waiting();
  Plan plan = solve(cluster.state(), pods, cluster.now());
  EXPECT_THAT(
      problems_of(plan, cluster.state(), pods, cluster.now(), checker::SpreadHolds::InSomeOrder),
      IsEmpty());
  return plan;
}

// The first selects itself and the second, on a node; the second must be in the first one's zone.
TEST(Company, PodsThatComeAfterTheFirstJoinItWhereItSelectsThem) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod first = pod(cluster, "first", {"lead", "web"});
  first.scheduling.required_pod_affinity = {near("web", kube::kHostname)};
  cluster.put_pod(first);
  kube::Pod second = pod(cluster, "second", {"web"});
  second.scheduling.required_pod_affinity = {near("lead", kube::kZone)};
  cluster.put_pod(second);
  const Plan plan = solve_checked(cluster);
  EXPECT_THAT(plan.unplaced, IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(1));
}

// No type takes both. Whoever must stand beside the other waits for it, not the other way round.
TEST(Company, WhomOthersCannotJoinDoesNotGoFirst) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod needy = pod(cluster, "needy", {"web"});
  needy.scheduling.required_pod_affinity = {near("web", kube::kHostname)};
  needy.scheduling.node_selector.set(kube::kArch, "amd64");
  needy.scheduling.requests.set(kube::Resource::Cpu, 3'000);
  cluster.put_pod(needy);
  kube::Pod content = needy;
  content.meta.name = "content";
  content.meta.uid = "uid-content";
  content.scheduling.required_pod_affinity = {near("web", kube::kZone)};
  content.scheduling.requests.set(kube::Resource::Cpu, 2'000);
  cluster.put_pod(content);
  const Plan plan = solve_checked(cluster);
  ASSERT_THAT(plan.new_nodes, SizeIs(1));
  EXPECT_THAT(plan.new_nodes[0].pods, ElementsAre("uid-content"));
  ASSERT_THAT(plan.unplaced, SizeIs(1));
  EXPECT_THAT(plan.unplaced[0].verdict(), HasSubstr("pod affinity on kubernetes.io/hostname"));
}

}  // namespace
}  // namespace hyperwright::scheduling
