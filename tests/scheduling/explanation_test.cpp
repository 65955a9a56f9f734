// What is said of pods without a place, and of pods that have one: every count is exact.
#include "scheduling/explanation.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hyperpod/offering.h"
#include "kube/well_known.h"
#include "scheduling/plan.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Where = Placement::Where;

const kube::Taint kGpuTaint{"gpu", "true", kube::TaintEffect::NoSchedule};

kube::Pod asking(kube::Pod pod, std::string_view resource, std::string_view text) {
  pod.scheduling.requests.set(resource, amount(resource, text));
  return pod;
}

Explanation why(ClusterBuilder& cluster, std::string_view name) {
  const auto waiting = cluster.waiting();
  const state::ClusterState& state = cluster.state();
  const auto pod = std::ranges::find_if(
      state.pods(), [&](const auto& entry) { return entry.second.pod.meta.name == name; });
  check(pod != state.pods().end(), "the test asks for a pod that is there");
  return explain(state, waiting, pod->second, cluster.now());
}

// "Resource cpu: 1 of 6 types, 5 of 30 offerings"
std::vector<std::string> counts_of(const Tally& tally) {
  std::vector<std::string> lines;
  for (const RuledOut& rule : tally.rules) {
    lines.push_back(std::string(to_string(rule.rule)) + " " + rule.key + ": " +
                    std::to_string(rule.count) + " of " + std::to_string(tally.total) + " types, " +
                    std::to_string(rule.offerings) + " of " + std::to_string(tally.offerings) +
                    " offerings");
  }
  return lines;
}

// --- counts ---

TEST(Explanation, CountsTheTypesThatFallToARuleAndThoseThatWouldDo) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "3"));
  const Explanation explanation = why(cluster, "web");
  EXPECT_EQ(explanation.placement.where, Where::NewNode);
  ASSERT_THAT(explanation.pools, SizeIs(1));
  const PoolExplanation& pool = explanation.pools[0];
  EXPECT_THAT(counts_of(pool.types), ElementsAre("Resource cpu: 1 of 6 types, 5 of 30 offerings"));
  EXPECT_EQ(pool.types.rules[0].wanted, "3");
  EXPECT_EQ(pool.types.rules[0].found, "15900m");
  EXPECT_EQ(pool.types.rules[0].note, "arm-instance-type");
  ASSERT_THAT(pool.types.outcomes, SizeIs(2));
  EXPECT_THAT(pool.types.outcomes[0].rules, IsEmpty());
  EXPECT_EQ(pool.types.outcomes[0].count, 5U);
  EXPECT_EQ(pool.types.outcomes[0].offerings, 25U);
  EXPECT_EQ(pool.lost_at, Step::Placed);
}

TEST(Explanation, ATypeThatFailsSeveralRulesIsCountedByEachAndStandsInOneOutcome) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("gpu");
  pool.template_spec.taints = {kGpuTaint};
  cluster.put_pool(pool);
  cluster.put_pod(asking(cluster.pod("train"), "fake.com/vendor-a", "3"));
  const Explanation explanation = why(cluster, "train");
  EXPECT_EQ(explanation.placement.where, Where::Nowhere);
  const Tally& tally = explanation.pools[0].types;
  EXPECT_THAT(counts_of(tally),
              ElementsAre("Taint gpu: 6 of 6 types, 30 of 30 offerings",
                          "Resource fake.com/vendor-a: 6 of 6 types, 30 of 30 offerings"));
  ASSERT_THAT(tally.outcomes, SizeIs(1));
  EXPECT_THAT(tally.outcomes[0].rules, ElementsAre(0U, 1U));
  EXPECT_EQ(explanation.pools[0].decisive, 0U);
}

TEST(Explanation, ATypeIsJudgedByItsNearestOffering) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  for (const char* group : {"spot", "on-demand"})
    cluster.mark_unavailable({group, "small-instance-type", "z1"});
  kube::Pod pod = cluster.pod("web");
  pod.scheduling.node_selector.set(kube::kZone, "z1");
  cluster.put_pod(pod);
  const Explanation explanation = why(cluster, "web");
  const Tally& tally = explanation.pools[0].types;
  // Zones z2 and z3 hold 18 of 30 offerings, but each type has one in z1.
  EXPECT_THAT(
      counts_of(tally),
      ElementsAre("Requirement topology.kubernetes.io/zone: 0 of 6 types, 18 of 30 offerings",
                  "Availability : 1 of 6 types, 2 of 30 offerings"));
}

