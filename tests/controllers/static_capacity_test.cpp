#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Key kPoolKey{Key::Of::NodePool, "p"};

state::Options with_gate() {
  state::Options options{.cluster = "hp1"};
  options.gates.static_capacity = true;
  return options;
}

// A static pool of so many nodes, with its class ready.
struct Static : Picture {
  explicit Static(std::int64_t replicas, state::Options options = with_gate())
      : Picture(std::move(options)) {
    settled_pool(replicas);
  }
  // The pool is put with this number before anything looks at it.
  void settled_pool(std::int64_t replicas) {
    kube::NodePool made = pool("p");
    made.replicas = replicas;
    made.disruption.budgets = {{.nodes = "0"}};
    put(made);
    look_until_ready();
  }
  void look_until_ready() {
    accept(look("nodeclass.status", {Key::Of::NodeClass, "main"}));
    // One for the hash and one for the status: two writes of one object take turns.
    for (int i = 0; i < 2; ++i) accept(look("nodepool.status", kPoolKey));
    ASSERT_TRUE(kube::is_true(state.find_node_pool("p")->conditions, "Ready"));
  }
  void change(auto edit) {
    kube::NodePool changed = *state.find_node_pool("p");
    edit(changed);
    ++changed.meta.generation;
    put(changed);
    look_until_ready();
  }
  void scale_to(std::int64_t replicas) {
    change([&](kube::NodePool& of) { of.replicas = replicas; });
  }
  Effects look_at_pool() { return look("static.capacity", kPoolKey); }
  // Names of the claims that are deleted, in order.
  std::vector<std::string> deleted() {
    std::vector<std::string> list;
    for (const auto& deletion : all<state::DeleteNodeClaim>(look_at_pool()))
      list.push_back(deletion.name);
    return list;
  }
};

std::vector<state::CreateNodeClaim> created(const Effects& effects) {
  return all<state::CreateNodeClaim>(effects);
}

