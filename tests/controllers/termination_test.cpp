#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const Key kClaimKey{Key::Of::NodeClaim, "p-a"};
const Key kNodeKey{Key::Of::Node, "node-p-a"};

// A running node whose claim is deleted now.
struct Going : Picture {
  explicit Going(std::optional<Duration> grace = {}) {
    put(pool("p"));
    kube::NodeClaim made = put_running("p-a", "p");
    made.spec.termination_grace_period = grace;
    claim_ = made;
  }
  void delete_claim() { put(deleted(claim_, now)); }
  Effects look_at_claim() { return look("termination", kClaimKey); }
  void go_on() { accept(look_at_claim()); }
  // Everything up to the eviction of pods.
  void start_drain() {
    delete_claim();
    for (int i = 0; i < 2; ++i) go_on();
  }
  kube::Node node() const { return state.find_node("node-p-a")->node; }
  kube::NodeClaim claim_;
};

TEST(Termination, TheNodeIsDeletedTaintedAndDrained) {
  Going p;
  p.put(bound_pod("web", "node-p-a"));
  p.delete_claim();
  EXPECT_EQ(only<state::DeleteNode>(p.look_at_claim()).name, "node-p-a");
  EXPECT_THAT(p.look_at_claim(), IsEmpty()) << "a second look emits nothing";
}

TEST(Termination, NoPodIsEvictedBeforeTheTaintIsThere) {
  Going p;
  p.put(bound_pod("web", "node-p-a"));
  p.delete_claim();
  p.go_on();
  const Effects effects = p.look_at_claim();
  const auto patch = only<state::PatchNode>(effects);
  EXPECT_EQ(kube::to_text(patch.taints->back()), "karpenter.sh/disrupted:NoSchedule");
  EXPECT_EQ(patch.set_labels.get(kube::kExcludeFromLoadBalancers), "karpenter");
  EXPECT_THAT(all<state::EvictPod>(effects), IsEmpty());
  p.accept(effects);
  EXPECT_EQ(only<state::EvictPod>(p.look_at_claim()).key.name, "web");
}

TEST(Termination, RunsToTheEndAndNothingIsLeft) {
  Going p;
  p.put(bound_pod("web", "node-p-a"));
  p.start_drain();
  p.go_on();
  EXPECT_THAT(p.state.usage("node-p-a").pods, IsEmpty());
  EXPECT_EQ(p.claim_text("p-a", "Drained"), "Unknown Draining");
  p.go_on();
  EXPECT_EQ(p.claim_text("p-a", "Drained"), "Unknown Draining")
      << "a drain takes five seconds at least";
  p.wait(Duration::seconds(5));
  p.go_on();
  EXPECT_EQ(p.claim_text("p-a", "Drained"), "True");
  const Effects effects = p.look_at_claim();
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(effects).logical_ids, ElementsAre("id-p-a"));
  p.accept(effects);
  p.go_on();
  EXPECT_EQ(p.claim_text("p-a", "InstanceTerminating"), "True");
  EXPECT_THAT(p.node().meta.finalizers, SizeIs(1)) << "HyperPod still has the instance";
  p.wait(Duration::seconds(12));
  p.instances.clear();
  p.list_instances();
  p.go_on();
  EXPECT_EQ(p.state.find_node("node-p-a"), nullptr);
  p.go_on();
  EXPECT_EQ(p.state.find_claim("p-a"), nullptr);
}

TEST(Termination, ALogicalIdThatHyperPodDoesNotKnowIsDone) {
  Going p;
  p.start_drain();
  p.instances.clear();
  p.wait(Duration::seconds(5));
  for (int i = 0; i < 5; ++i) p.go_on();
  p.settle();
  EXPECT_EQ(p.state.find_claim("p-a"), nullptr);
}

TEST(Termination, WithdrawalsThatAreDueTogetherGoInOneCall) {
  Picture p;
  p.put(pool("p"));
  for (const char* name : {"p-a", "p-b", "p-c"}) {
    kube::NodeClaim gone = deleted(with_id(claim(name, "p"), std::string("id-") + name), p.now);
    if (std::string(name) == "p-c") gone.meta.deletion_time.reset();
    p.put(gone);
  }
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(p.look("termination", kClaimKey)).logical_ids,
              ElementsAre("id-p-a", "id-p-b"));
  EXPECT_THAT(
      all<state::BatchDeleteClusterNodes>(p.look("termination", {Key::Of::NodeClaim, "p-b"})),
      IsEmpty());
}

