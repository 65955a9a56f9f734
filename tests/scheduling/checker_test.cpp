// The checker itself: each rule is broken once, and met once.
#include "tests/scheduling/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::checker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const kube::LabelSelector kWeb{{{"app", "web"}}, {}};

Node node(const std::string& name, const std::string& zone) {
  Node made{.name = name};
  made.labels = {{std::string(kube::kHostname), name}, {std::string(kube::kZone), zone}};
  made.room.set(kube::Resource::Cpu, 4000);
  made.room.set(kube::Resource::Pods, 10);
  return made;
}

PlacedPod pod(const std::string& name, const std::string& where, bool is_new = true) {
  PlacedPod placed;
  placed.pod.meta = {.name = name, .namespace_ = "default", .uid = "uid-" + name};
  placed.pod.meta.labels = {{"app", "web"}};
  placed.pod.scheduling.requests.set(kube::Resource::Cpu, 1000);
  placed.node = where;
  placed.is_new = is_new;
  return placed;
}

kube::PodAffinityTerm near_web(std::string_view key) {
  kube::PodAffinityTerm term;
  term.topology_key = key;
  term.selector = kWeb;
  return term;
}

PlacedPod spread(PlacedPod placed, std::string_view key, std::int32_t skew = 1) {
  kube::TopologySpreadConstraint constraint;
  constraint.topology_key = key;
  constraint.max_skew = skew;
  constraint.selector = kWeb;
  placed.pod.scheduling.topology_spread = {constraint};
  return placed;
}

PlacedPod following(PlacedPod placed, std::string_view key) {
  placed.pod.scheduling.required_pod_affinity = {near_web(key)};
  return placed;
}

PlacedPod repelling(PlacedPod placed, std::string_view key) {
  placed.pod.scheduling.required_pod_anti_affinity = {near_web(key)};
  return placed;
}

PlacedPod called(PlacedPod placed, const std::string& app) {
  placed.pod.meta.labels.set("app", app);
  return placed;
}

std::vector<std::string> check(std::vector<PlacedPod> pods, std::vector<Node> fresh = {}) {
  Placement placement;
  placement.nodes = {node("a", "z1"), node("b", "z1"), node("c", "z2")};
  placement.pods = std::move(pods);
  placement.fresh = std::move(fresh);
  return checker::check(placement);
}

auto one(const std::string& part) { return ElementsAre(HasSubstr(part)); }

TEST(Checker, ResourcesOfAllPodsOfANodeCount) {
  std::vector<PlacedPod> pods;
  for (int i = 0; i < 4; ++i) pods.push_back(pod(std::to_string(i), "a", i == 0));
  EXPECT_THAT(check(pods), IsEmpty());
  pods.push_back(pod("one more", "a", false));
  EXPECT_THAT(check(pods), one("a has 4000 of cpu, and 5000 is asked for"));
  pods.back().pod.phase = kube::PodPhase::Succeeded;
  EXPECT_THAT(check(pods), IsEmpty());
}

TEST(Checker, NodeSelectorTermsAreOredAndAnEmptyOneMatchesNothing) {
  PlacedPod web = pod("web", "a");
  auto& terms = web.pod.scheduling.required_node_terms;
  terms = {{}};
  EXPECT_THAT(check({web}), one("node affinity"));
  terms = {{}, {{{std::string(kube::kZone), kube::NodeOperator::In, {"z1"}, {}}}, {}}};
  EXPECT_THAT(check({web}), IsEmpty());
  web.pod.scheduling.node_selector = {{std::string(kube::kZone), "z2"}};
  EXPECT_THAT(check({web}), one("node affinity"));
}

TEST(Checker, TaintsMustBeToleratedUnlessTheyOnlyPrefer) {
  Placement placement;
  placement.nodes = {node("a", "z1")};
  placement.pods = {pod("web", "a")};
  placement.nodes[0].taints = {{"k", "v", kube::TaintEffect::PreferNoSchedule}};
  EXPECT_THAT(checker::check(placement), IsEmpty());
  placement.nodes[0].taints = {{"k", "v", kube::TaintEffect::NoSchedule}};
  EXPECT_THAT(checker::check(placement), one("taints"));
}

TEST(Checker, AHostPortIsThereOnce) {
  PlacedPod first = pod("first", "a", false);
  PlacedPod second = pod("second", "a");
  first.pod.scheduling.host_ports = {{"10.0.0.1", 80, "TCP"}};
  second.pod.scheduling.host_ports = {{"10.0.0.2", 80, "TCP"}};
  EXPECT_THAT(check({first, second}), IsEmpty());
  second.pod.scheduling.host_ports = {{"", 80, "TCP"}};
  EXPECT_THAT(check({first, second}), one("first has its host port"));
}

