// How pods are folded: who counts where, since when a pod waits, and what each change marks.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

std::vector<std::string> names_on(const Picture& picture, std::string_view node) {
  std::vector<std::string> names;
  for (const PodRecord* record : picture.state.usage(node).pods)
    names.push_back(record->pod.meta.name);
  return names;
}

TEST(FoldPods, ABoundPodCountsOnItsNode) {
  Picture picture;
  picture.comes(pod("b", {.node = "n1", .cpu_millis = 300}));
  picture.comes(pod("a", {.node = "n1", .cpu_millis = 200}));
  EXPECT_EQ(names_on(picture, "n1"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(picture.state.usage("n1").requested, cpu(300) + cpu(200));
  EXPECT_EQ(picture.keys(), (Keys{{Of::Node, "n1"}}));
}

TEST(FoldPods, APodThatEndedOrWentCountsNoMore) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1"}));
  picture.comes(pod("b", {.node = "n1"}));
  picture.comes(pod("a", {.node = "n1", .phase = kube::PodPhase::Succeeded}));
  EXPECT_EQ(names_on(picture, "n1"), (std::vector<std::string>{"b"}));
  picture.goes(pod("b"));
  EXPECT_EQ(names_on(picture, "n1"), std::vector<std::string>{});
  EXPECT_TRUE(picture.state.usage("n1").requested.is_zero());
  EXPECT_EQ(picture.state.find_pod("uid-b"), nullptr);
}

TEST(FoldPods, ATerminatingPodCountsUntilItIsGone) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1", .is_deleting = true}));
  EXPECT_EQ(names_on(picture, "n1"), (std::vector<std::string>{"a"}));
}

TEST(FoldPods, DaemonSetPodsAreSummedApartToo) {
  Picture picture;
  picture.comes(pod("ds", {.node = "n1", .cpu_millis = 50, .is_of_daemon_set = true}));
  picture.comes(pod("a", {.node = "n1", .cpu_millis = 300}));
  EXPECT_EQ(picture.state.usage("n1").daemon_requested, cpu(50));
  EXPECT_EQ(picture.state.usage("n1").requested, cpu(50) + cpu(300));
  picture.goes(pod("ds"));
  EXPECT_TRUE(picture.state.usage("n1").daemon_requested.is_zero());
}

TEST(FoldPods, AnOlderVersionIsAnEcho) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1", .version = 200}));
  picture.keys();
  picture.comes(pod("a", {.node = "", .version = 199}));
  picture.comes(pod("a", {.node = "", .version = 200}));
  EXPECT_EQ(names_on(picture, "n1"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(picture.keys(), Keys{});
}

TEST(FoldPods, ASuccessorOfTheSameNameIsAnotherPod) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1", .uid = "first"}));
  picture.comes(pod("a", {.node = "n2", .uid = "second"}));
  EXPECT_EQ(picture.state.find_pod("first"), nullptr);
  ASSERT_NE(picture.state.find_pod("second"), nullptr);
  EXPECT_EQ(names_on(picture, "n1"), std::vector<std::string>{});
  EXPECT_EQ(names_on(picture, "n2"), (std::vector<std::string>{"a"}));
}

TEST(FoldPods, TheEndOfAPredecessorDoesNotTakeItsSuccessor) {
  Picture picture;
  picture.comes(pod("a", {.uid = "second"}));
  picture.goes(pod("a", {.uid = "first"}));
  EXPECT_NE(picture.state.find_pod("second"), nullptr);
}

TEST(FoldPods, LastPodEventIsABindingAnEndOrADeparture) {
  Picture picture;
  picture.is_ready();
  picture.comes(node("n1"));
  const auto last = [&] { return picture.state.usage("n1").last_pod_event - kStart; };
  picture.passes(Duration::seconds(1));
  picture.comes(pod("a", {.node = "n1"}));
  EXPECT_EQ(last(), Duration::seconds(1));
  picture.passes(Duration::seconds(1));
  picture.comes(pod("a", {.node = "n1", .labels = {{"app", "web"}}}));
  EXPECT_EQ(last(), Duration::seconds(1));
  picture.passes(Duration::seconds(1));
  picture.comes(pod("a", {.node = "n1", .is_deleting = true}));
  EXPECT_EQ(last(), Duration::seconds(3));
  picture.passes(Duration::seconds(1));
  picture.goes(pod("a"));
  EXPECT_EQ(last(), Duration::seconds(4));
}

