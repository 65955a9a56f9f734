#include "kube/pod.h"

#include <gtest/gtest.h>

#include "kube/node.h"

namespace hyperwright::kube {
namespace {

constexpr Time at(std::int64_t seconds) { return Time::from_unix_seconds(seconds); }

Resources cpu(std::int64_t millis) {
  Resources resources;
  resources.set(Resource::Cpu, millis);
  return resources;
}
Container container(std::int64_t cpu_millis) { return {.name = "c", .requests = cpu(cpu_millis)}; }
Container sidecar(std::int64_t cpu_millis) {
  Container result = container(cpu_millis);
  result.restart_always = true;
  return result;
}
std::int64_t cpu_of(const PodResources& pod) { return effective_requests(pod).get(Resource::Cpu); }

TEST(EffectiveRequests, ContainersAndSidecarsRunTogether) {
  EXPECT_EQ(
      cpu_of({.containers = {container(2000), container(500)}, .init_containers = {sidecar(100)}}),
      2600);
}

TEST(EffectiveRequests, AnInitContainerRunsBesideTheSidecarsBeforeIt) {
  EXPECT_EQ(cpu_of({.containers = {container(1000)},
                    .init_containers = {container(4000), sidecar(1000)}}),
            4000);
  EXPECT_EQ(cpu_of({.containers = {container(1000)},
                    .init_containers = {sidecar(1000), container(4000)}}),
            5000);
}

TEST(EffectiveRequests, SidecarsAddUpInOrder) {
  EXPECT_EQ(
      cpu_of({.containers = {},
              .init_containers = {sidecar(1000), container(500), sidecar(2000), container(100)}}),
      3100);
}

TEST(EffectiveRequests, EachResourceHasItsOwnPeak) {
  Container memory = container(0);
  memory.requests.set(Resource::Memory, 100);
  const Resources total =
      effective_requests({.containers = {container(1000)}, .init_containers = {memory}});
  EXPECT_EQ(total.get(Resource::Cpu), 1000);
  EXPECT_EQ(total.get(Resource::Memory), 100);
}

TEST(EffectiveRequests, PodLevelReplacesCpuMemoryAndHugepagesThenOverheadIsAdded) {
  PodResources pod{
      .containers = {container(1000)}, .pod_level_requests = cpu(3000), .overhead = cpu(250)};
  pod.containers[0].requests.set(Resource::NvidiaGpu, 2);
  pod.pod_level_requests->set(Resource::NvidiaGpu, 9);
  pod.pod_level_requests->set("hugepages-2Mi", 4);
  const Resources total = effective_requests(pod);
  EXPECT_EQ(total.get(Resource::Cpu), 3250);
  EXPECT_EQ(total.get(Resource::NvidiaGpu), 2);
  EXPECT_EQ(total.get("hugepages-2Mi"), 4);
}

TEST(EffectiveRequests, EveryPodIsOneOfPods) {
  EXPECT_EQ(effective_requests({}).get(Resource::Pods), 1);
}

TEST(EffectiveRequests, AResizeUnderWayCountsWithTheMostAndAnInfeasibleOneWithWhatIsHeld) {
  Container resized = container(4000);
  resized.actuated = cpu(1000);
  resized.allocated = cpu(2000);
  EXPECT_EQ(cpu_of({.containers = {resized}}), 4000);
  EXPECT_EQ(cpu_of({.containers = {resized}, .resize_infeasible = true}), 2000);
  resized.actuated.reset();
  EXPECT_EQ(cpu_of({.containers = {resized}, .resize_infeasible = true}), 4000)
      << "nothing runs yet";
}

Pod unschedulable() {
  Pod pod;
  pod.meta.name = "web-1";
  pod.scheduled_reason = "Unschedulable";
  return pod;
}
Pod owned_by(std::string api_version, std::string kind) {
  Pod pod = unschedulable();
  pod.meta.owner_references = {{.api_version = std::move(api_version), .kind = std::move(kind)}};
  return pod;
}
template <typename Change>
Pod with(Change change) {
  Pod pod = unschedulable();
  change(pod);
  return pod;
}

TEST(Provisionable, IsAPendingPodThatASchedulerFoundNoPlaceFor) {
  EXPECT_TRUE(is_provisionable(unschedulable()));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.scheduled_reason = "SchedulingGated"; })));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.scheduled_reason = ""; })));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.node_name = "n"; })));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.nominated_node_name = "n"; })));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.phase = PodPhase::Failed; })));
  EXPECT_FALSE(is_provisionable(with([](Pod& pod) { pod.meta.deletion_time = at(5); })));
  EXPECT_FALSE(is_provisionable(owned_by("apps/v1", "DaemonSet")));
  EXPECT_FALSE(is_provisionable(owned_by("v1", "Node")));
  EXPECT_TRUE(is_provisionable(owned_by("example.com/v1", "DaemonSet")));
}

