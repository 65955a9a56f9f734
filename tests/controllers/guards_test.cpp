#include "controllers/guards.h"

#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::HasSubstr;

struct Guarded : Picture {
  std::string refused(state::Action action, std::string reason = {}) const {
    return Guards(state)
        .refusal({.id = 1, .reason = std::move(reason), .action = std::move(action)}, now)
        .value_or("");
  }
};

TEST(Guards, LimitsCountWhatIsInFlight) {
  Guarded p;
  kube::NodePool limited = pool("p");
  limited.limits = kube::Limits{{{"cpu", 8000}}};
  p.put(limited);
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-a", "p"), {}}), "");
  p.emit({.action = state::CreateNodeClaim{claim("p-a", "p"), {}}});
  p.emit({.action = state::CreateNodeClaim{claim("p-b", "p"), {}}});
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-c", "p"), {}}),
            "with NodeClaim p-c, NodePool p would use 12 of cpu, above its limit of 8");
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-a", "p", launch_call("other", 1)), {}}),
            "there is a NodeClaim p-a already");
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-a", "p"), {}}), "")
      << "asked for again: it counts already";
  EXPECT_THAT(p.refused(state::CreateNodeClaim{claim("q-a", "q"), {}}),
              HasSubstr("NodePool q is not there"));
}

TEST(Guards, BudgetsHoldForVoluntaryDeletionsOnly) {
  Guarded p;
  kube::NodePool closed = pool("p");
  closed.disruption.budgets = {{.nodes = "1"}};
  p.put(closed);
  p.put_running("p-a", "p");
  p.put_running("p-b", "p");
  EXPECT_EQ(p.refused(state::DeleteNodeClaim{"p-a", "uid-p-a"}, "empty"), "");
  p.emit({.action = state::DeleteNodeClaim{"p-a", "uid-p-a"}});
  EXPECT_EQ(p.refused(state::DeleteNodeClaim{"p-b", "uid-p-b"}, "empty"),
            "the budgets of NodePool p allow no disruption for Empty now: 1 of its 2 nodes are out "
            "of service");
  EXPECT_EQ(p.refused(state::DeleteNodeClaim{"p-b", "uid-p-b"}, "expired"), "");
}

TEST(Guards, BudgetsAreAskedWhenAClaimIsMarkedAndNotAgain) {
  Guarded p;
  kube::NodePool one_at_a_time = pool("p");
  one_at_a_time.disruption.budgets = {{.nodes = "1"}};
  p.put(one_at_a_time);
  const auto marked = [&](kube::NodeClaim claim) {
    kube::ConditionWriter writer(claim.conditions, kube::node_claim_condition::kDependents, 1,
                                 kStart, p.now);
    writer.set_true(kube::node_claim_condition::kDisruptionReason);
    return claim;
  };
  const kube::NodeClaim first = marked(p.put_running("p-a", "p"));
  const kube::NodeClaim second = marked(p.put_running("p-b", "p"));
  EXPECT_EQ(p.refused(state::UpdateNodeClaimStatus{first}, "empty"), "");
  p.put(first);
  EXPECT_THAT(p.refused(state::UpdateNodeClaimStatus{second}, "empty"),
              HasSubstr("1 of its 2 nodes are out of service"));

  kube::Node silent = p.state.find_node("node-p-b")->node;
  silent.conditions.clear();
  p.put(silent);
  EXPECT_EQ(p.refused(state::DeleteNodeClaim{"p-a", "uid-p-a"}, "empty"), "")
      << "that another node fails meanwhile takes nothing back";
}