TEST(Checker, AffinityWantsATargetInTheDomain) {
  const PlacedPod target = pod("target", "a", false);
  const auto client = [](const std::string& where, std::string_view key) {
    return following(called(pod("client", where), "client"), key);
  };
  EXPECT_THAT(check({target, client("b", kube::kZone)}), IsEmpty());
  EXPECT_THAT(check({target, client("b", kube::kHostname)}),
              testing::Contains(HasSubstr("pod affinity is not met")));
  EXPECT_THAT(check({client("b", kube::kZone)}), testing::Contains(HasSubstr("not met")));
}

TEST(Checker, TheFirstOfAGroupMayGoAnywhereAndNoOther) {
  EXPECT_THAT(check({following(pod("1", "a"), kube::kZone), following(pod("2", "b"), kube::kZone)}),
              IsEmpty());
  EXPECT_THAT(check({following(pod("1", "a"), kube::kZone), following(pod("2", "c"), kube::kZone)}),
              testing::Contains(HasSubstr("not met")));
}

TEST(Checker, PodsThatWaitForEachOtherAreNeverBound) {
  PlacedPod egg = called(pod("egg", "a"), "egg");
  PlacedPod hen = called(pod("hen", "a"), "hen");
  egg.pod.scheduling.required_pod_affinity = {near_web(kube::kZone)};
  egg.pod.scheduling.required_pod_affinity[0].selector->match_labels.set("app", "hen");
  EXPECT_THAT(check({egg, hen}), IsEmpty());
  hen.pod.scheduling.required_pod_affinity = {near_web(kube::kZone)};
  hen.pod.scheduling.required_pod_affinity[0].selector->match_labels.set("app", "egg");
  EXPECT_THAT(check({egg, hen}), ElementsAre(HasSubstr("in no order"), HasSubstr("in no order")));
}

TEST(Checker, AntiAffinityHoldsBothWays) {
  const PlacedPod plain = called(pod("shy", "b"), "shy");
  const PlacedPod carrier = repelling(plain, kube::kZone);
  EXPECT_THAT(check({pod("web", "a", false), carrier}), one("it repels web"));
  PlacedPod old_carrier = carrier;
  old_carrier.is_new = false;
  EXPECT_THAT(check({pod("web", "a"), old_carrier}), one("shy repels it"));
  EXPECT_THAT(check({pod("web", "c"), old_carrier}), IsEmpty());
  EXPECT_THAT(check({pod("web", "a", false), repelling(plain, kube::kHostname)}), IsEmpty());
}

TEST(Checker, AffinityLooksIntoItsOwnNamespaceOrThoseThatItNames) {
  PlacedPod target = pod("target", "a", false);
  target.pod.meta.namespace_ = "other";
  PlacedPod client = following(called(pod("client", "a"), "client"), kube::kZone);
  EXPECT_THAT(check({target, client}), testing::Contains(HasSubstr("not met")));
  client.pod.scheduling.required_pod_affinity[0].namespaces = {"other"};
  EXPECT_THAT(check({target, client}), IsEmpty());
  client.pod.scheduling.required_pod_affinity[0].namespaces = {};
  client.pod.scheduling.required_pod_affinity[0].namespace_selector = kube::LabelSelector{};
  EXPECT_THAT(check({target, client}), IsEmpty());
}

TEST(Checker, SpreadCountsFromTheLeastDomain) {
  EXPECT_THAT(check({spread(pod("1", "a"), kube::kZone)}), IsEmpty());
  const std::vector<PlacedPod> pods = {pod("1", "a", false), spread(pod("2", "b"), kube::kZone)};
  EXPECT_THAT(check(pods), one("2 more than the least; 1 is allowed"));
  EXPECT_THAT(check({pods[0], pods[1], pod("3", "c", false)}), IsEmpty());
}

TEST(Checker, ADomainThatAPoolCouldAddCounts) {
  const std::vector<PlacedPod> pods = {pod("1", "a", false), spread(pod("2", "b"), kube::kZone),
                                       pod("3", "c", false)};
  EXPECT_THAT(check(pods), IsEmpty());
  EXPECT_THAT(check(pods, {node("fresh", "z3")}), one("2 more than the least"));
}

TEST(Checker, OverNodesTheLeastIsZero) {
  EXPECT_THAT(check({spread(pod("1", "a"), kube::kHostname), spread(pod("2", "b"), kube::kHostname),
                     spread(pod("3", "c"), kube::kHostname)}),
              IsEmpty());
  EXPECT_THAT(check({spread(pod("1", "a"), kube::kHostname), pod("2", "a", false)}),
              one("2 more than the least"));
}