TEST(Explanation, OfSeveralTermsTheNearestOneIsCounted) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod pod = cluster.pod("web");
  const auto in = [](std::string_view key, const char* value) {
    return kube::NodeRequirement{
        .key = std::string(key), .op = kube::NodeOperator::In, .values = {value}, .min_values = {}};
  };
  pod.scheduling.required_node_terms = {
      {.match_expressions = {in(kube::kZone, "z9"), in("team", "a")}, .match_fields = {}},
      {.match_expressions = {in(kube::kArch, "riscv64")}, .match_fields = {}}};
  cluster.put_pod(pod);
  EXPECT_THAT(counts_of(why(cluster, "web").pools[0].types),
              ElementsAre("Requirement kubernetes.io/arch: 6 of 6 types, 30 of 30 offerings"));
}

TEST(Explanation, ALimitTakesWhatItHasNoRoomFor) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  pool.limits = kube::Limits{{{"cpu", 3'000}}};
  cluster.put_pool(pool);
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "3"));
  const PoolExplanation explained = why(cluster, "web").pools[0];
  EXPECT_THAT(counts_of(explained.types),
              ElementsAre("Resource cpu: 1 of 6 types, 5 of 30 offerings",
                          "Limit cpu: 5 of 6 types, 25 of 30 offerings"));
  EXPECT_EQ(explained.lost_at, Step::WithinLimits);
  EXPECT_EQ(explained.decisive, 1U);
  EXPECT_EQ(explained.types.rules[1].wanted, "4");
  EXPECT_EQ(explained.types.rules[1].found, "3");
  EXPECT_EQ(explained.types.rules[1].note, "3 left");
}

TEST(Explanation, ExistingNodesAreCountedBesideThePools) {
  ClusterBuilder cluster;
  cluster.put_node({.name = "full", .type = "small-instance-type"});
  cluster.put_node({.name = "tainted", .taints = {kGpuTaint}});
  cluster.put_node({.name = "both", .type = "small-instance-type", .taints = {kGpuTaint}});
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "3"));
  const Explanation explanation = why(cluster, "web");
  EXPECT_THAT(explanation.pools, IsEmpty());
  ASSERT_TRUE(explanation.nodes.has_value());
  EXPECT_EQ(explanation.nodes->total, 3U);
  ASSERT_THAT(explanation.nodes->rules, SizeIs(2));
  EXPECT_EQ(explanation.nodes->rules[0].rule, Rule::Taint);
  EXPECT_EQ(explanation.nodes->rules[0].count, 2U);
  EXPECT_EQ(explanation.nodes->rules[1].rule, Rule::Resource);
  EXPECT_EQ(explanation.nodes->rules[1].count, 2U);
  EXPECT_THAT(explanation.nodes->outcomes, SizeIs(3));
}

// An agent on every node.
void put_agent(ClusterBuilder& cluster, std::string_view cpu, std::int32_t port) {
  kube::DaemonSet agent;
  agent.meta.namespace_ = "default";
  agent.meta.name = "agent";
  agent.meta.uid = "uid-agent";
  agent.scheduling.requests.set(kube::Resource::Cpu, amount("cpu", cpu));
  agent.scheduling.host_ports = {{.ip = {}, .port = port}};
  cluster.put_daemon_set(agent);
}

TEST(Explanation, WhatDaemonSetsTakeIsCounted) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  put_agent(cluster, "3", 8080);
  kube::Pod pod = asking(cluster.pod("web"), "cpu", "100m");
  pod.scheduling.host_ports = {{.ip = {}, .port = 8080}};
  cluster.put_pod(pod);
  const Explanation explanation = why(cluster, "web");
  EXPECT_THAT(counts_of(explanation.pools[0].types),
              ElementsAre("Resource cpu: 1 of 6 types, 5 of 30 offerings",
                          "DaemonSets cpu: 1 of 6 types, 5 of 30 offerings",
                          "HostPort 8080: 6 of 6 types, 30 of 30 offerings"));
  EXPECT_THAT(sentence_of(explanation), HasSubstr("its host port 8080 is taken by a DaemonSet"));
  EXPECT_THAT(explanation.pools[0].types.rules[0].found, HasSubstr(" beside its DaemonSets"));
}

