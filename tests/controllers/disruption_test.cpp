#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Key kPoolKey{Key::Of::NodePool, "p"};

// Nodes p-a, p-b, ... of pool "p", running since long and without pods.
struct Quiet : Picture {
  explicit Quiet(int nodes = 1, const std::string& budget = "100%") {
    kube::NodePool open = pool("p");
    open.disruption.budgets = {{.nodes = budget}};
    pool_ = put(open);
    for (int i = 0; i < nodes; ++i)
      claims.push_back(put_running("p-" + std::string(1, static_cast<char>('a' + i)), "p"));
    wait(Duration::minutes(1));
  }
  Effects look_at_pool() { return look("disruption", kPoolKey); }
  bool is_tainted(const std::string& claim) const {
    return std::ranges::any_of(
        state.find_node("node-" + claim)->node.taints,
        [](const kube::Taint& taint) { return taint.key == kube::kTaintDisrupted; });
  }
  // Names of the claims that were chosen, and of those that were deleted.
  static std::vector<std::string> chosen(const Effects& effects) {
    std::vector<std::string> list;
    for (const auto& update : all<state::UpdateNodeClaimStatus>(effects)) {
      if (kube::is_true(update.claim.conditions, claim_condition::kDisruptionReason))
        list.push_back(update.claim.meta.name);
    }
    return list;
  }
  kube::NodePool pool_;
  std::vector<kube::NodeClaim> claims;
};

