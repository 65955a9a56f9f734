#include "controllers/launch_failure.h"
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const Key kClaimKey{Key::Of::NodeClaim, "p-a"};

// One claim with a logical id, born at kStart.
struct Life : Picture {
  Life() {
    put(pool("p"));
    put_claim(with_id(claim("p-a", "p"), "id-a"));
  }
  void put_claim(kube::NodeClaim claim) { put(std::move(claim)); }
  Effects look_at_claim() { return look("nodeclaim.lifecycle", kClaimKey); }
  void go_on() { accept(look_at_claim()); }
  std::string text(std::string_view type) const { return claim_text("p-a", type); }
  void name_instance(std::string id = "i-a1",
                     hyperpod::InstanceStatus status = hyperpod::InstanceStatus::Running) {
    instances = {instance("id-a", std::move(id))};
    instances[0].status = status;
    list_instances();
  }
  void fail_instance(std::string message) {
    instances = {instance("id-a", "")};
    instances[0].status = hyperpod::InstanceStatus::Failure;
    instances[0].status_message = std::move(message);
    list_instances();
  }
  void launch_and_put(kube::Node node) {
    name_instance();
    go_on();
    put(std::move(node));
  }
};

TEST(Lifecycle, LaunchedWaitsForAnInstanceAndThenHasItsProviderId) {
  Life p;
  p.go_on();
  EXPECT_THAT(p.text("Launched"), HasSubstr("Unknown AwaitingCapacity"));
  EXPECT_EQ(p.text("Ready").substr(0, 7), "Unknown");
  EXPECT_THAT(p.look_at_claim(), IsEmpty()) << "a second look emits nothing";
  p.name_instance();
  p.go_on();
  EXPECT_EQ(p.text("Launched"), "True");
  EXPECT_EQ(p.at_claim("p-a").claim.provider_id,
            "aws:///usw2-az1/sagemaker/cluster/hyperpod-abcdefghijkl-i-a1");
  EXPECT_EQ(p.at_claim("p-a").claim.capacity.get(kube::Resource::Cpu), 4000);
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
}

TEST(Lifecycle, AClaimWithoutALaunchSaysWhyItWaits) {
  Life p;
  kube::NodeClaim own = claim("p-a", "p");
  own.meta.annotations.erase(kube::kLaunch);
  p.put_claim(own);
  p.go_on();
  EXPECT_THAT(p.text("Launched"), HasSubstr("LaunchFailed: this NodeClaim cannot be launched: it "
                                            "has no annotation hyperwright.dev/launch"));
  p.wait(Duration::hours(1));
  EXPECT_THAT(p.look_at_claim(), IsEmpty()) << "it is a user's own, and left alone";
}

TEST(Lifecycle, ANodeIsRegisteredInOnePatch) {
  Life p;
  kube::NodeClaim wish = with_id(claim("p-a", "p"), "id-a");
  wish.meta.labels.set("team", "blue");
  wish.spec.taints = {{.key = "gpu", .value = "yes", .effect = kube::TaintEffect::NoSchedule}};
  wish.spec.startup_taints = {{.key = "cni", .value = {}, .effect = kube::TaintEffect::NoExecute}};
  p.put_claim(wish);
  p.launch_and_put(new_node("node-a", "i-a1"));
  const auto patch = only<state::PatchNode>(p.look_at_claim());
  EXPECT_EQ(patch.set_labels.get("team"), "blue");
  EXPECT_EQ(patch.set_labels.get(kube::kRegistered), "true");
  EXPECT_EQ(patch.set_labels.get(kube::kNodePool), "p");
  EXPECT_EQ(patch.set_annotations.get(kube::kNodeClaimUid), "uid-p-a");
  EXPECT_FALSE(patch.set_annotations.contains(kube::kLaunch));
  ASSERT_TRUE(patch.taints && patch.finalizers && patch.owner_references);
  std::vector<std::string> taints;
  for (const kube::Taint& taint : *patch.taints) taints.push_back(kube::to_text(taint));
  EXPECT_THAT(taints, testing::ElementsAre("node.kubernetes.io/not-ready:NoSchedule",
                                           "gpu=yes:NoSchedule", "cni:NoExecute"));
  EXPECT_THAT(*patch.finalizers, Contains(std::string(kube::kTerminationFinalizer)));
  EXPECT_EQ(patch.owner_references->at(0).kind, "NodeClaim");
  EXPECT_TRUE(patch.owner_references->at(0).block_owner_deletion);
}