TEST(Explanation, WhatIsOpenAndTooFewIsCountedByMinValues) {
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  pool.template_spec.requirements = {{.key = std::string(kube::kInstanceType),
                                      .op = kube::NodeOperator::Exists,
                                      .values = {},
                                      .min_values = 6}};
  cluster.put_pool(pool);
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "3"));
  const PoolExplanation explained = why(cluster, "web").pools[0];
  EXPECT_THAT(counts_of(explained.types),
              ElementsAre("Resource cpu: 1 of 6 types, 5 of 30 offerings",
                          "MinValues node.kubernetes.io/instance-type: 5 of 6 types, 25 of 30 "
                          "offerings"));
  EXPECT_EQ(explained.lost_at, Step::Open);
  EXPECT_EQ(explained.types.rules[1].wanted, "6");
  EXPECT_EQ(explained.types.rules[1].found, "5");
}

// --- constraints between pods ---

kube::Pod spreading(ClusterBuilder& cluster, std::string_view name) {
  kube::Pod pod = cluster.pod(name);
  pod.meta.labels.set("app", "web");
  kube::TopologySpreadConstraint spread;
  spread.topology_key = kube::kZone;
  spread.selector = kube::LabelSelector{{{"app", "web"}}, {}};
  pod.scheduling.topology_spread = {spread};
  return pod;
}

TEST(Explanation, APlacedPodIsExplainedAsIfItsPlaceWereStillFree) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  for (const char* name : {"a", "b", "c"}) cluster.put_pod(spreading(cluster, name));
  const Explanation explanation = why(cluster, "a");
  ASSERT_EQ(explanation.placement.where, Where::NewNode);
  ASSERT_TRUE(explanation.placement.offering.has_value());
  // The others stand in two zones: what is not in the third is kept away.
  const std::string& zone = explanation.placement.offering->key.zone;
  const std::size_t there = zone == "z3" ? 6 : 12;
  ASSERT_THAT(explanation.pools[0].types.rules, SizeIs(1));
  const RuledOut& rule = explanation.pools[0].types.rules[0];
  EXPECT_EQ(rule.rule, Rule::Spread);
  EXPECT_EQ(rule.key, kube::kZone);
  EXPECT_EQ(rule.wanted, "maxSkew 1");
  EXPECT_EQ(rule.offerings, 30 - there);
  EXPECT_THAT(rule.found, HasSubstr(zone + " has 0"));
}

TEST(Explanation, WhoWantsCompanyThatIsNotThereIsToldSo) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod pod = cluster.pod("follower");
  kube::PodAffinityTerm term;
  term.topology_key = kube::kHostname;
  term.selector = kube::LabelSelector{{{"app", "web"}}, {}};
  pod.scheduling.required_pod_affinity = {term};
  cluster.put_pod(pod);
  const Explanation explanation = why(cluster, "follower");
  EXPECT_EQ(explanation.placement.where, Where::Nowhere);
  EXPECT_THAT(counts_of(explanation.pools[0].types),
              ElementsAre("PodAffinity kubernetes.io/hostname: 6 of 6 types, 30 of 30 offerings"));
  EXPECT_THAT(sentence_of(explanation),
              HasSubstr("its pod affinity on kubernetes.io/hostname leaves no node for it; fix: "));
}

TEST(Explanation, WhomOthersKeepAwayIsToldWhose) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  kube::Pod shy = cluster.pod("shy");
  shy.scheduling.node_selector.set(kube::kZone, "z1");
  kube::PodAffinityTerm term;
  term.topology_key = kube::kZone;
  term.selector = kube::LabelSelector{{{"app", "web"}}, {}};
  shy.scheduling.required_pod_anti_affinity = {term};
  cluster.put_pod(shy);
  cluster.carry_out(cluster.solve());
  kube::Pod web = cluster.pod("web");
  web.meta.labels.set("app", "web");
  web.scheduling.node_selector.set(kube::kZone, "z1");
  cluster.put_pod(web);
  const Explanation explanation = why(cluster, "web");
  EXPECT_EQ(explanation.placement.where, Where::Nowhere);
  EXPECT_THAT(
      counts_of(explanation.pools[0].types),
      ElementsAre("Requirement topology.kubernetes.io/zone: 0 of 6 types, 18 of 30 offerings",
                  "PodAntiAffinity topology.kubernetes.io/zone: 6 of 6 types, 12 of 30 "
                  "offerings"));
  EXPECT_THAT(sentence_of(explanation),
              HasSubstr("other pods' pod anti-affinity on topology.kubernetes.io/zone leaves no "
                        "domain for it"));
  // Its node is kept from the pod by the same constraint, and by nothing else.
  ASSERT_TRUE(explanation.nodes.has_value());
  EXPECT_EQ(explanation.nodes->total, 1U);
  ASSERT_THAT(explanation.nodes->rules, SizeIs(1));
  EXPECT_EQ(explanation.nodes->rules[0].rule, Rule::AntiAffinity);
}