TEST(Reschedulable, IsActiveOrATerminatingPodOfAStatefulSet) {
  const auto terminating = [](Pod pod) {
    pod.meta.deletion_time = at(5);
    return pod;
  };
  EXPECT_TRUE(is_reschedulable(unschedulable()));
  EXPECT_FALSE(is_reschedulable(terminating(unschedulable())));
  EXPECT_TRUE(is_reschedulable(terminating(owned_by("apps/v1", "StatefulSet"))));
  EXPECT_FALSE(is_reschedulable(with([](Pod& pod) { pod.phase = PodPhase::Succeeded; })));
  EXPECT_FALSE(is_reschedulable(owned_by("apps/v1", "DaemonSet")));
  EXPECT_FALSE(is_reschedulable(owned_by("v1", "Node")));
}

TEST(DoNotDisrupt, IsTrueOrADurationSinceTheStart) {
  const auto active = [](const char* value, std::int64_t now, bool started = true) {
    return is_do_not_disrupt_active(
        with([&](Pod& pod) {
          pod.meta.annotations = {{"karpenter.sh/do-not-disrupt", value}};
          if (started) pod.start_time = at(1000);
        }),
        at(now));
  };
  EXPECT_TRUE(active("true", 99999));
  EXPECT_TRUE(active("10m", 1599));
  EXPECT_FALSE(active("10m", 1600));
  EXPECT_TRUE(active("10m", 99999, false)) << "it has not started yet";
  for (const char* value : {"false", "", "0s", "-5m", "soon"})
    EXPECT_FALSE(active(value, 1001)) << value;
}

TEST(Draining, StopsAtTolerationsMirrorsAndPodsThatHang) {
  const auto tolerating = with([](Pod& pod) {
    pod.scheduling.tolerations = {
        {.key = "karpenter.sh/disrupted", .op = TolerationOperator::Exists}};
  });
  EXPECT_TRUE(is_drainable(unschedulable(), at(0)));
  EXPECT_FALSE(is_drainable(tolerating, at(0)));
  EXPECT_FALSE(is_drainable(owned_by("v1", "Node"), at(0)));
  const auto deleted = with([](Pod& pod) { pod.meta.deletion_time = at(1000); });
  EXPECT_TRUE(is_drainable(deleted, at(1060)));
  EXPECT_FALSE(is_drainable(deleted, at(1061)));
  EXPECT_TRUE(is_waiting_eviction(unschedulable(), at(0)));
  EXPECT_FALSE(is_waiting_eviction(with([](Pod& pod) { pod.phase = PodPhase::Succeeded; }), at(0)));
}

TEST(Evictable, IsActiveAndNotProtected) {
  EXPECT_TRUE(is_evictable(unschedulable(), at(0)));
  EXPECT_TRUE(is_evictable(owned_by("apps/v1", "DaemonSet"), at(0)));
  EXPECT_FALSE(is_evictable(owned_by("v1", "Node"), at(0)));
  EXPECT_FALSE(is_evictable(with([](Pod& pod) { pod.meta.deletion_time = at(5); }), at(0)));
  EXPECT_FALSE(is_evictable(
      with([](Pod& pod) { pod.meta.annotations = {{"karpenter.sh/do-not-disrupt", "true"}}; }),
      at(0)));
}

TEST(Critical, IsByPriorityClass) {
  EXPECT_TRUE(
      is_critical(with([](Pod& pod) { pod.scheduling.priority_class = "system-node-critical"; })));
  EXPECT_TRUE(is_critical(
      with([](Pod& pod) { pod.scheduling.priority_class = "system-cluster-critical"; })));
  EXPECT_FALSE(is_critical(with([](Pod& pod) { pod.scheduling.priority_class = "high"; })));
}

TEST(Node, HostnameIsTheLabelOrTheName) {
  Node node;
  node.meta.name = "n1";
  EXPECT_EQ(hostname(node), "n1");
  node.meta.labels = {{"kubernetes.io/hostname", "h1"}};
  EXPECT_EQ(hostname(node), "h1");
}

TEST(Node, IsReadyByItsCondition) {
  Node node;
  EXPECT_FALSE(is_ready(node));
  node.conditions = {{.type = "Ready", .status = ConditionStatus::True}};
  EXPECT_TRUE(is_ready(node));
}

}  // namespace
}  // namespace hyperwright::kube