TEST(Lifecycle, ANodeThatWasReadyWhenFirstSeenGetsNoStartupTaints) {
  Life p;
  kube::NodeClaim wish = with_id(claim("p-a", "p"), "id-a");
  wish.spec.startup_taints = {{.key = "cni", .value = {}, .effect = kube::TaintEffect::NoExecute}};
  p.put_claim(wish);
  p.launch_and_put(ready(new_node("node-a", "i-a1")));
  const Effects effects = p.look_at_claim();
  EXPECT_THAT(*only<state::PatchNode>(effects).taints, IsEmpty());
  EXPECT_THAT(told(effects), Contains(HasSubstr("StartupTaintsLeftOut")));
}

TEST(Lifecycle, WhatTheNodeKnowsBetterIsNotOverwritten) {
  Life p;
  kube::Node node = new_node("node-a", "i-a1");
  node.meta.labels.set(kube::kZone, "us-west-2c");
  p.launch_and_put(node);
  EXPECT_FALSE(only<state::PatchNode>(p.look_at_claim()).set_labels.contains(kube::kZone));
}

TEST(Lifecycle, RegisteredAndInitializedFollowTheNode) {
  Life p;
  p.launch_and_put(new_node("node-a", "i-a1"));
  p.go_on();
  p.go_on();
  EXPECT_EQ(p.text("Registered"), "True");
  EXPECT_EQ(p.at_claim("p-a").claim.node_name, "node-a");
  EXPECT_EQ(p.text("Initialized"), "Unknown NodeNotReady: Node status is NotReady");
  EXPECT_THAT(p.look_at_claim(), IsEmpty());

  kube::Node node = p.state.find_node("node-a")->node;
  node.conditions = {condition("Ready", kube::ConditionStatus::True)};
  p.put(node);
  p.go_on();
  EXPECT_EQ(p.text("Initialized"),
            "Unknown KnownEphemeralTaintsExist: KnownEphemeralTaint "
            "\"node.kubernetes.io/not-ready:NoSchedule\" still exists");

  node = p.state.find_node("node-a")->node;
  node.taints.clear();
  node.allocatable.set(kube::Resource::Cpu, 0);
  p.put(node);
  p.go_on();
  EXPECT_EQ(p.text("Initialized"),
            "Unknown ResourceNotRegistered: Resource \"cpu\" was requested but not registered");

  node = p.state.find_node("node-a")->node;
  node.allocatable.set(kube::Resource::Cpu, 4000);
  p.put(node);
  p.go_on();
  EXPECT_EQ(p.state.find_node("node-a")->node.meta.labels.get(kube::kInitialized), "true");
  p.go_on();
  EXPECT_EQ(p.text("Initialized"), "True");
  EXPECT_EQ(p.text("Ready"), "True");
  p.go_on();
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
}

TEST(Lifecycle, StartupTaintsHoldInitializationUntilTheirOwnersRemoveThem) {
  Life p;
  kube::NodeClaim wish = with_id(claim("p-a", "p"), "id-a");
  wish.spec.startup_taints = {
      {.key = "cni", .value = "up", .effect = kube::TaintEffect::NoExecute}};
  p.put_claim(wish);
  p.launch_and_put(new_node("node-a", "i-a1"));
  p.go_on();
  kube::Node node = p.state.find_node("node-a")->node;
  node.conditions = {condition("Ready", kube::ConditionStatus::True)};
  p.put(node);
  p.go_on();
  EXPECT_EQ(p.text("Initialized"),
            "Unknown StartupTaintsExist: StartupTaint \"cni=up:NoExecute\" still exists");
}

TEST(Lifecycle, AReplacedInstanceBringsANodeThatIsRegisteredAnew) {
  Life p;
  p.instances.clear();
  const auto made = p.put_running("p-a", "p");
  p.go_on();
  p.remove(state::Kind::Node, p.state.find_node("node-p-a")->node.meta);
  p.instances = {instance("id-p-a", "i-b2")};
  p.list_instances();
  p.go_on();
  EXPECT_THAT(p.text("Registered"), HasSubstr("Unknown NodeNotFound"));
  EXPECT_THAT(p.text("Initialized"), HasSubstr("Unknown NodeNotFound"));
  p.put(new_node("node-b", "i-b2"));
  EXPECT_EQ(only<state::PatchNode>(p.look_at_claim()).name, "node-b");
}

