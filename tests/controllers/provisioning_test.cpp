#include "controllers/batch_window.h"
#include "controllers/new_claim.h"
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Key kPending{Key::Of::PendingPods, {}};

// A pool and a class that are ready, and nothing else.
struct Ready : Picture {
  Ready() {
    put_pool(pool("p"));
    settle();
  }
  void put_pool(kube::NodePool pool) { put(std::move(pool)); }
  Effects look_at_pods() { return look("provisioner", kPending); }
};

Time at(std::int64_t milliseconds) { return kStart + Duration::milliseconds(milliseconds); }

BatchWindow window() { return {Duration::seconds(1), Duration::seconds(10)}; }

TEST(BatchWindow, ClosesASecondAfterTheNewestPod) {
  BatchWindow w = window();
  EXPECT_EQ(w.closes(), std::nullopt);
  w.add_new(at(0));
  w.add_new(at(700));
  EXPECT_EQ(w.closes(), at(1700));
}

TEST(BatchWindow, ClosesTenSecondsAfterTheFirstAtTheLatest) {
  BatchWindow w = window();
  for (int i = 0; i < 20; ++i) w.add_new(at(i * 900));
  EXPECT_EQ(w.closes(), at(10'000));
}

TEST(BatchWindow, APodThatFailedWaitsForQuietInputs) {
  BatchWindow w = window();
  w.add_failed(at(0), at(3000));
  EXPECT_EQ(w.closes(), at(4000));
}

TEST(BatchWindow, WhereInputsAreNeverQuietAFailedPodIsTriedOnceInTheLongestWindow) {
  BatchWindow w = window();
  w.add_failed(at(0), at(9500));
  EXPECT_EQ(w.closes(), at(10'000));
}

TEST(Provisioning, OfThousandsOneLookBuysForSoManyAndTheNextGoesOn) {
  Ready p;
  for (int i = 0; i < 101; ++i) {
    kube::Pod pod = pending_pod("web-" + std::to_string(i));
    pod.scheduling.host_ports.push_back({"", 8080, "TCP"});  // one on a node
    p.put(std::move(pod));
  }
  p.wait(Duration::seconds(1));
  EXPECT_EQ(all<state::CreateNodeClaim>(p.look_at_pods()).size(), 100U);
  EXPECT_EQ(p.next_look, p.now) << "as soon as may be";
  EXPECT_EQ(all<state::CreateNodeClaim>(p.look_at_pods()).size(), 1U);
  EXPECT_EQ(p.next_look, Time::max());
}

TEST(Provisioning, APodGetsAClaimWhenItsWindowCloses) {
  Ready p;
  p.put(pending_pod("web"));
  EXPECT_THAT(p.look_at_pods(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(1));
  p.wait(Duration::seconds(1));
  const Effects effects = p.look_at_pods();
  const auto create = only<state::CreateNodeClaim>(effects);
  EXPECT_THAT(create.pods, ElementsAre("uid-web"));
  EXPECT_EQ(create.claim.meta.labels.get(kube::kInstanceType), "ml.c5.xlarge")
      << "the cheapest that fits";
  EXPECT_EQ(reasons(effects, "CreateNodeClaim"), "provisioned");
  EXPECT_THAT(told(effects), ElementsAre("Normal Nominated: Pod should schedule on: nodeclaim/" +
                                         create.claim.meta.name));
  EXPECT_THAT(p.look_at_pods(), IsEmpty()) << "a second look emits nothing";
}

// Looks at the pods; the API server refuses what is made for them.
kube::NodeClaim refused_claim(Picture& p) {
  const Effects effects = p.look("provisioner", kPending);
  for (const Effect& effect : effects) {
    if (std::holds_alternative<state::CreateNodeClaim>(effect.action))
      p.answer(effect.id, Outcome::Rejected, {}, "metadata.annotations: Too long");
  }
  return only<state::CreateNodeClaim>(effects).claim;
}

TEST(Provisioning, APoolWhoseClaimsCannotBeCreatedKeepsNoOtherFromItsInstanceGroup) {
  Picture p;
  kube::NodePool bad = pool("bad");
  bad.weight = 100;
  p.put(bad);
  p.put(pool("good"));
  p.settle();
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  const kube::NodeClaim first = refused_claim(p);
  EXPECT_EQ(first.node_pool(), "bad");
  p.wait(Duration::seconds(1));
  const kube::NodeClaim second =
      only<state::CreateNodeClaim>(p.look("provisioner", kPending)).claim;
  EXPECT_EQ(second.node_pool(), "good");
  EXPECT_EQ(second.meta.labels.get(kube::kInstanceGroup),
            first.meta.labels.get(kube::kInstanceGroup));
}

TEST(Provisioning, APodIsToldThatItsPoolGetsNoClaims) {
  Ready p;
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  refused_claim(p);
  p.wait(Duration::seconds(1));
  EXPECT_THAT(told(p.look_at_pods()),
              ElementsAre(HasSubstr("NodePool \"p\" gets no NodeClaims until "
                                    "2026-11-24T12:00:11Z: they cannot be created: "
                                    "metadata.annotations: Too long")));
}

// Such a claim, when it goes, would end a node that may be somebody else's.
TEST(Provisioning, NoClaimIsMadeWithTheIdOfANodeThatItsPoolNames) {
  Ready p;
  kube::NodePool taker = *p.state.find_node_pool("p");
  ++taker.meta.generation;
  taker.template_annotations = {{std::string(kube::kNodeLogicalId), "id-of-another"}};
  p.put_pool(taker);
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  const kube::NodeClaim made = only<state::CreateNodeClaim>(p.look_at_pods()).claim;
  EXPECT_FALSE(made.meta.annotations.contains(kube::kNodeLogicalId)) << "planned before it is told";

  p.settle();
  EXPECT_THAT(text_of(p.state.find_node_pool("p")->conditions, "Ready"), HasSubstr("False"));
  EXPECT_THAT(text_of(p.state.find_node_pool("p")->conditions, "ValidationSucceeded"),
              HasSubstr("annotations[hyperwright.dev/node-logical-id]: this annotation is set by "
                        "the autoscaler; remove it"));
  p.put(pending_pod("later"));
  p.wait(Duration::seconds(1));
  EXPECT_THAT(all<state::CreateNodeClaim>(p.look_at_pods()), IsEmpty());
}

TEST(Provisioning, AClaimIsBornComplete) {
  Ready p;
  kube::NodePool labelled = pool("p");
  labelled.template_labels = {{"team", "blue"}};
  labelled.template_annotations = {{"note", "x"}};
  labelled.template_spec.expire_after = Duration::hours(720);
  p.cluster.groups[0].labels = {{"from", "group"}};
  p.cluster.groups[0].taints = {
      {.key = "dedicated", .value = {}, .effect = kube::TaintEffect::PreferNoSchedule}};
  p.read(state::DescribeCluster{}, p.cluster);
  p.put_pool(labelled);
  p.settle();
  kube::Pod pod = pending_pod("web");
  pod.scheduling.tolerations = {{.op = kube::TolerationOperator::Exists}};
  p.put(pod);
  p.wait(Duration::seconds(1));
  const kube::NodeClaim made = only<state::CreateNodeClaim>(p.look_at_pods()).claim;
  EXPECT_THAT(made.meta.name, testing::MatchesRegex("p-[a-z0-9]{5}"));
  EXPECT_THAT(made.meta.finalizers, ElementsAre(std::string(kube::kTerminationFinalizer)));
  const std::vector<std::pair<std::string_view, std::string>> labels = {
      {kube::kNodePool, "p"},
      {kube::kNodeClassLabel, "main"},
      {kube::kInstanceGroup, "cpu"},
      {kube::kZone, "us-west-2a"},
      {kube::kZoneId, "usw2-az1"},
      {kube::kCapacityType, "on-demand"},
      {kube::kArch, "amd64"},
      {kube::kOs, "linux"},
      {kube::kRegion, "us-west-2"},
      {"team", "blue"},
      {"from", "group"}};
  for (const auto& [key, value] : labels) EXPECT_EQ(made.meta.labels.get(key), value) << key;
  EXPECT_EQ(made.meta.annotations.get("note"), "x");
  EXPECT_EQ(made.meta.annotations.get(kube::kNodePoolHash), kube::template_hash(labelled));
  EXPECT_EQ(made.meta.annotations.get(kube::kNodePoolHashVersion), kube::kTemplateHashVersion);
  ASSERT_THAT(made.meta.owner_references, SizeIs(1));
  EXPECT_TRUE(made.meta.owner_references[0].block_owner_deletion);
  EXPECT_FALSE(made.meta.owner_references[0].controller);
  EXPECT_EQ(made.spec.expire_after, Duration::hours(720));
  EXPECT_EQ(made.spec.taints.at(0).key, "dedicated");
  EXPECT_GE(made.spec.requests.get(kube::Resource::Cpu), 1000);
  const auto launch = state::decode_launch(made.meta.annotations.get(kube::kLaunch)).value();
  EXPECT_EQ(launch.call.nodes(), 1);
  EXPECT_EQ(launch.offering(), (hyperpod::OfferingKey{"cpu", "ml.c5.xlarge", "us-west-2a"}));
}

TEST(Provisioning, NodesOfOneBatchShareTheirCall) {
  Ready p;
  for (int i = 0; i < 3; ++i) p.put(pending_pod("web-" + std::to_string(i), "3"));
  p.wait(Duration::seconds(1));
  std::set<std::string> batches;
  const auto creates = all<state::CreateNodeClaim>(p.look_at_pods());
  std::int32_t nodes = 0;
  for (const auto& create : creates) {
    const auto call =
        state::decode_launch(create.claim.meta.annotations.get(kube::kLaunch)).value().call;
    batches.insert(call.batch);
    nodes = call.nodes();
  }
  EXPECT_THAT(batches, SizeIs(1));
  EXPECT_EQ(nodes, static_cast<std::int32_t>(creates.size()));
}

TEST(Provisioning, APodWithoutAPlaceIsToldOnceAndTriedAgainWhenSomethingChanged) {
  Ready p;
  p.put(pending_pod("huge", "64"));
  p.wait(Duration::seconds(1));
  const Effects effects = p.look_at_pods();
  EXPECT_THAT(told(effects),
              ElementsAre(HasSubstr("Warning FailedScheduling: Failed to schedule pod, ")));
  EXPECT_THAT(p.look_at_pods(), IsEmpty());
  p.wait(Duration::hours(1));
  EXPECT_THAT(p.look_at_pods(), IsEmpty()) << "a quiet world stays quiet";
  p.put_running("p-a", "p");
  EXPECT_THAT(all<state::MarkUnschedulable>(p.look_at_pods()), SizeIs(1));
  p.put_running("p-b", "p");
  EXPECT_THAT(p.look_at_pods(), IsEmpty());
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(1));
}

TEST(Provisioning, LimitsHold) {
  Ready p;
  kube::NodePool limited = pool("p");
  limited.limits = kube::Limits{{{"nodes", 2}}};
  p.put_pool(limited);
  p.settle();
  for (int i = 0; i < 5; ++i) p.put(pending_pod("web-" + std::to_string(i), "12"));
  p.wait(Duration::seconds(1));
  EXPECT_THAT(all<state::CreateNodeClaim>(p.look_at_pods()), SizeIs(2));
}

TEST(Provisioning, PodsOfANodeThatGoesGetTheirPlaceBeforeTheyAreEvicted) {
  Ready p;
  const kube::NodeClaim going = p.put_running("p-a", "p");
  p.put(bound_pod("web", "node-p-a"));
  p.put(of_daemon_set(bound_pod("agent", "node-p-a")));
  p.wait(Duration::seconds(5));
  p.put(deleted(going, p.now));
  EXPECT_THAT(p.look("provisioner", {Key::Of::Node, "node-p-a"}), IsEmpty());
  p.wait(Duration::seconds(1));
  const Effects effects = p.look("provisioner", {Key::Of::Node, "node-p-a"});
  EXPECT_THAT(only<state::CreateNodeClaim>(effects).pods, ElementsAre("uid-web"));
}

TEST(Provisioning, PodsThatCameToANodeMarkedAsEmptyStayThere) {
  Ready p;
  kube::NodeClaim marked = p.put_running("p-a", "p");
  marked.conditions.push_back({.type = std::string(kube::node_claim_condition::kDisruptionReason),
                               .status = kube::ConditionStatus::True,
                               .reason = "Empty"});
  p.put(marked);
  p.put(bound_pod("web", "node-p-a"));
  p.wait(Duration::seconds(2));
  EXPECT_THAT(p.look("provisioner", {Key::Of::Node, "node-p-a"}), IsEmpty())
      << "the mark is taken off: the node is kept";
}

TEST(Provisioning, APodThatMayNotMoveGetsNoNewPlace) {
  Ready p;
  const kube::NodeClaim going = p.put_running("p-a", "p");
  kube::Pod pod = bound_pod("train", "node-p-a");
  pod.meta.annotations.set(kube::kDoNotDisrupt, "true");
  p.put(pod);
  p.put(deleted(going, p.now));
  p.wait(Duration::seconds(2));
  EXPECT_THAT(p.look("provisioner", {Key::Of::Node, "node-p-a"}), IsEmpty());
}

kube::PodDisruptionBudget budget(std::string_view name, std::string_view min_available,
                                 std::string_view max_unavailable) {
  kube::PodDisruptionBudget result;
  result.meta = {
      .name = std::string(name), .namespace_ = "default", .uid = "uid-" + std::string(name)};
  result.selector = kube::LabelSelector{{{"app", "train"}}, {}};
  result.min_available = min_available;
  result.max_unavailable = max_unavailable;
  return result;
}

// How many claims are made for the pod of a node that goes while these budgets cover the pod.
std::size_t places_made(const std::vector<kube::PodDisruptionBudget>& budgets,
                        bool is_ready = true) {
  Ready p;
  for (const kube::PodDisruptionBudget& budget : budgets) p.put(budget);
  const kube::NodeClaim going = p.put_running("p-a", "p");
  kube::Pod pod = bound_pod("train", "node-p-a");
  pod.meta.labels = {{"app", "train"}};
  pod.is_ready = is_ready;
  p.put(pod);
  p.put(deleted(going, p.now));
  p.look("provisioner", {Key::Of::Node, "node-p-a"});
  p.wait(Duration::seconds(2));
  return all<state::CreateNodeClaim>(p.look("provisioner", {Key::Of::Node, "node-p-a"})).size();
}

TEST(Provisioning, APodThatItsBudgetNeverLetsGoGetsNoNewPlace) {
  EXPECT_EQ(places_made({}), 1U);
  EXPECT_EQ(places_made({budget("none-down", "", "0")}), 0U);
  EXPECT_EQ(places_made({budget("none-down", "", "0%")}), 0U);
  EXPECT_EQ(places_made({budget("all-up", "100%", "")}), 0U);
  EXPECT_EQ(places_made({budget("none-down", "", "0"), budget("all-up", "100%", "")}), 0U);
  EXPECT_EQ(places_made({budget("one-down", "", "1"), budget("two-down", "", "2")}), 0U)
      << "the eviction API refuses a pod with more than one, whatever they allow";
}

TEST(Provisioning, APodThatItsBudgetLetsGoOneDayGetsANewPlace) {
  EXPECT_EQ(places_made({budget("one-down", "", "1")}), 1U) << "though none may go now";
  EXPECT_EQ(places_made({budget("most-up", "99%", "")}), 1U);
  EXPECT_EQ(places_made({budget("some-up", "3", "")}), 1U);
  kube::PodDisruptionBudget elsewhere = budget("none-down", "", "0");
  elsewhere.selector = kube::LabelSelector{{{"app", "web"}}, {}};
  EXPECT_EQ(places_made({elsewhere}), 1U) << "it covers other pods";
  elsewhere = budget("none-down", "", "0");
  elsewhere.meta.namespace_ = "kube-system";
  EXPECT_EQ(places_made({elsewhere}), 1U) << "it is of another namespace";
}

TEST(Provisioning, APodThatIsNotReadyMayMoveWhereItsOnlyBudgetLetsSuchPodsGo) {
  kube::PodDisruptionBudget lets_go = budget("none-down", "", "0");
  EXPECT_EQ(places_made({lets_go}, /*is_ready=*/false), 0U);
  lets_go.always_allow_unhealthy = true;
  EXPECT_EQ(places_made({lets_go}, /*is_ready=*/false), 1U);
  EXPECT_EQ(places_made({lets_go}, /*is_ready=*/true), 0U);
  EXPECT_EQ(places_made({lets_go, budget("one-down", "", "1")}, /*is_ready=*/false), 0U);
}

TEST(Provisioning, ANodeWithRoomIsUsedFirst) {
  Ready p;
  p.put_running("p-a", "p");
  p.put(pending_pod("web"));
  p.wait(Duration::seconds(1));
  const Effects effects = p.look_at_pods();
  EXPECT_EQ(only<state::NominatePods>(effects).node, "node-p-a");
  EXPECT_THAT(told(effects),
              ElementsAre("Normal Nominated: Pod should schedule on: node/node-p-a"));
  EXPECT_THAT(all<state::CreateNodeClaim>(effects), IsEmpty());
}

TEST(NewClaim, CustomKeysThatAreRequiredBecomeLabels) {
  scheduling::NewNode node;
  node.offering.key = {"cpu", "ml.c5.xlarge", "us-west-2a"};
  node.compatible_types = Shared(std::vector<std::string>{"ml.c5.xlarge", "ml.c5.4xlarge"});
  node.requirements = Shared(kube::Requirements::from(
      {{.key = "team", .op = kube::NodeOperator::In, .values = {"red", "blue"}},
       {.key = "old", .op = kube::NodeOperator::DoesNotExist}}));
  Picture p;
  const kube::NodeClaim made =
      new_claim("n", pool("p"), node, p.cluster, {launch_call("b", 1), 0}, "amd64");
  EXPECT_EQ(made.meta.labels.get("team"), "blue");
  EXPECT_FALSE(made.meta.labels.contains("old"));
  const auto types =
      kube::Requirements::from(made.spec.requirements).find(kube::kInstanceType)->values();
  EXPECT_THAT(types, ElementsAre("ml.c5.4xlarge", "ml.c5.xlarge"));
}

}  // namespace
}  // namespace hyperwright::controllers::test
