// The check column of the figures: what is wrong with a placement is named.
#include "bench/scheduling/recheck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bench/small_workload.h"

namespace hyperwright::bench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Two zones, and nodes with room for two pods of the one shape.
Workload two_pods(kube::Pod shape) {
  Workload workload;
  workload.zones = {"z1", "z2"};
  workload.types = {sold("pair", 2000, 4096, 1'000'000)};
  workload.shapes = {std::move(shape)};
  workload.pods = {0, 0};
  return workload;
}

// The pods on these of two nodes, the first in z1 and the second in z2.
std::vector<std::string> problems(const Workload& workload, std::vector<std::size_t> host_of) {
  Placement placement;
  placement.hosts = {{"pair", "z1", {}}, {"pair", "z2", {}}};
  placement.host_of = std::move(host_of);
  return recheck(placement, workload).problems;
}

TEST(Recheck, HasNothingToSayOfWhatIsRight) {
  EXPECT_THAT(problems(two_pods(asking(1000, 1024)), {0, 0}), IsEmpty());
  EXPECT_THAT(problems(two_pods(repelling(asking(1000, 1024))), {0, 1}), IsEmpty());
}

TEST(Recheck, NamesANodeThatIsAskedForMoreThanItHas) {
  EXPECT_THAT(problems(two_pods(asking(1100, 1024)), {0, 0}),
              ElementsAre("a pair is asked for more cpu than it has"));
}

TEST(Recheck, CountsWhatRanThereBefore) {
  const Workload workload = two_pods(asking(1000, 1024));
  Placement placement;
  placement.hosts = {{"pair", "z1", {0}}};
  placement.host_of = {0, 0};
  EXPECT_THAT(recheck(placement, workload).problems,
              ElementsAre("a pair is asked for more cpu than it has"));
}

TEST(Recheck, NamesPodsWithoutAPlace) {
  const Workload workload = two_pods(asking(1000, 1024));
  EXPECT_THAT(problems(workload, {0, Placement::kUnplaced}), ElementsAre("1 pods are not placed"));
}

TEST(Recheck, NamesPodsThatRepelEachOtherOnOneNode) {
  EXPECT_THAT(problems(two_pods(repelling(asking(1000, 1024))), {0, 0}),
              testing::Contains("2 pods that repel each other share a pair"));
}

TEST(Recheck, NamesATypeThatNodeAffinityRulesOut) {
  kube::Pod pod = asking(1000, 1024);
  pod.scheduling.required_node_terms = {
      {{{std::string(kube::kInstanceType), kube::NodeOperator::In, {"other"}, {}}}, {}}};
  EXPECT_THAT(problems(two_pods(pod), {0, 1}),
              testing::Contains("a pod stands on a pair, which its node affinity rules out"));
}

TEST(Recheck, NamesAffinityThatZonesPart) {
  kube::Pod pod = asking(1000, 1024);
  pod.meta.labels.set("app", "web");
  kube::PodAffinityTerm term;
  term.topology_key = kube::kZone;
  term.selector = selecting_web();
  pod.scheduling.required_pod_affinity.push_back(term);
  EXPECT_THAT(problems(two_pods(pod), {1, 1}), IsEmpty());
  EXPECT_THAT(problems(two_pods(pod), {0, 1}),
              ElementsAre("pods with affinity to app=web within a zone stand in 2 zones"));
}

TEST(Recheck, NamesASpreadThatNoOrderKeeps) {
  kube::Pod pod = asking(1000, 1024);
  pod.meta.labels.set("app", "web");
  kube::TopologySpreadConstraint spread;
  spread.topology_key = kube::kZone;
  spread.selector = selecting_web();
  pod.scheduling.topology_spread.push_back(spread);
  EXPECT_THAT(problems(two_pods(pod), {0, 1}), IsEmpty());
  EXPECT_THAT(problems(two_pods(pod), {1, 1}),
              ElementsAre(testing::StartsWith("no order was found in which")));
}

}  // namespace
}  // namespace hyperwright::bench