TEST(Termination, AWithdrawalThatHyperPodRefusesIsAskedForAgain) {
  Going p;
  p.start_drain();
  p.wait(Duration::seconds(5));
  p.go_on();
  Effects effects = p.look_at_claim();
  const auto deletion = std::ranges::find_if(effects, [](const Effect& e) {
    return state::name_of(e.action) == "BatchDeleteClusterNodes";
  });
  ASSERT_NE(deletion, effects.end());
  p.answer(deletion->id, Outcome::Done,
           hyperpod::DeleteResult{.successful = {},
                                  .failed = {{.id = "id-p-a", .code = "NodeIdInUse"}}});
  effects.erase(deletion);
  p.accept(effects);
  p.go_on();
  EXPECT_EQ(p.claim_text("p-a", "InstanceTerminating"), "Unknown WithdrawalRefused: NodeIdInUse");
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), IsEmpty());
  p.wait(Duration::seconds(30));
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), SizeIs(1));
}

// --- drain ---

TEST(Drain, TiersGoOneAfterTheOther) {
  Going p;
  kube::Pod critical = bound_pod("dns", "node-p-a");
  critical.scheduling.priority_class = "system-cluster-critical";
  kube::Pod critical_daemon = of_daemon_set(bound_pod("cni", "node-p-a"));
  critical_daemon.scheduling.priority_class = "system-node-critical";
  p.put(bound_pod("web", "node-p-a"));
  p.put(of_daemon_set(bound_pod("logs", "node-p-a")));
  p.put(critical);
  p.put(critical_daemon);
  p.start_drain();
  for (const char* name : {"web", "logs", "dns", "cni"}) {
    const Effects effects = p.look_at_claim();
    EXPECT_EQ(only<state::EvictPod>(effects).key.name, name);
    p.accept(effects);
  }
}

TEST(Drain, PodsThatTolerateTheTaintAndMirrorPodsStay) {
  Going p;
  kube::Pod tolerant = bound_pod("agent", "node-p-a");
  tolerant.scheduling.tolerations = {{.op = kube::TolerationOperator::Exists}};
  kube::Pod mirror = bound_pod("static", "node-p-a");
  mirror.meta.owner_references = {
      {.api_version = "v1", .kind = "Node", .name = "node-p-a", .uid = "u"}};
  p.put(tolerant);
  p.put(mirror);
  p.start_drain();
  EXPECT_THAT(all<state::EvictPod>(p.look_at_claim()), IsEmpty());
  p.wait(Duration::seconds(6));
  p.go_on();
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), SizeIs(1));
}

TEST(Drain, AProtectedPodHoldsItAndThatIsTold) {
  Going p;
  kube::Pod pod = bound_pod("train", "node-p-a");
  pod.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(pod);
  p.start_drain();
  const Effects effects = p.look_at_claim();
  EXPECT_THAT(all<state::EvictPod>(effects), IsEmpty());
  EXPECT_THAT(p.next_look, p.now + Duration::seconds(10));
  p.wait(Duration::hours(2));
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), IsEmpty());
}

TEST(Drain, ABudgetThatBlocksIsWaitedForAndTold) {
  Going p;
  p.put(bound_pod("web", "node-p-a"));
  p.start_drain();
  Effects effects;
  std::vector<std::string> all_told;
  for (int i = 0; i < 5; ++i) {
    effects = p.look_at_claim();
    for (const std::string& text : told(effects)) all_told.push_back(text);
    for (const Effect& effect : effects) {
      if (std::holds_alternative<state::EvictPod>(effect.action))
        p.answer(effect.id, Outcome::Blocked, {}, "violates a PDB");
    }
    p.wait(Duration::seconds(3));
  }
  for (const std::string& text : told(p.look_at_claim())) all_told.push_back(text);
  EXPECT_THAT(
      all_told,
      Contains("Warning FailedDraining: Failed to drain node, 1 pods are waiting to be evicted"));
}

TEST(Drain, PastTheDeadlinePodsAreDeletedWhateverHoldsThem) {
  Going p(Duration::minutes(1));
  kube::Pod pod = bound_pod("train", "node-p-a");
  pod.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(pod);
  p.delete_claim();
  const Effects noted = p.look_at_claim();
  EXPECT_EQ(only<state::PatchNodeClaim>(noted).set_annotations.get(kube::kTerminationTimestamp),
            format_time(p.now + Duration::minutes(1)));
  EXPECT_THAT(told(noted),
              Contains(HasSubstr("TerminationGracePeriodExpiring: All pods will be deleted by")));
  p.accept(noted);
  for (int i = 0; i < 3; ++i) p.go_on();
  EXPECT_THAT(all<state::DeletePod>(p.look_at_claim()), IsEmpty());
  p.wait(Duration::seconds(31));  // 30 seconds of grace do not fit into the rest any more
  const auto deletion = only<state::DeletePod>(p.look_at_claim());
  EXPECT_EQ(deletion.key.name, "train");
  EXPECT_LE(deletion.grace_seconds, 29);
  EXPECT_GE(deletion.grace_seconds, 28);
}