TEST(Emptiness, AnEmptyNodeIsTaintedThenLookedAtAgainThenGoes) {
  Quiet p;
  Effects effects = p.look_at_pool();
  EXPECT_THAT(names(effects), ElementsAre("PatchNode", "UpdateNodeClaimStatus"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty()) << "a second look emits nothing";
  p.accept(effects);
  EXPECT_TRUE(p.is_tainted("p-a"));
  EXPECT_EQ(p.claim_text("p-a", "DisruptionReason"), "True Empty: Empty");
  effects = p.look_at_pool();
  EXPECT_EQ(reasons(effects, "DeleteNodeClaim"), "empty");
  EXPECT_THAT(told(effects),
              ElementsAre("Normal DisruptionTerminating: Disrupting Node: Empty",
                          "Normal DisruptionTerminating: Disrupting NodeClaim: Empty"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(Emptiness, ALookAtTheNodeIsEnough) {
  Quiet p;
  EXPECT_THAT(Quiet::chosen(p.look("disruption", {Key::Of::Node, "node-p-a"})), ElementsAre("p-a"));
}

TEST(Emptiness, OfManyEmptyNodesOneAsksForAll) {
  Quiet p(3);
  EXPECT_THAT(p.look("disruption", {Key::Of::Node, "node-p-b"}), IsEmpty()) << "p-a asks";
  EXPECT_THAT(Quiet::chosen(p.look("disruption", {Key::Of::Node, "node-p-a"})),
              ElementsAre("p-a", "p-b", "p-c"));
  EXPECT_THAT(p.look("disruption", {Key::Of::Node, "node-p-b"}), IsEmpty()) << "it is under way";
}

TEST(Emptiness, APodThatComesBetweenTaintAndDeletionKeepsTheNode) {
  Quiet p;
  p.accept(p.look_at_pool());
  p.put(bound_pod("web", "node-p-a"));
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(all<state::DeleteNodeClaim>(effects), IsEmpty());
  p.accept(effects);
  EXPECT_FALSE(p.is_tainted("p-a"));
  EXPECT_EQ(p.claim_text("p-a", "DisruptionReason"), "absent");
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(Emptiness, PodsThatWouldMoveKeepANodeAndDaemonSetsDoNot) {
  Quiet p(3);
  p.put(bound_pod("web", "node-p-a"));
  p.put(of_daemon_set(bound_pod("agent", "node-p-b")));
  kube::Pod comes_back = bound_pod("db-0", "node-p-c");
  comes_back.meta.owner_references = {
      {.api_version = "apps/v1", .kind = "StatefulSet", .name = "db", .uid = "u"}};
  comes_back.meta.deletion_time = p.now;
  p.put(comes_back);
  p.wait(Duration::minutes(1));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-b"));
}

kube::PodDisruptionBudget budget_of_agents(const std::string& name, std::int32_t allowed) {
  kube::PodDisruptionBudget budget;
  budget.meta = {.name = name, .namespace_ = "default", .uid = "uid-" + name};
  budget.selector = kube::LabelSelector{};
  budget.disruptions_allowed = allowed;
  return budget;
}

TEST(Emptiness, APodThatMayNotBeEvictedBlocksANode) {
  Quiet p;
  p.put(of_daemon_set(bound_pod("agent", "node-p-a")));
  p.wait(Duration::minutes(1));
  p.put(budget_of_agents("one", 0));
  EXPECT_THAT(
      told(p.look_at_pool()),
      Contains(HasSubstr("Pdb prevents pod evictions (PodDisruptionBudget=[default/one])")));
  p.put(budget_of_agents("one", 1));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

TEST(Emptiness, TwoBudgetsOfOnePodBlockANodeWhateverTheyAllow) {
  Quiet p;
  p.put(of_daemon_set(bound_pod("agent", "node-p-a")));
  p.wait(Duration::minutes(1));
  p.put(budget_of_agents("one", 1));
  p.put(budget_of_agents("two", 1));
  EXPECT_THAT(told(p.look_at_pool()),
              Contains(HasSubstr("(PodDisruptionBudget=[default/one default/two])")));
}

TEST(Emptiness, ATerminatingPodOfADeploymentDoesNotKeepANode) {
  Quiet p;
  kube::Pod leaving = bound_pod("web", "node-p-a");
  leaving.meta.deletion_time = p.now;
  p.put(leaving);
  p.wait(Duration::seconds(1));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

TEST(Emptiness, ConsolidateAfterCountsFromTheLastPod) {
  Quiet p;
  p.pool_.disruption.consolidate_after = Duration::minutes(5);
  p.put(p.pool_);
  const auto pod = p.put(bound_pod("web", "node-p-a"));
  p.wait(Duration::minutes(10));
  p.remove(state::Kind::Pod, pod.meta);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::minutes(5));
  p.wait(Duration::minutes(5));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

TEST(Emptiness, NeverAndStaticPoolsKeepTheirNodes) {
  Quiet p;
  p.pool_.disruption.consolidate_after.reset();
  p.put(p.pool_);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
  p.pool_.disruption.consolidate_after = Duration{};
  p.pool_.replicas = 1;
  p.put(p.pool_);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(Emptiness, ANominatedNodeStays) {
  Quiet p;
  p.put(pending_pod("web"));
  p.emit({.action = state::NominatePods{.node = "node-p-a", .claim = {}, .pods = {"uid-web"}}});
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(Emptiness, NothingThatWasJustEmptiedIsChosenWhileABatchOfPodsIsOpen) {
  Quiet p;
  p.remove(state::Kind::Pod, p.put(bound_pod("last", "node-p-a")).meta);
  p.put(pending_pod("web"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(1));
  // Pods that go elsewhere trickle in: one is always new.
  p.wait(p.state.options().batch_max + Duration::seconds(1));
  p.put(pending_pod("another"));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

TEST(Emptiness, DoNotDisruptOnTheNodeOrOnAPodBlocksAndIsTold) {
  Quiet p(2);
  kube::Node node = p.state.find_node("node-p-a")->node;
  node.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(node);
  kube::Pod agent = of_daemon_set(bound_pod("agent", "node-p-b"));
  agent.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(agent);
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(Quiet::chosen(effects), IsEmpty());
  EXPECT_THAT(told(effects), Contains("Normal DisruptionBlocked: Disruption is blocked through the "
                                      "\"karpenter.sh/do-not-disrupt\" annotation"));
  EXPECT_THAT(told(effects),
              Contains("Normal DisruptionBlocked: Pod has \"karpenter.sh/do-not-disrupt\" "
                       "annotation (Pod=default/agent)"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(Emptiness, NoDrainBeginsWhileHyperPodRefusesDeletions) {
  Quiet p;
  p.cluster.status = hyperpod::ClusterStatus::SystemUpdating;
  p.read(state::DescribeCluster{}, p.cluster);
  EXPECT_THAT(
      told(p.look_at_pool()),
      Contains(HasSubstr("HyperPod deletes no nodes while cluster \"hp1\" is SystemUpdating")));
  p.cluster.status = hyperpod::ClusterStatus::InService;
  p.cluster.groups[0].status = hyperpod::InstanceGroupStatus::Updating;
  p.read(state::DescribeCluster{}, p.cluster);
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), IsEmpty());
  p.cluster.groups[0].status = hyperpod::InstanceGroupStatus::InService;
  p.read(state::DescribeCluster{}, p.cluster);
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

TEST(Emptiness, OfThousandsOneLookChoosesSoManyAndTheNextGoesOn) {
  Quiet p(0);
  for (int i = 0; i < 251; ++i) p.put_running("p-" + std::to_string(1'000 + i), "p");
  p.wait(Duration::minutes(1));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), SizeIs(250));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-1250"));
}

// --- budgets ---

TEST(DisruptionBudgets, OnlySoManyGoAtATimeAndThatIsTold) {
  Quiet p(5, "40%");
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(Quiet::chosen(effects), ElementsAre("p-a", "p-b"));
  EXPECT_THAT(told(effects), ElementsAre("Normal DisruptionBlocked: No allowed disruptions for "
                                         "disruption reason Empty due to blocking budget"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty()) << "what is being marked counts already";
  p.accept(effects);
  const Effects deletions = p.look_at_pool();
  EXPECT_THAT(all<state::DeleteNodeClaim>(deletions), SizeIs(2));
  EXPECT_THAT(Quiet::chosen(deletions), IsEmpty());
}

TEST(DisruptionBudgets, ANodeThatIsNotReadyUsesThemUp) {
  Quiet p(3, "1");
  kube::Node sick = p.state.find_node("node-p-c")->node;
  sick.conditions = {condition("Ready", kube::ConditionStatus::False)};
  p.put(sick);
  p.put(bound_pod("web", "node-p-c"));
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), IsEmpty());
}

TEST(DisruptionBudgets, OneThatCannotBeReadClosesThePool) {
  Quiet p(1, "ten");
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(Quiet::chosen(effects), IsEmpty());
  EXPECT_THAT(told(effects),
              ElementsAre(HasSubstr(
                  "No disruptions are allowed: spec.disruption.budgets[0]: nodes \"ten\"")));
}

TEST(DisruptionBudgets, AWindowThatEndsIsWaitedFor) {
  Quiet p;
  p.pool_.disruption.budgets = {{.nodes = "0", .schedule = "0 12 * * *", .duration = "1h"}};
  p.put(p.pool_);
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), IsEmpty());
  EXPECT_LE(p.next_look, kStart + Duration::hours(1));
  p.now = kStart + Duration::hours(1);
  EXPECT_THAT(Quiet::chosen(p.look_at_pool()), ElementsAre("p-a"));
}

// --- expiration ---

TEST(Expiration, AClaimGoesWhenItsTimeIsUp) {
  Picture p;
  p.put(pool("p"));
  kube::NodeClaim old = p.put_running("p-a", "p");
  old.spec.expire_after = Duration::hours(1);
  p.put(old);
  const Key key{Key::Of::NodeClaim, "p-a"};
  EXPECT_THAT(p.look("expiration", key), IsEmpty());
  EXPECT_EQ(p.next_look, kStart + Duration::hours(1));
  p.now = kStart + Duration::hours(1);
  EXPECT_EQ(reasons(p.look("expiration", key), "DeleteNodeClaim"), "expired");
  EXPECT_THAT(p.look("expiration", key), IsEmpty());
}

TEST(Expiration, WaitsWhileHyperPodRefusesDeletions) {
  Picture p;
  p.put(pool("p"));
  kube::NodeClaim old = p.put_running("p-a", "p");
  old.spec.expire_after = Duration::hours(1);
  p.put(old);
  p.cluster.status = hyperpod::ClusterStatus::Updating;
  p.read(state::DescribeCluster{}, p.cluster);
  p.now = kStart + Duration::hours(1);
  EXPECT_THAT(p.look("expiration", {Key::Of::NodeClaim, "p-a"}), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
}

}  // namespace
}  // namespace hyperwright::controllers::test