TEST(FoldPods, APodThatHadEndedMarksItsNodeWhenItGoes) {
  Picture picture;
  picture.is_ready();
  const kube::Pod ended = pod("a", {.node = "n1", .phase = kube::PodPhase::Succeeded});
  picture.comes(ended);
  picture.keys();
  picture.goes(ended);
  EXPECT_TRUE(picture.keys().contains({Of::Node, "n1"}))
      << "its claim writes the time of the event";
}

TEST(FoldPods, DaemonSetPodsAreNoPodEvents) {
  Picture picture;
  picture.is_ready();
  picture.comes(pod("ds", {.node = "n1", .is_of_daemon_set = true}));
  EXPECT_TRUE(picture.state.usage("n1").last_pod_event.is_zero());
}

TEST(FoldPods, TheFirstListIsNoPodEvent) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1"}));
  EXPECT_TRUE(picture.state.usage("n1").last_pod_event.is_zero());
}

TEST(FoldPods, NothingIsKeptOfANodeThatIsGoneWithItsPods) {
  Picture picture;
  picture.is_ready();
  picture.comes(node("n1"));
  picture.comes(pod("a", {.node = "n1"}));
  picture.goes(node("n1"));
  EXPECT_EQ(names_on(picture, "n1"), (std::vector<std::string>{"a"}));
  picture.goes(pod("a"));
  EXPECT_TRUE(picture.state.usage("n1").last_pod_event.is_zero());
}

// --- waiting ---

TEST(FoldPods, AProvisionablePodWaitsSinceItWasFirstSeenUnschedulable) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  EXPECT_TRUE(picture.is_pending("a"));
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""}}));
  picture.passes(Duration::seconds(5));
  picture.comes(waiting_pod("a"));
  EXPECT_EQ(picture.find(pod("a"))->pending_since, kStart);
  EXPECT_EQ(picture.keys(), Keys{}) << "the scheduler's repeated verdict is no news";
}

TEST(FoldPods, APodThatIsBoundOrGoneWaitsNoMore) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.comes(waiting_pod("b"));
  picture.comes(pod("a", {.node = "n1"}));
  EXPECT_FALSE(picture.is_pending("a"));
  EXPECT_TRUE(picture.find(pod("a"))->pending_since.is_zero());
  picture.goes(pod("b"));
  EXPECT_FALSE(picture.is_pending("b"));
  EXPECT_TRUE(picture.state.pending_pods().empty());
}

TEST(FoldPods, OnlyProvisionablePodsWait) {
  Picture picture;
  kube::Pod gated = waiting_pod("gated");
  gated.scheduled_reason = "SchedulingGated";
  kube::Pod nominated = waiting_pod("nominated");
  nominated.nominated_node_name = "n1";
  for (const kube::Pod& other :
       {gated, nominated, waiting_pod("ds", {.is_of_daemon_set = true}),
        waiting_pod("gone", {.is_deleting = true}), waiting_pod("bound", {.node = "n1"})}) {
    picture.comes(other);
    EXPECT_FALSE(picture.is_pending(other.meta.name)) << other.meta.name;
  }
}

TEST(FoldPods, AVerdictIsKeptUntilThePodIsPlacedOrAsksForSomethingElse) {
  Picture picture;
  picture.comes(waiting_pod("a"));
  picture.emits(MarkUnschedulable{
      {"uid-a", "uid-unknown"}, picture.state.solver_inputs_version(), "no room"});
  EXPECT_EQ(picture.find(pod("a"))->verdict, "no room");
  EXPECT_EQ(picture.find(pod("a"))->verdict_version, picture.state.solver_inputs_version());
  picture.comes(waiting_pod("a"));
  EXPECT_EQ(picture.find(pod("a"))->verdict, "no room");

  kube::Pod tolerant = waiting_pod("a");
  tolerant.scheduling.tolerations.push_back({.key = "gpu", .op = kube::TolerationOperator::Exists});
  picture.keys();
  picture.comes(tolerant);
  EXPECT_EQ(picture.find(pod("a"))->verdict_version, 0U)
      << "tolerations may be added to a pod that waits";
  EXPECT_EQ(picture.keys(), (Keys{{Of::PendingPods, ""}}));
  EXPECT_EQ(picture.find(pod("a"))->pending_since, kStart);
}