// --- places ---

TEST(Explanation, APodOnItsNodeIsExplainedByWhatElseWouldDo) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "1500m"));
  cluster.carry_out(cluster.solve());
  const Explanation explanation = why(cluster, "web");
  EXPECT_EQ(explanation.placement.where, Where::Bound);
  EXPECT_EQ(explanation.placement.node_pool, "default");
  ASSERT_TRUE(explanation.placement.offering.has_value());
  EXPECT_EQ(explanation.placement.offering->key.type, "small-instance-type");
  EXPECT_THAT(explanation.pools[0].types.rules, IsEmpty());
  // Its own node has room for it: what it takes there is its own.
  ASSERT_THAT(explanation.nodes->outcomes, SizeIs(1));
  EXPECT_THAT(explanation.nodes->outcomes[0].rules, IsEmpty());
  EXPECT_THAT(sentence_of(explanation), HasSubstr("it is on node "));
}

TEST(Explanation, ANewNodeIsToldWithItsPriceAndWhoSharesIt) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  for (const char* name : {"a", "b"}) cluster.put_pod(asking(cluster.pod(name), "cpu", "500m"));
  const Explanation explanation = why(cluster, "a");
  EXPECT_EQ(explanation.placement.pods_beside, 1U);
  EXPECT_THAT(
      sentence_of(explanation),
      HasSubstr("a new node of NodePool \"default\" is to be bought for it and 1 other pod: "
                "small-instance-type in z1 (spot, $"));
}

TEST(Explanation, APodThatFindsRoomBuysNothing) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_node({.name = "old", .pool = "default"});
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "1"));
  const Explanation explanation = why(cluster, "web");
  EXPECT_EQ(explanation.placement.where, Where::Node);
  EXPECT_EQ(explanation.placement.name, "old");
  EXPECT_THAT(sentence_of(explanation), HasSubstr("has room for it: nothing is bought"));
}

// --- the sentence ---

TEST(Explanation, TheSentenceNamesTheNearestMissARemedyAndTheCountsOfEachPool) {
  ClusterBuilder cluster;
  kube::NodePool other = cluster.pool("other");
  other.template_spec.taints = {kGpuTaint};
  cluster.put_pool(other);
  cluster.put_pool(cluster.pool("gpu"));
  cluster.put_pod(asking(cluster.pod("train"), "fake.com/vendor-a", "3"));
  EXPECT_EQ(sentence_of(why(cluster, "train")),
            "it asks for 3 fake.com/vendor-a; the largest type in NodePool \"gpu\" has 2 "
            "(gpu-vendor-instance-type); fix: ask for less, or offer a larger type; NodePool "
            "\"other\": of 6 types 6 with the taint gpu=true:NoSchedule, 6 with too little "
            "fake.com/vendor-a; NodePool \"gpu\": of 6 types 6 with too little fake.com/vendor-a");
}

TEST(Explanation, ThePlanSaysTheSameSentenceOfAPodWithoutAPlace) {
  ClusterBuilder cluster;
  cluster.put_pool(cluster.pool("default"));
  cluster.put_pod(asking(cluster.pod("web"), "cpu", "64"));
  const Plan plan = cluster.solve();
  ASSERT_THAT(plan.unplaced, SizeIs(1));
  EXPECT_EQ(plan.unplaced[0].verdict(), sentence_of(why(cluster, "web")));
}

// --- against a count from first principles ---

struct World {
  std::int64_t cpu_millis = 0;
  std::int64_t gpus = 0;
  std::string zone, capacity_type;  // "": any
  bool is_tainted = false, does_tolerate = false;
  std::set<hyperpod::OfferingKey> unavailable;
};

World any_world() {
  World world;
  world.cpu_millis = *rc::gen::element<std::int64_t>(100, 1'950, 3'000, 5'000, 64'000);
  world.gpus = *rc::gen::element<std::int64_t>(0, 0, 1, 3);
  world.zone = *rc::gen::element<std::string>("", "z1", "z3", "z9");
  world.capacity_type = *rc::gen::element<std::string>("", "spot", "on-demand");
  world.is_tainted = *rc::gen::arbitrary<bool>();
  world.does_tolerate = *rc::gen::arbitrary<bool>();
  for (const char* zone : {"z1", "z2"}) {
    if (*rc::gen::arbitrary<bool>())
      world.unavailable.insert({"spot", "small-instance-type", zone});
  }
  return world;
}