TEST(StaticCapacity, KeepsAsManyNodesAsThePoolSays) {
  Static p(3);
  const Effects effects = p.look_at_pool();
  ASSERT_THAT(created(effects), SizeIs(3));
  for (const auto& create : created(effects)) {
    EXPECT_EQ(create.claim.meta.labels.get(kube::kInstanceType), "ml.c5.xlarge")
        << "the cheapest offering";
    EXPECT_THAT(create.pods, IsEmpty());
    EXPECT_TRUE(create.claim.spec.requests.is_zero()) << "for no pods";
    EXPECT_EQ(create.claim.node_pool(), "p");
    EXPECT_TRUE(create.claim.meta.has_finalizer(kube::kTerminationFinalizer));
    EXPECT_FALSE(create.claim.meta.annotations.get(kube::kLaunch).empty());
  }
  EXPECT_THAT(p.look_at_pool(), IsEmpty()) << "a second look emits nothing";
  p.accept(effects);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(StaticCapacity, IsNothingWithoutItsGate) {
  Static p(3, {.cluster = "hp1"});
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(StaticCapacity, ADynamicPoolIsLeftToTheSolver) {
  Picture p(with_gate());
  p.put(pool("p"));
  EXPECT_THAT(p.look("static.capacity", kPoolKey), IsEmpty());
}

TEST(StaticCapacity, TheSolverBuysNothingOfIt) {
  Static p(0);
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  EXPECT_THAT(created(p.look("provisioner", {Key::Of::PendingPods, {}})), IsEmpty());
}

TEST(StaticCapacity, ClaimsHaveThePoolsRequirementsAsTheyAre) {
  Static p(0);
  p.change([](kube::NodePool& of) {
    of.replicas = 1;
    of.template_spec.requirements = {{.key = "team",
                                      .op = kube::NodeOperator::In,
                                      .values = {"blue", "green"},
                                      .min_values = {}},
                                     {.key = std::string(kube::kInstanceGroup),
                                      .op = kube::NodeOperator::In,
                                      .values = {"big", "gpu"},
                                      .min_values = {}}};
  });
  const auto create = only<state::CreateNodeClaim>(p.look_at_pool());
  EXPECT_EQ(create.claim.meta.labels.get("team"), "blue");
  EXPECT_EQ(create.claim.meta.labels.get(kube::kInstanceGroup), "big") << "the cheaper one";
  const auto names_key = [&](std::string_view key) {
    return std::ranges::any_of(create.claim.spec.requirements,
                               [&](const auto& requirement) { return requirement.key == key; });
  };
  EXPECT_TRUE(names_key("team"));
  EXPECT_FALSE(names_key(kube::kInstanceType)) << "types are not narrowed";
}

TEST(StaticCapacity, LimitsOfNodesHold) {
  Static p(5);
  p.change([](kube::NodePool& of) { of.limits = kube::Limits{{{"nodes", 2}}}; });
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(created(effects), SizeIs(2));
  p.accept(effects);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
}

TEST(StaticCapacity, ADeletedClaimIsReplacedAndStillCountsForTheLimit) {
  Static p(2);
  p.put_running("p-a", "p");
  p.put(deleted(p.put_running("p-b", "p"), p.now));
  EXPECT_THAT(created(p.look_at_pool()), SizeIs(1));

  Static limited(2);
  limited.change([](kube::NodePool& of) { of.limits = kube::Limits{{{"nodes", 2}}}; });
  limited.put_running("p-a", "p");
  limited.put(deleted(limited.put_running("p-b", "p"), limited.now));
  EXPECT_THAT(limited.look_at_pool(), IsEmpty()) << "until it is gone";
}

// Who goes on with the disruption makes its replacement; a second one would be one too many.
TEST(StaticCapacity, AClaimThatIsMarkedForDisruptionIsNotMissed) {
  Static p(3);
  p.put_running("p-a", "p");
  kube::NodeClaim marked = p.put_running("p-b", "p");
  marked.conditions.push_back({.type = std::string(kube::node_claim_condition::kDisruptionReason),
                               .status = kube::ConditionStatus::True,
                               .reason = "Drifted"});
  p.put(marked);
  EXPECT_THAT(created(p.look_at_pool()), SizeIs(1));
}

TEST(StaticCapacity, NothingIsMadeForAPoolThatIsNotReady) {
  Static p(0);
  p.remove(state::Kind::NodeClass, p.state.find_node_class("main")->meta);
  p.accept(p.look("nodepool.status", kPoolKey));
  kube::NodePool wanting = *p.state.find_node_pool("p");
  wanting.replicas = 1;
  p.put(wanting);
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
}

TEST(StaticCapacity, WhereNothingIsToBeHadThePoolSaysSoAndTriesAgain) {
  Static p(2);
  for (const char* group : {"cpu", "big", "gpu"}) {
    p.emit({.action = state::BackOff{group, p.now + Duration::minutes(5), "a quota"}});
  }
  const Effects effects = p.look_at_pool();
  EXPECT_THAT(created(effects), IsEmpty());
  EXPECT_THAT(told(effects), ElementsAre(HasSubstr("Warning NoCompatibleInstanceTypes: 2 of 2 "
                                                   "nodes cannot be bought: instance group")));
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
}

TEST(StaticCapacity, TheNextOfferingIsTakenWhereTheCheapestHasNoCapacity) {
  Static p(1);
  p.emit({.action = state::MarkUnavailable{{"cpu", "ml.c5.xlarge", "us-west-2a"},
                                           p.now + Duration::minutes(3)}});
  EXPECT_EQ(
      only<state::CreateNodeClaim>(p.look_at_pool()).claim.meta.labels.get(kube::kInstanceType),
      "ml.c5.4xlarge");
}

TEST(StaticCapacity, OfTooManyThoseWithoutAnInstanceGoFirst) {
  Static p(3);
  p.put_running("p-a", "p");
  p.put(claim("p-b", "p"));
  p.put_running("p-c", "p");
  EXPECT_THAT(p.deleted(), IsEmpty());
  p.scale_to(2);
  EXPECT_THAT(p.deleted(), ElementsAre("p-b"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty()) << "a second look emits nothing";
}

TEST(StaticCapacity, ThenEmptyNodesThenTheCheapestToDisruptAndThoseThatSayDoNotDisruptLast) {
  Static p(4);
  for (const char* name : {"p-a", "p-b", "p-c", "p-d"}) p.put_running(name, "p");
  kube::Pod stays = bound_pod("stays", "node-p-a");
  stays.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(stays);
  p.put(bound_pod("one", "node-p-b"));
  p.put(bound_pod("two", "node-p-b"));
  p.put(bound_pod("three", "node-p-c"));
  p.put(of_daemon_set(bound_pod("agent", "node-p-d")));
  p.scale_to(0);
  EXPECT_THAT(p.deleted(), ElementsAre("p-d", "p-c", "p-b", "p-a"));
}

TEST(StaticCapacity, NoBudgetHoldsAScaleDown) {
  Static p(1);  // its budget is "0"
  p.put_running("p-a", "p");
  p.scale_to(0);
  const Effects effects = p.look_at_pool();
  EXPECT_EQ(reasons(effects, "DeleteNodeClaim"), "overprovisioned");
}

TEST(StaticCapacity, NoDrainIsBegunWhereHyperPodTakesNoDeletion) {
  Static p(1);
  p.put_running("p-a", "p");
  p.scale_to(0);
  p.cluster.status = hyperpod::ClusterStatus::SystemUpdating;
  p.read(state::DescribeCluster{}, p.cluster);
  EXPECT_THAT(p.deleted(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
}

TEST(StaticCapacity, EmptyNodesOfItStay) {
  Static p(1);
  p.change([](kube::NodePool& of) { of.disruption.budgets = {{.nodes = "100%"}}; });
  p.put_running("p-a", "p");
  p.wait(Duration::hours(1));
  EXPECT_THAT(p.look("disruption", kPoolKey), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::controllers::test