// A deletionTimestamp is of the API server's clock, which may be far from ours.
TEST(Drain, AGracePeriodCountsFromOurFirstLook) {
  for (const Time deletion_time : {kStart - Duration::hours(1), kStart + Duration::hours(1)}) {
    Going p(Duration::minutes(1));
    p.put(bound_pod("web", "node-p-a"));
    const Time first_look = p.now;
    p.put(deleted(p.claim_, deletion_time));
    p.wait(Duration::seconds(20));
    p.put(deleted(p.at_claim("p-a").claim, deletion_time));
    const Effects noted = p.look_at_claim();
    EXPECT_EQ(only<state::PatchNodeClaim>(noted).set_annotations.get(kube::kTerminationTimestamp),
              format_time(first_look + Duration::minutes(1)));
    p.accept(noted);
    for (int i = 0; i < 3; ++i) p.go_on();
    EXPECT_THAT(all<state::DeletePod>(p.look_at_claim()), IsEmpty());
  }
}

TEST(Drain, ADeadlineThatIsNotedOutlivesARestart) {
  Going p(Duration::minutes(1));
  kube::NodeClaim going = deleted(p.claim_, p.now - Duration::minutes(5));
  going.meta.annotations.set(kube::kTerminationTimestamp,
                             format_time(p.now - Duration::minutes(4)));
  p.put(going);
  EXPECT_THAT(all<state::PatchNodeClaim>(p.look_at_claim()), IsEmpty());
}

TEST(Drain, APodThatHangsAMinutePastItsEndIsNotWaitedFor) {
  Going p;
  kube::Pod pod = bound_pod("web", "node-p-a");
  pod.meta.deletion_time = p.now;
  p.put(pod);
  p.start_drain();
  p.wait(Duration::seconds(50));
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), IsEmpty());
  p.wait(Duration::seconds(15));
  p.go_on();
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_claim()), SizeIs(1));
}

// --- early and odd ends ---

TEST(Termination, AnUnregisteredNodeIsLeftAloneAndItsInstanceEnded) {
  Picture p;
  p.put(pool("p"));
  p.put(deleted(with_id(claim("p-a", "p"), "id-a"), p.now));
  p.instances = {instance("id-a", "i-a1")};
  p.list_instances();
  p.put(new_node("node-a", "i-a1"));
  const Effects effects = p.look("termination", kClaimKey);
  EXPECT_THAT(all<state::DeleteNode>(effects), IsEmpty());
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(effects), SizeIs(1));
}

TEST(Termination, AClaimWithoutAnIdStaysUntilItsLaunchIsCertain) {
  Picture p;
  p.put(pool("p"));
  p.put(deleted(claim("p-a", "p"), p.now));
  EXPECT_THAT(p.look("termination", kClaimKey), IsEmpty());
  const Effects call =
      p.look("nodeclaim.launch", {Key::Of::Launch, p.state.find_claim("p-a")->launch->call.batch});
  p.answer(call.at(0).id, Outcome::Rejected, {}, "no such group");
  p.accept(p.look("termination", kClaimKey));
  EXPECT_EQ(p.state.find_claim("p-a"), nullptr);
}

TEST(Termination, AClaimStaysWhileAnotherOfItsBatchWaitsForItsId) {
  Picture p;
  p.put(pool("p"));
  const auto call = launch_call("batch", 2);
  p.put(deleted(with_id(claim("p-a", "p", call), "id-a"), p.now));
  p.put(claim("p-b", "p", call));
  p.accept(p.look("termination", kClaimKey));  // HyperPod does not know the id
  EXPECT_THAT(all<state::PatchNodeClaim>(p.look("termination", kClaimKey)), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(10)) << "the other's id marks this claim not";
  p.put(with_id(claim("p-b", "p", call), "id-b"));
  p.accept(p.look("termination", kClaimKey));
  EXPECT_EQ(p.state.find_claim("p-a"), nullptr);
}

TEST(Termination, AUsersDeletionOfTheNodeTakesTheClaimWithIt) {
  Going p;
  kube::Node node = p.node();
  node.meta.deletion_time = p.now;
  p.put(node);
  const Effects effects = p.look("termination", kNodeKey);
  EXPECT_EQ(only<state::DescribeClusterNode>(effects).instance_id, Going::instance_id("p-a"))
      << "what was listed before the deletion may be old";
  p.wait(p.next_look - p.now);
  p.answer(effects.at(0).id, Outcome::Done, p.instances.at(0));
  EXPECT_EQ(reasons(p.look("termination", kNodeKey), "DeleteNodeClaim"), "node_deleted");
}