TEST(Checker, TooFewDomainsMakeTheLeastZero) {
  std::vector<PlacedPod> pods = {pod("1", "a", false), spread(pod("2", "b"), kube::kZone),
                                 pod("3", "c", false)};
  pods[1].pod.scheduling.topology_spread[0].min_domains = 3;
  EXPECT_THAT(check(pods), one("2 more than the least"));
}

TEST(Checker, SpreadSeesThePodsOwnNodesUnlessItIgnoresItsAffinity) {
  std::vector<PlacedPod> pods = {pod("1", "a", false), spread(pod("2", "b"), kube::kZone)};
  pods[1].pod.scheduling.node_selector = {{std::string(kube::kZone), "z1"}};
  EXPECT_THAT(check(pods), IsEmpty());
  pods[1].pod.scheduling.topology_spread[0].node_affinity_policy =
      kube::NodeInclusionPolicy::Ignore;
  EXPECT_THAT(check(pods), one("2 more than the least"));
}

TEST(Checker, SpreadLeavesOutPodsThatEndGoOrAreElsewhere) {
  for (int i = 0; i < 3; ++i) {
    PlacedPod other = pod("1", "a", false);
    if (i == 0) other.pod.phase = kube::PodPhase::Failed;
    if (i == 1) other.pod.meta.deletion_time = Time::from_unix_seconds(1);
    if (i == 2) other.pod.meta.namespace_ = "other";
    EXPECT_THAT(check({other, spread(pod("2", "b"), kube::kZone)}), IsEmpty()) << i;
  }
}

TEST(Checker, MatchLabelKeysCountThePodsOfOneRevision) {
  std::vector<PlacedPod> pods = {pod("1", "a", false), spread(pod("2", "b"), kube::kZone)};
  pods[0].pod.meta.labels.set("revision", "1");
  pods[1].pod.meta.labels.set("revision", "2");
  pods[1].pod.scheduling.topology_spread[0].match_label_keys = {"revision"};
  EXPECT_THAT(check(pods), IsEmpty());
  pods[0].pod.meta.labels.set("revision", "2");
  EXPECT_THAT(check(pods), one("2 more than the least"));
}

TEST(Checker, LimitsHoldForWhatIsBought) {
  Placement placement;
  placement.pools.emplace_back();
  placement.pools[0].meta.name = "p";
  placement.pools[0].limits = kube::Limits{{{"cpu", 4000}, {"nodes", 1}}};
  placement.nodes = {node("a", "z1"), node("b", "z1")};
  for (Node& each : placement.nodes) {
    each.node_pool = "p";
    each.capacity.set(kube::Resource::Cpu, 2000);
  }
  EXPECT_THAT(checker::check(placement), IsEmpty()) << "nothing is bought";
  placement.nodes[1].is_new = true;
  EXPECT_THAT(checker::check(placement), one("2 of nodes, and a limit of 1"));
  placement.nodes.erase(placement.nodes.begin());
  EXPECT_THAT(checker::check(placement), IsEmpty());
}

TEST(Checker, AReservationIsUsedAsOftenAsItHasInstances) {
  Placement placement;
  placement.reservations = {{"r", 1}};
  placement.nodes = {node("a", "z1"), node("b", "z1")};
  placement.nodes[0].reservation = "r";
  placement.nodes[1].is_new = true;
  EXPECT_THAT(checker::check(placement), IsEmpty());
  placement.nodes[1].reservation = "r";
  EXPECT_THAT(checker::check(placement), one("2 nodes draw on reservation r, which has 1"));
  placement.nodes[1].is_new = false;
  EXPECT_THAT(checker::check(placement), IsEmpty()) << "nothing is taken now";
  placement.nodes[1].is_new = true;
  placement.reservations = {{"r", 2}};
  EXPECT_THAT(checker::check(placement), IsEmpty());
}

TEST(Checker, AFreshNodeServesAPodIfTheRestAllowsIt) {
  Placement placement;
  placement.nodes = {node("a", "z1")};
  placement.pods = {pod("old", "a", false)};
  placement.fresh = {node("fresh-1", "z1"), node("fresh-2", "z2")};
  EXPECT_EQ(fresh_node_for(placement, repelling(pod("web", ""), kube::kZone).pod)->name, "fresh-2");
  placement.fresh[1].is_for_sale = false;
  EXPECT_EQ(fresh_node_for(placement, repelling(pod("web", ""), kube::kZone).pod), nullptr);
}

}  // namespace
}  // namespace hyperwright::checker