// --- failures ---

TEST(Lifecycle, AShortageTakesTheOfferingOutAndTheClaimGoes) {
  Life p;
  p.fail_instance("We currently do not have sufficient capacity for ml.c5.xlarge");
  const Effects effects = p.look_at_claim();
  EXPECT_EQ(reasons(effects, "DeleteNodeClaim"), "insufficient_capacity");
  const auto unavailable = only<state::MarkUnavailable>(effects);
  EXPECT_EQ(unavailable.offering, (hyperpod::OfferingKey{"cpu", "ml.c5.xlarge", "us-west-2a"}));
  EXPECT_EQ(unavailable.until, p.now + Duration::minutes(3));
  EXPECT_THAT(
      told(effects),
      Contains(HasSubstr(
          "Warning InsufficientCapacityError: NodeClaim p-a event: We currently do not have")));
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
}

TEST(Lifecycle, NoInstanceInTimeIsAShortage) {
  Life p;
  const Time first_look = p.now;
  p.go_on();
  EXPECT_EQ((p.look_at_claim(), p.next_look), first_look + Duration::minutes(10));
  p.wait(Duration::minutes(10));
  EXPECT_EQ(reasons(p.look_at_claim(), "DeleteNodeClaim"), "insufficient_capacity");
}

// A call that was throttled for long says nothing about capacity.
TEST(Lifecycle, TheTimeForAnInstanceBeginsWithTheLogicalId) {
  Life p;
  kube::NodeClaim late = p.at_claim("p-a").claim;
  late.meta.annotations.set(kube::kLogicalIdStoredAt, format_time(kStart + Duration::minutes(9)));
  p.put_claim(late);
  p.go_on();
  EXPECT_EQ((p.look_at_claim(), p.next_look), kStart + Duration::minutes(19));
  p.wait(Duration::minutes(19));
  EXPECT_EQ(reasons(p.look_at_claim(), "DeleteNodeClaim"), "insufficient_capacity");
}

TEST(Lifecycle, NoLogicalIdInTimeIsALaunchTimeoutThatItsPoolTells) {
  Life p;
  p.put_claim(claim("p-a", "p"));
  p.go_on();
  p.wait(Duration::minutes(10));
  const Effects effects = p.look_at_claim();
  EXPECT_EQ(reasons(effects, "DeleteNodeClaim"), "launch_timeout");
  EXPECT_TRUE(kube::is_false(only<state::UpdateNodePoolStatus>(effects).pool.conditions,
                             kube::node_pool_condition::kNodeRegistrationHealthy));
  EXPECT_THAT(all<state::MarkUnavailable>(effects), IsEmpty());
}

// A creationTimestamp is of the API server's clock, which may be behind ours by more than any
// time-out.
TEST(Lifecycle, AClockOfTheApiServerThatIsBehindEndsNoClaim) {
  for (const bool has_id : {false, true}) {
    Life p;
    kube::NodeClaim early = claim("p-a", "p");
    if (has_id) early = with_id(early, "id-a");
    early.meta.creation_time = p.now - Duration::hours(1);
    p.put_claim(early);
    const Effects effects = p.look_at_claim();
    EXPECT_THAT(all<state::DeleteNodeClaim>(effects), IsEmpty());
    const auto written = only<state::UpdateNodeClaimStatus>(effects).claim;
    EXPECT_EQ(kube::find_condition(written.conditions, kube::node_claim_condition::kLaunched)
                  ->last_transition_time,
              p.now);
  }
}

TEST(Lifecycle, AFailingLifecycleScriptBacksTheGroupOff) {
  Life p;
  p.fail_instance("Lifecycle script did not run successfully: exit code 1");
  const Effects effects = p.look_at_claim();
  EXPECT_EQ(reasons(effects, "DeleteNodeClaim"), "lifecycle_script_failed");
  EXPECT_EQ(only<state::BackOff>(effects).until, p.now + Duration::minutes(5));
  EXPECT_EQ(all<state::UpdateNodePoolStatus>(effects).size(), 1U);
}

TEST(Lifecycle, AnotherFailureIsToldAndHyperPodTriesAgain) {
  Life p;
  p.go_on();
  p.fail_instance("The instance was terminated by EC2");
  const Effects effects = p.look_at_claim();
  EXPECT_THAT(all<state::DeleteNodeClaim>(effects), IsEmpty());
  EXPECT_THAT(told(effects), Contains(HasSubstr("HyperPod tries again")));
}