TEST(Termination, WhatHyperPodToldAfterADeletionIsSaidByOurClock) {
  for (const Time deletion_time : {kStart - Duration::hours(1), kStart + Duration::hours(1)}) {
    Going p;
    kube::Node node = p.node();
    node.meta.deletion_time = deletion_time;
    p.put(node);
    const Effects effects = p.look("termination", kNodeKey);
    EXPECT_THAT(names(effects), ElementsAre("DescribeClusterNode")) << "the last list is older";
    p.wait(p.next_look - p.now);
    p.answer(effects.at(0).id, Outcome::Done, p.instances.at(0));
    EXPECT_EQ(reasons(p.look("termination", kNodeKey), "DeleteNodeClaim"), "node_deleted");
  }
}

TEST(Termination, AnInstanceThatIsGoneAfterTheDeletionNeedsNoDrain) {
  for (const Time deletion_time : {kStart - Duration::hours(1), kStart + Duration::hours(1)}) {
    Going p;
    kube::Node silent = p.node();
    silent.conditions.clear();
    p.put(silent);
    p.put(bound_pod("web", "node-p-a"));
    p.put(deleted(p.claim_, deletion_time));
    p.go_on();
    p.go_on();  // the Node is tainted, and its pods would go next
    p.instances.clear();
    p.wait(Duration::seconds(12));
    p.list_instances();
    EXPECT_THAT(all<state::EvictPod>(p.look_at_claim()), IsEmpty());
  }
}

TEST(Termination, TheNodeOfAnInstanceThatHyperPodNoLongerKnowsGoesAlone) {
  Going p;
  kube::Node node = p.node();
  node.meta.deletion_time = p.now;
  p.put(node);
  const Effects effects = p.look("termination", kNodeKey);
  p.wait(p.next_look - p.now);
  p.answer(effects.at(0).id, Outcome::NotFound);
  EXPECT_THAT(names(p.look("termination", kNodeKey)), ElementsAre("PatchNode"));
}

TEST(Termination, TheNodeOfAReplacedInstanceGoesAlone) {
  Going p;
  kube::Node node = p.node();
  node.meta.deletion_time = p.now;
  p.put(node);
  p.instances = {instance("id-p-a", "i-b2")};
  p.list_instances();
  const Effects effects = p.look("termination", kNodeKey);
  EXPECT_THAT(*only<state::PatchNode>(effects).finalizers, IsEmpty());
  EXPECT_THAT(all<state::DeleteNodeClaim>(effects), IsEmpty());
}

TEST(Termination, ANodeThatWaitsForItsReplacementGoesAlone) {
  Going p;
  kube::Node node = p.node();
  node.meta.deletion_time = p.now;
  node.meta.labels.set(kube::kNodeHealthStatus, "UnschedulablePendingReplacement");
  p.put(node);
  EXPECT_THAT(names(p.look("termination", kNodeKey)), ElementsAre("PatchNode"));
}

TEST(Termination, ANodeWhoseClaimIsGoneIsDrainedAndItsInstanceEnded) {
  Going p;
  p.remove(state::Kind::NodeClaim, p.claim_.meta);
  p.accept(p.look("garbagecollection", kNodeKey));
  EXPECT_TRUE(p.node().meta.is_deleting());
  p.accept(p.look("termination", kNodeKey));  // tainted
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(p.look("termination", kNodeKey)).logical_ids,
              ElementsAre("id-p-a"));
}

TEST(Termination, ANodeWhoseClaimIsGoneIsNotLetGoBeforeItsInstanceCanBeKnown) {
  Going p;
  kube::Node node = p.node();
  node.meta.deletion_time = p.now;
  p.state = state::ClusterState(state::Options{.cluster = "hp1"}, hyperpod::InstanceTypes::of({}));
  for (std::size_t kind = 0; kind < state::kKindCount; ++kind)
    p.fold(state::Synced{static_cast<state::Kind>(kind)});
  p.read(state::DescribeCluster{}, p.cluster);
  p.put(node);
  EXPECT_THAT(p.look("termination", kNodeKey), IsEmpty());
  EXPECT_LE(p.next_look, p.now + Duration::seconds(10));
  p.list_instances();
  p.accept(p.look("termination", kNodeKey));  // tainted
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look("termination", kNodeKey)), SizeIs(1));
}

TEST(Termination, ANodeOfAnotherKarpenterIsNotTouched) {
  Picture p;
  kube::Node node = ready(new_node("other", "i-cc"));
  node.meta.finalizers = {std::string(kube::kTerminationFinalizer)};
  node.meta.labels.set("karpenter.k8s.aws/ec2nodeclass", "default");
  node.meta.deletion_time = p.now;
  p.put(node);
  EXPECT_THAT(p.look("termination", {Key::Of::Node, "other"}), IsEmpty());
  EXPECT_THAT(p.look("garbagecollection", {Key::Of::Node, "other"}), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::controllers::test