TEST(Guards, OfOneTurnCountWhatWentOutInIt) {
  Guarded p;
  kube::NodePool limited = pool("p");
  limited.limits = kube::Limits{{{"cpu", 8000}}};
  limited.disruption.budgets = {{.nodes = "1"}};
  p.put(limited);
  p.put_running("p-a", "p");
  p.put_running("p-b", "p");
  Guards guards(p.state);
  const auto goes_out = [&](state::Action action) {
    const Effect effect{.id = 1, .reason = "empty", .action = std::move(action)};
    if (guards.refusal(effect, p.now)) return false;
    p.emit(effect);
    guards.note(effect);
    return true;
  };
  EXPECT_FALSE(goes_out(state::CreateNodeClaim{claim("p-c", "p"), {}})) << "two nodes of 4 cpu";
  EXPECT_TRUE(goes_out(state::DeleteNodeClaim{"p-a", "uid-p-a"}));
  EXPECT_FALSE(goes_out(state::DeleteNodeClaim{"p-b", "uid-p-b"}));

  limited.limits = kube::Limits{{{"cpu", 12'000}}};
  p.put(limited);
  EXPECT_TRUE(goes_out(state::CreateNodeClaim{claim("p-c", "p"), {}}));
  EXPECT_FALSE(goes_out(state::CreateNodeClaim{claim("p-d", "p"), {}}));
}

TEST(Guards, ALaunchIsTheCallOfItsClaims) {
  Guarded p;
  p.put(pool("p"));
  const auto call = launch_call("batch", 2);
  EXPECT_THAT(p.refused(state::BatchAddClusterNodes{"batch", call.add_specifications()}),
              HasSubstr("no NodeClaim belongs to launch batch"));
  p.put(claim("p-a", "p", call));
  EXPECT_EQ(p.refused(state::BatchAddClusterNodes{"batch", call.add_specifications()}),
            "launch batch asks for 2 nodes and has 1 NodeClaims");
  p.put(claim("p-b", "p", call));
  EXPECT_EQ(p.refused(state::BatchAddClusterNodes{"batch", call.add_specifications()}), "");
  EXPECT_THAT(
      p.refused(state::BatchAddClusterNodes{"batch", launch_call("batch", 3).add_specifications()}),
      HasSubstr("is not the call that its NodeClaims carry"));
}

TEST(Guards, OnlyOurOwnNodesAreDeleted) {
  Guarded p;
  p.put(pool("p"));
  p.put(with_id(claim("p-a", "p"), "id-a"));
  EXPECT_EQ(p.refused(state::BatchDeleteClusterNodes{{"id-x"}}), "node id-x is not ours");
  EXPECT_EQ(p.refused(state::BatchDeleteClusterNodes{{"id-a"}}),
            "node id-a belongs to NodeClaim p-a, which is not deleted");
  p.put(deleted(with_id(claim("p-a", "p"), "id-a"), p.now));
  EXPECT_EQ(p.refused(state::BatchDeleteClusterNodes{{"id-a"}}), "");
  EXPECT_THAT(p.refused(state::BatchDeleteClusterNodes{std::vector<std::string>(51, "id-a")}),
              HasSubstr("1 to 50 nodes, not 51"));
}

TEST(Guards, ANodeWhoseClaimWentFirstIsOurs) {
  Guarded p;
  const kube::NodeClaim made = p.put(with_id(claim("p-a", "p"), "id-a"));
  p.remove(state::Kind::NodeClaim, made.meta);
  EXPECT_EQ(p.refused(state::BatchDeleteClusterNodes{{"id-a"}}), "");
}

TEST(Guards, ANodeThatCarriesOurMarkIsOurs) {
  Guarded p;
  p.put(pool("p"));
  const kube::NodeClaim made = p.put_running("p-a", "p");
  p.remove(state::Kind::NodeClaim, made.meta);
  EXPECT_EQ(p.refused(state::BatchDeleteClusterNodes{{"id-p-a"}}), "");
}

TEST(Guards, NoSecondClaimIsMadeForAPodWhoseClaimIsComing) {
  Guarded p;
  p.put(pool("p"));
  p.put(pending_pod("web"));
  p.emit({.action = state::CreateNodeClaim{claim("p-a", "p"), {"uid-web"}}});
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-b", "p"), {"uid-web"}}),
            "pod web has its place on NodeClaim p-a, which is coming");
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-b", "p"), {"uid-other"}}), "");
  p.put(deleted(claim("p-a", "p"), p.now));
  EXPECT_EQ(p.refused(state::CreateNodeClaim{claim("p-b", "p"), {"uid-web"}}), "")
      << "its place went with the claim";
}

state::PatchNodeClaim release_of(std::string name) {
  return {.name = std::move(name), .finalizers = std::vector<std::string>{}};
}

TEST(Guards, AClaimKeepsItsFinalizerWhileItMayHaveAnInstance) {
  Guarded p;
  p.put(pool("p"));
  p.put(claim("p-a", "p"));
  EXPECT_EQ(p.refused(release_of("p-a")), "NodeClaim p-a is not deleted");
  p.put(deleted(claim("p-a", "p"), p.now));
  EXPECT_EQ(p.refused(release_of("p-a")), "an instance may have been asked for NodeClaim p-a");
  p.put(deleted(with_id(claim("p-b", "p"), "id-b"), p.now));
  EXPECT_EQ(p.refused(release_of("p-b")), "HyperPod may still have node id-b of NodeClaim p-b");
  const auto removal = p.emit({.action = state::BatchDeleteClusterNodes{{"id-b"}}});
  p.answer(removal, Outcome::Done,
           hyperpod::DeleteResult{.failed = {{.id = "id-b", .code = "NodeIdNotFound"}}});
  EXPECT_EQ(p.refused(release_of("p-b")), "");
}

state::PatchNodeClaim storing(std::string name, std::string_view logical_id) {
  state::PatchNodeClaim patch{.name = std::move(name), .set_labels = {}, .set_annotations = {}};
  patch.set_annotations.set(kube::kNodeLogicalId, logical_id);
  return patch;
}

TEST(Guards, AClaimHasOneLogicalIdForLife) {
  Guarded p;
  p.put(claim("p-a", "p"));
  EXPECT_EQ(p.refused(storing("p-a", "id-a")), "");
  p.put(with_id(claim("p-a", "p"), "id-a"));
  EXPECT_EQ(p.refused(storing("p-a", "id-a")), "") << "the same again";
  EXPECT_EQ(p.refused(storing("p-a", "id-b")),
            "NodeClaim p-a has node id-a for life, and would get id-b");
  EXPECT_EQ(p.refused(storing("p-a", "")),
            "NodeClaim p-a has node id-a for life, and would get none");
}

TEST(Guards, NoTwoClaimsHaveOneLogicalId) {
  Guarded p;
  p.put(with_id(claim("p-a", "p"), "id-a"));
  p.put(claim("p-b", "p"));
  p.put(claim("p-c", "p"));
  EXPECT_EQ(p.refused(storing("p-b", "id-a")),
            "node id-a is NodeClaim p-a's, and p-b would get it");
  p.emit({.action = storing("p-b", "id-b")});
  EXPECT_EQ(p.refused(storing("p-c", "id-b")), "node id-b is NodeClaim p-b's, and p-c would get it")
      << "it is being stored";

  Guards guards(p.state);
  const auto goes_out = [&](state::Action action) {
    const Effect effect{.id = 1, .reason = {}, .action = std::move(action)};
    if (guards.refusal(effect, p.now)) return false;
    guards.note(effect);
    return true;
  };
  EXPECT_TRUE(goes_out(storing("p-b", "id-x")));
  EXPECT_FALSE(goes_out(storing("p-c", "id-x"))) << "it went out in this turn";
}

TEST(Guards, PodsLeaveOnlyNodesThatGo) {
  Guarded p;
  p.put(pool("p"));
  const kube::NodeClaim made = p.put_running("p-a", "p");
  p.put(bound_pod("web", "node-p-a"));
  const state::EvictPod eviction{{"default", "web"}, "uid-web"};
  EXPECT_EQ(p.refused(eviction), "Node node-p-a stays: pod web has its place there");
  p.put(deleted(made, p.now));
  EXPECT_EQ(p.refused(eviction), "");
}

TEST(Guards, BudgetsOfPodsArePassedByOnlyAtTheNodesDeadline) {
  Guarded p;
  p.put(pool("p"));
  kube::NodeClaim going = deleted(p.put_running("p-a", "p"), p.now);
  p.put(going);
  p.put(bound_pod("web", "node-p-a"));  // 30 seconds of grace
  const state::DeletePod deletion{{"default", "web"}, "uid-web", 30};
  EXPECT_EQ(p.refused(deletion), "pod web must be evicted: Node node-p-a has no deadline");
  going.meta.annotations.set(kube::kTerminationTimestamp,
                             format_time(p.now + Duration::minutes(2)));
  p.put(going);
  EXPECT_THAT(p.refused(deletion), HasSubstr("pod web must be evicted: it has until"));
  p.wait(Duration::seconds(91));
  EXPECT_EQ(p.refused(deletion), "");
}

TEST(Guards, NodesAndClaimsOfOthersAreNotTouched) {
  Guarded p;
  p.put(new_node("theirs", "i-0123456789abcdef0"));
  EXPECT_EQ(p.refused(state::DeleteNode{"theirs", "uid-theirs"}), "Node theirs is not ours");
  EXPECT_EQ(p.refused(state::PatchNode{.name = "theirs"}), "Node theirs is not ours");
  kube::NodeClaim foreign = claim("ec2-1", "ec2");
  foreign.spec.node_class_ref = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  p.put(foreign);
  EXPECT_EQ(p.refused(state::DeleteNodeClaim{"ec2-1", "uid-ec2-1"}),
            "NodeClaim ec2-1 is another Karpenter's");
  EXPECT_EQ(p.refused(release_of("ec2-1")), "NodeClaim ec2-1 is another Karpenter's");
  EXPECT_EQ(p.refused(state::UpdateNodeClaimStatus{foreign}),
            "NodeClaim ec2-1 is another Karpenter's");
}

TEST(Guards, NodePoolsOfOthersAreNotTouched) {
  Guarded p;
  p.put(pool("p"));
  kube::NodePool foreign = pool("ec2");
  foreign.template_spec.node_class_ref = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  p.put(foreign);
  EXPECT_EQ(p.refused(state::PatchNodePool{.name = "p", .set_annotations = {}}), "");
  EXPECT_EQ(p.refused(state::UpdateNodePoolStatus{pool("p")}), "");
  EXPECT_EQ(p.refused(state::PatchNodePool{.name = "ec2", .set_annotations = {}}),
            "NodePool ec2 is another Karpenter's, or gone");
  EXPECT_EQ(p.refused(state::UpdateNodePoolStatus{foreign}),
            "NodePool ec2 is another Karpenter's, or gone");
}

TEST(Decision, EmitsOneEffectATargetAndWaitsForFailures) {
  Picture p;
  Decision decision(p.state, p.now);
  EXPECT_TRUE(decision.emit(state::DeleteNode{"n", "u"}, "test"));
  EXPECT_FALSE(decision.emit(state::DeleteNode{"n", "u"}, "test"));
  const auto id = p.emit(decision.effects()[0]);
  Decision second(p.state, p.now);
  EXPECT_FALSE(second.emit(state::DeleteNode{"n", "u"}, "test")) << "under way";
  EXPECT_EQ(second.next_look(), Time::max());
  p.answer(id, Outcome::Retry);
  Decision third(p.state, p.now);
  EXPECT_FALSE(third.emit(state::DeleteNode{"n", "u"}, "test"));
  EXPECT_EQ(third.next_look(), p.now + Duration::seconds(1)) << "it failed, and waits";
}

TEST(Decision, SaysAnEventOnceInItsQuietTime) {
  Picture p;
  const state::RecordEvent event{
      .kind = "Pod", .key = {"default", "web"}, .uid = "u", .reason = "R", .message = "m"};
  Decision decision(p.state, p.now);
  EXPECT_TRUE(decision.emit(event, "test"));
  EXPECT_FALSE(decision.emit(event, "test"));
  p.emit(decision.effects()[0]);
  p.wait(Duration::seconds(119));
  EXPECT_FALSE(Decision(p.state, p.now).emit(event, "test"));
  p.wait(Duration::seconds(1));
  EXPECT_TRUE(Decision(p.state, p.now).emit(event, "test"));
}

// --- everything together ---

// A pod comes, gets a node, ends, and the node goes: then there is nothing left to say.
TEST(AllControllers, ComeToRestAfterEachStepAndLeaveNothing) {
  Picture p;
  p.put(pool("p"));
  p.settle();
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  const auto pending = p.look("provisioner", {Key::Of::PendingPods, {}});
  const std::string name = only<state::CreateNodeClaim>(pending).claim.meta.name;
  p.accept(pending);
  Effects said = p.settle();
  const auto add = std::ranges::find_if(said, [](const Effect& e) {
    return std::holds_alternative<state::BatchAddClusterNodes>(e.action);
  });
  ASSERT_NE(add, said.end());
  p.answer(add->id, Outcome::Done,
           hyperpod::AddResult{.successful = {{.logical_id = "id-a", .group = "cpu"}}});
  p.settle();
  EXPECT_EQ(p.at_claim(name).logical_id, "id-a");
  p.instances = {instance("id-a", "i-a1")};
  p.list_instances();
  p.put(new_node("node-a", "i-a1"));
  p.settle();
  kube::Node node = p.state.find_node("node-a")->node;
  node.taints.clear();
  node.conditions = {condition("Ready", kube::ConditionStatus::True)};
  p.put(node);
  p.settle();
  EXPECT_EQ(p.claim_text(name, "Ready"), "True");
  kube::Pod pod = p.put(bound_pod("web", "node-a"));
  p.settle();
  p.remove(state::Kind::Pod, pod.meta);
  p.wait(Duration::minutes(1));
  p.settle();
  EXPECT_TRUE(p.at_claim(name).is_deleting());
  for (int i = 0; i < 4; ++i) {
    p.wait(Duration::seconds(12));
    p.instances.clear();
    p.list_instances();
    p.accept(p.look("termination", {Key::Of::NodeClaim, name}));
    p.settle();
  }
  EXPECT_TRUE(p.state.claims().empty());
  EXPECT_TRUE(p.state.nodes().empty());
}

}  // namespace
}  // namespace hyperwright::controllers::test