TEST(Lifecycle, NoNodeInTimeIsARegistrationTimeout) {
  Life p;
  p.wait(Duration::minutes(5));
  p.name_instance();
  p.go_on();
  const Time launched = p.now;
  p.go_on();
  p.look_at_claim();
  EXPECT_EQ(p.next_look, launched + Duration::minutes(30));
  p.now = launched + Duration::minutes(30);
  EXPECT_EQ(reasons(p.look_at_claim(), "DeleteNodeClaim"), "registration_timeout");
}

TEST(Lifecycle, TheRegistrationClockStandsStillInADeepHealthCheck) {
  Life p;
  p.name_instance("i-a1", hyperpod::InstanceStatus::DeepHealthCheckInProgress);
  p.go_on();
  p.wait(Duration::hours(2));
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
  p.name_instance();
  p.go_on();
  p.wait(Duration::minutes(29));
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
  p.wait(Duration::minutes(1));
  EXPECT_EQ(reasons(p.look_at_claim(), "DeleteNodeClaim"), "registration_timeout");
}

TEST(LaunchFailure, IsReadFromItsWords) {
  EXPECT_EQ(classify_launch_failure("Insufficient capacity for the requested instance type"),
            LaunchFailureKind::Capacity);
  EXPECT_EQ(classify_launch_failure("InsufficientInstanceCapacity"), LaunchFailureKind::Capacity);
  EXPECT_EQ(classify_launch_failure("LifeCycle script failed"), LaunchFailureKind::LifecycleScript);
  EXPECT_EQ(classify_launch_failure("EC2 terminated it"), LaunchFailureKind::Other);
}

// --- pod events, consolidatable ---

TEST(Lifecycle, PodEventsAreWrittenAtMostEveryTenSeconds) {
  Life p;
  p.instances.clear();
  p.put_running("p-a", "p");
  p.go_on();
  p.put(bound_pod("web-1", "node-p-a"));
  p.go_on();
  const Time first = p.now;
  EXPECT_EQ(p.at_claim("p-a").claim.last_pod_event_time, first);
  p.wait(Duration::seconds(9));
  p.put(bound_pod("web-2", "node-p-a"));
  EXPECT_THAT(p.look_at_claim(), IsEmpty());
  p.wait(Duration::seconds(1));
  p.put(of_daemon_set(bound_pod("agent", "node-p-a")));
  EXPECT_THAT(p.look_at_claim(), IsEmpty()) << "DaemonSet pods do not count";
  p.put(bound_pod("web-3", "node-p-a"));
  p.go_on();
  EXPECT_EQ(p.at_claim("p-a").claim.last_pod_event_time, p.now);
}

TEST(Lifecycle, ConsolidatableComesWhenConsolidateAfterIsOverAndGoesWithTheNextPod) {
  Life p;
  kube::NodePool patient = pool("p");
  patient.disruption.consolidate_after = Duration::seconds(30);
  p.put(patient);
  p.instances.clear();
  p.put_running("p-a", "p", p.now);
  p.go_on();
  EXPECT_EQ(p.text("Consolidatable"), "absent");
  p.wait(Duration::seconds(30));
  p.go_on();
  EXPECT_EQ(p.text("Consolidatable"), "True");
  p.put(bound_pod("web-1", "node-p-a"));
  p.go_on();
  EXPECT_EQ(p.text("Consolidatable"), "absent");
}

// Its creation had no answer. Another claim for its pods might be a second node for them.
TEST(Lifecycle, AClaimThatMayHaveBeenCreatedIsAskedForAgain) {
  Picture p;
  p.put(pool("p"));
  p.put(pending_pod("web"));
  const state::CreateNodeClaim create{claim("p-a", "p"), {"uid-web"}};
  p.answer(p.emit({.action = create}), Outcome::Unknown);
  const Key key{Key::Of::NodeClaim, "p-a"};
  EXPECT_TRUE(p.look("nodeclaim.lifecycle", key).empty());
  p.wait(Duration::seconds(1));
  EXPECT_EQ(only<state::CreateNodeClaim>(p.look("nodeclaim.lifecycle", key)), create);
}

}  // namespace
}  // namespace hyperwright::controllers::test