TEST(FoldPods, RoomThatBecomesFreeChangesTheSolversInputs) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1"}));
  picture.comes(pod("b", {.node = "n1"}));
  EXPECT_TRUE(picture.changes_inputs(
      [&] { picture.comes(pod("a", {.node = "n1", .phase = kube::PodPhase::Failed})); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.goes(pod("b")); }));
}

TEST(FoldPods, APodThatRunsOnOrNeverRanLeavesTheSolversInputs) {
  Picture picture;
  picture.comes(pod("a", {.node = "n1"}));
  EXPECT_FALSE(picture.changes_inputs(
      [&] { picture.comes(pod("a", {.node = "n1", .labels = {{"app", "web"}}})); }));
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(waiting_pod("b")); }));
  EXPECT_FALSE(picture.changes_inputs([&] { picture.goes(waiting_pod("b")); }));
}

// --- a property: what is kept up is what a recount would find ---

struct PodStep {
  int name = 0, life = 0, node = 0, kind = 0;
};
PodStep any_step() {
  return {.name = *rc::gen::inRange(0, 5),
          .life = *rc::gen::inRange(0, 2),
          .node = *rc::gen::inRange(0, 3),
          .kind = *rc::gen::inRange(0, 7)};
}

void take(Picture& picture, const PodStep& step) {
  const std::string name = "p" + std::to_string(step.name);
  PodShape shape{.node = step.node == 0 ? std::string{} : "n" + std::to_string(step.node),
                 .cpu_millis = 100 + step.kind};
  shape.uid = name + "-" + std::to_string(step.life);
  shape.is_of_daemon_set = step.name == 0;
  switch (step.kind) {
    case 0:
      return picture.goes(pod(name, shape));
    case 1:
      shape.phase = kube::PodPhase::Succeeded;
      return picture.comes(pod(name, shape));
    case 2:
      shape.is_deleting = true;
      return picture.comes(pod(name, shape));
    case 3:
      return picture.comes(waiting_pod(name, shape));
    default:
      return picture.comes(pod(name, shape));
  }
}

void expect_a_recount_to_agree(const Picture& picture) {
  std::map<std::string, NodeUsage> recount;
  std::set<kube::ObjectKey> pending;
  for (const auto& [key, record] : picture.state.pods()) {
    RC_ASSERT(picture.state.find_pod(record.pod.meta.uid) == &record);
    if (kube::is_provisionable(record.pod)) pending.insert(key);
    RC_ASSERT(record.pending_since.is_zero() != kube::is_provisionable(record.pod));
    if (record.pod.node_name.empty() || kube::is_terminal(record.pod)) continue;
    NodeUsage& usage = recount[record.pod.node_name];
    usage.pods.push_back(&record);
    usage.requested += record.pod.scheduling.requests;
    if (kube::is_owned_by_daemon_set(record.pod))
      usage.daemon_requested += record.pod.scheduling.requests;
  }
  RC_ASSERT(picture.state.pending_pods() == pending);
  for (const std::string node : {"n1", "n2", "n3"}) {
    const NodeUsage& kept = picture.state.usage(node);
    RC_ASSERT(kept.pods == recount[node].pods);
    RC_ASSERT(kept.requested == recount[node].requested);
    RC_ASSERT(kept.daemon_requested == recount[node].daemon_requested);
  }
}

RC_GTEST_PROP(FoldPods, UsageIsARecountAfterAnySequenceOfPodEvents, ()) {
  Picture picture;
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    take(picture, any_step());
    expect_a_recount_to_agree(picture);
  }
}

}  // namespace
}  // namespace hyperwright::state