using Names = std::set<std::string>;

Names rules_against(const World& world, const hyperpod::Offering& offering,
                    const hyperpod::InstanceType& type) {
  Names names;
  if (world.is_tainted && !world.does_tolerate) names.insert("Taint gpu");
  if (!world.zone.empty() && world.zone != offering.key.zone)
    names.insert("Requirement " + std::string(kube::kZone));
  if (!world.capacity_type.empty() && world.capacity_type != offering.key.group)
    names.insert("Requirement " + std::string(kube::kCapacityType));
  if (world.unavailable.contains(offering.key)) names.insert("Availability ");
  if (world.cpu_millis > type.allocatable().get(kube::Resource::Cpu)) names.insert("Resource cpu");
  if (world.gpus > type.allocatable().get("fake.com/vendor-a"))
    names.insert("Resource fake.com/vendor-a");
  return names;
}

RC_GTEST_PROP(ExplanationProperty, CountsAreThoseOfAskingEachOfferingEachRule, ()) {
  const World world = any_world();
  ClusterBuilder cluster;
  kube::NodePool pool = cluster.pool("default");
  if (world.is_tainted) pool.template_spec.taints = {kGpuTaint};
  cluster.put_pool(pool);
  for (const auto& offering : world.unavailable) cluster.mark_unavailable(offering);
  kube::Pod pod = cluster.pod("web");
  pod.scheduling.requests.set(kube::Resource::Cpu, world.cpu_millis);
  pod.scheduling.requests.set("fake.com/vendor-a", world.gpus);
  if (!world.zone.empty()) pod.scheduling.node_selector.set(kube::kZone, world.zone);
  if (!world.capacity_type.empty())
    pod.scheduling.node_selector.set(kube::kCapacityType, world.capacity_type);
  if (world.does_tolerate) {
    pod.scheduling.tolerations = {kube::Toleration{.key = "gpu",
                                                   .op = kube::TolerationOperator::Exists,
                                                   .value = {},
                                                   .effect = {},
                                                   .toleration_seconds = {}}};
  }
  cluster.put_pod(pod);
  const Explanation explanation = why(cluster, "web");
  const Tally& tally = explanation.pools.at(0).types;

  std::map<Names, std::size_t> offerings;
  std::map<std::string, std::size_t> fewest;  // by type
  const state::ClusterState& state = cluster.state();
  for (const hyperpod::InstanceGroup& group : state.hyperpod().cluster()->groups) {
    for (const hyperpod::Offering& offering :
         hyperpod::offerings_of(group, *state.hyperpod().cluster(), state.hyperpod().subnets(),
                                state.instance_types())
             .list) {
      const Names names =
          rules_against(world, offering, *state.instance_types().find(offering.key.type));
      ++offerings[names];
      const auto [known, is_new] = fewest.try_emplace(offering.key.type, names.size());
      if (!is_new) known->second = std::min(known->second, names.size());
    }
  }

  std::map<Names, std::size_t> got;
  std::map<std::size_t, std::size_t> types_by_size, wanted_by_size;
  std::size_t types = 0;
  std::vector<std::size_t> by_rule(tally.rules.size());
  for (const Outcome& outcome : tally.outcomes) {
    Names names;
    for (const std::size_t rule : outcome.rules) {
      names.insert(std::string(to_string(tally.rules[rule].rule)) + " " + tally.rules[rule].key);
      by_rule[rule] += outcome.count;
    }
    got[names] += outcome.offerings;
    if (outcome.count > 0) types_by_size[names.size()] += outcome.count;
    types += outcome.count;
  }
  for (const auto& [type, size] : fewest) ++wanted_by_size[size];
  RC_ASSERT(got == offerings);
  RC_ASSERT(types_by_size == wanted_by_size);
  RC_ASSERT(types == tally.total);
  for (std::size_t rule = 0; rule < by_rule.size(); ++rule)
    RC_ASSERT(tally.rules[rule].count == by_rule[rule]);
  const bool has_place = explanation.placement.where != Where::Nowhere;
  RC_ASSERT(has_place == offerings.contains({}));
  RC_ASSERT(has_place == (explanation.pools[0].lost_at == Step::Placed));
  RC_ASSERT(has_place != explanation.pools[0].decisive.has_value() ||
            explanation.pools[0].lost_at == Step::Fitting);
}

}  // namespace
}  // namespace hyperwright::scheduling
