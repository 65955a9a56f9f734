// What the file of --scheduler-config may say.
#include "cli/scheduler_config.h"

#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

// What is wrong with it, and the remedy; "": nothing.
std::string problem_of(std::string_view text) {
  const auto read = parse_scheduler_config(text, "spread.yaml");
  return read ? std::string{} : read.error().text() + " | " + read.error().remedy();
}

// With this constraint, in YAML's short form.
std::string problem_with(std::string_view constraint) {
  return problem_of("podTopologySpread:\n  defaultConstraints:\n  - " + std::string(constraint) +
                    '\n');
}

TEST(SchedulerConfig, IsReadAsYamlAndAsJson) {
  state::DefaultSpreadConstraint zone;
  zone.topology_key = "topology.kubernetes.io/zone";
  zone.max_skew = 3;
  zone.when_unsatisfiable = kube::WhenUnsatisfiable::ScheduleAnyway;
  state::DefaultSpreadConstraint host;
  host.topology_key = "kubernetes.io/hostname";
  host.min_domains = 2;
  host.node_affinity_policy = kube::NodeInclusionPolicy::Ignore;
  host.node_taints_policy = kube::NodeInclusionPolicy::Honor;
  const std::vector<state::DefaultSpreadConstraint> both = {zone, host};
  const auto yaml = parse_scheduler_config(R"(
podTopologySpread:
  defaultConstraints:
  - maxSkew: 3
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
    matchLabelKeys: []
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: DoNotSchedule
    minDomains: 2
    nodeAffinityPolicy: Ignore
    nodeTaintsPolicy: Honor
)",
                                           "spread.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_EQ(*yaml, both);
  const auto json = parse_scheduler_config(
      R"({"podTopologySpread": {"defaultConstraints": [
          {"maxSkew": 3, "topologyKey": "topology.kubernetes.io/zone",
           "whenUnsatisfiable": "ScheduleAnyway"},
          {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
           "whenUnsatisfiable": "DoNotSchedule", "minDomains": 2,
           "nodeAffinityPolicy": "Ignore", "nodeTaintsPolicy": "Honor"}]}})",
      "spread.json");
  ASSERT_TRUE(json);
  EXPECT_EQ(*json, both);
}

TEST(SchedulerConfig, MaySayNothing) {
  for (const char* text : {"", "# later\n", "{}", "podTopologySpread:\n",
                           "podTopologySpread: {defaultConstraints: []}"}) {
    const auto read = parse_scheduler_config(text, "spread.yaml");
    ASSERT_TRUE(read) << text;
    EXPECT_TRUE(read->empty()) << text;
  }
}

TEST(SchedulerConfig, AFieldThatIsNotKnownIsToldWithItsLine) {
  EXPECT_EQ(problem_of("podTopologySpread: {}\npodTopologSpread: {}\n"),
            "spread.yaml:2: podTopologSpread is not known | the fields are podTopologySpread");
  EXPECT_EQ(problem_with("maxskew: 1"),
            "spread.yaml:3: podTopologySpread.defaultConstraints[0].maxskew is not known | the "
            "fields are maxSkew, topologyKey, whenUnsatisfiable, minDomains, nodeAffinityPolicy, "
            "nodeTaintsPolicy, labelSelector, matchLabelKeys");
  EXPECT_EQ(problem_of("podTopologySpread: {}\npodTopologySpread: {}\n"),
            "spread.yaml:2: podTopologySpread stands there twice | remove one of the two");
}

TEST(SchedulerConfig, AValueThatMayNotBeIsToldWithItsField) {
  constexpr const char* kField = "spread.yaml:3: podTopologySpread.defaultConstraints[0]";
  const auto problem = [&](std::string_view constraint) {
    std::string text = problem_with(constraint);
    EXPECT_TRUE(text.starts_with(kField)) << text;
    return text.substr(std::string_view(kField).size());
  };
  for (const char* skew : {"0", "-1", "1.5", "one", "''"}) {
    EXPECT_EQ(problem(std::string("{maxSkew: ") + skew + "}"),
              std::string(".maxSkew is \"") + (skew == std::string("''") ? "" : skew) +
                  "\" | write a whole number of 1 or more");
  }
  EXPECT_EQ(problem("{minDomains: 0}"), ".minDomains is \"0\" | write a whole number of 1 or more");
  EXPECT_EQ(problem("{topologyKey: ''}"),
            ".topologyKey is empty | write a label of nodes, such as topology.kubernetes.io/zone");
  EXPECT_NE(problem("{topologyKey: 'a zone'}").find("is no label key"), std::string::npos);
  EXPECT_EQ(problem("{whenUnsatisfiable: Never}"),
            ".whenUnsatisfiable is \"Never\" | write DoNotSchedule or ScheduleAnyway");
  EXPECT_EQ(problem("{nodeTaintsPolicy: honor}"),
            ".nodeTaintsPolicy is \"honor\" | write Honor or Ignore");
  EXPECT_EQ(problem("[]"),
            " is no map | the fields are maxSkew, topologyKey, whenUnsatisfiable, minDomains, "
            "nodeAffinityPolicy, nodeTaintsPolicy, labelSelector, matchLabelKeys");
}

TEST(SchedulerConfig, AConstraintSaysHowFarWhereAndWhat) {
  const std::string zone = "topologyKey: topology.kubernetes.io/zone";
  EXPECT_NE(problem_with("{}").find("has no maxSkew | write maxSkew: 1, or more"),
            std::string::npos);
  EXPECT_NE(problem_with("{maxSkew: 1}").find("has no topologyKey"), std::string::npos);
  EXPECT_NE(problem_with("{maxSkew: 1, " + zone + "}").find("has no whenUnsatisfiable"),
            std::string::npos);
}

TEST(SchedulerConfig, WhatIsCountedIsSaidByServicesAndControllers) {
  for (const char* field : {"labelSelector: {}", "matchLabelKeys: [pod-template-hash]"}) {
    const std::string problem = problem_with(std::string("{") + field + "}");
    EXPECT_NE(problem.find("may not be set | remove it"), std::string::npos) << problem;
  }
}

TEST(SchedulerConfig, OneKeyIsSpreadOverInOneWayOnce) {
  const auto twice = [](std::string_view when) {
    return "podTopologySpread:\n  defaultConstraints:\n"
           "  - {maxSkew: 1, topologyKey: example.com/rack, whenUnsatisfiable: DoNotSchedule}\n"
           "  - {maxSkew: 2, topologyKey: example.com/rack, whenUnsatisfiable: " +
           std::string(when) + "}\n";
  };
  EXPECT_EQ(problem_of(twice("ScheduleAnyway")), "");
  EXPECT_EQ(problem_of(twice("DoNotSchedule")),
            "spread.yaml:4: podTopologySpread.defaultConstraints[1] has the topologyKey "
            "example.com/rack and the whenUnsatisfiable of "
            "podTopologySpread.defaultConstraints[0] | remove one of the two");
}

TEST(SchedulerConfig, WhatIsNoYamlIsToldWithItsLine) {
  EXPECT_TRUE(problem_of("podTopologySpread: [\n").starts_with("spread.yaml:"));
  EXPECT_EQ(problem_of("word"),
            "spread.yaml:1: the document is no map | the fields are podTopologySpread");
  EXPECT_EQ(problem_of("{}\n---\n{}\n"),
            "spread.yaml: has 2 documents | leave one of them in the file");
}

}  // namespace
}  // namespace hyperwright::cli
