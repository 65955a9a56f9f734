#include "sim/story.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/control_plane.h"

namespace hyperwright::sim {

extern const std::string_view kDemoStory;

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Story parsed_story(std::string_view steps) {
  auto story =
      parse_story(fmt::format("cluster: {{ClusterName: demo}}\nsteps:\n{}", steps), "s.yaml");
  EXPECT_TRUE(story) << (story ? "" : story.error().text());
  return story ? *story : Story{};
}
std::string problem(std::string_view yaml) {
  const auto story = parse_story(yaml, "s.yaml");
  return story ? "no problem" : story.error().text();
}
std::string problem_of_step(std::string_view step) {
  return problem(fmt::format("cluster: {{ClusterName: demo}}\nsteps:\n- {}", step));
}

TEST(Story, StepsAreInTheOrderOfTheirTimesAndEqualTimesAsWritten) {
  const Story story =
      parsed_story("- {at: 2m, say: last}\n- {at: 1m, say: first}\n- {at: 1m, say: second}\n");
  std::vector<std::string> said;
  for (const StoryStep& step : story.steps) said.push_back(step.say);
  EXPECT_THAT(said, ElementsAre("first", "second", "last"));
}

TEST(Story, AStepAppliesSeveralManifests) {
  const Story story = parsed_story(
      "- at: 0s\n  apply: |\n    kind: A\n    ---\n    kind: B\n    ---\n    # nothing\n");
  ASSERT_EQ(story.steps.size(), 1U);
  ASSERT_EQ(story.steps[0].apply.size(), 2U) << "a document of comments alone is none";
  EXPECT_EQ(story.steps[0].apply[1].at("kind"), "B");
}

TEST(Story, WhatIsDeletedIsNamedAsInKubectl) {
  const Story story = parsed_story("- {at: 0s, delete: [deployment/web, job/train]}\n");
  EXPECT_THAT(story.steps[0].removed,
              ElementsAre(std::pair("deployment", "web"), std::pair("job", "train")));
}

TEST(Story, ItsClusterHasAName) { EXPECT_EQ(parsed_story("- {at: 0s}").cluster_name(), "demo"); }

TEST(Story, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_THAT(problem("steps: []"), HasSubstr("s.yaml has no cluster"));
  EXPECT_THAT(problem("cluster: {}\nsteps: 3"), HasSubstr("no list of steps"));
  EXPECT_THAT(problem_of_step("{at: soon}"), HasSubstr("steps[0]"));
  EXPECT_THAT(problem_of_step("{at: soon}"), HasSubstr("\"soon\""));
  EXPECT_THAT(problem_of_step("{say: never}"), HasSubstr("at \"\""));
  EXPECT_THAT(problem_of_step("{at: 0s, delete: web}"), HasSubstr("delete is no list"));
  EXPECT_THAT(problem_of_step("{at: 0s, delete: [web]}"), HasSubstr("\"web\" is no kind/name"));
  EXPECT_THAT(problem_of_step("just text"), HasSubstr("steps[0]"));
  EXPECT_THAT(problem("scenario: \"delays: {lunch: 1s}\"\ncluster: {}\nsteps: []"),
              HasSubstr("lunch"));
}

TEST(Story, AWordThatNoStepKnowsIsAnErrorAndNotPassedOver) {
  EXPECT_THAT(problem_of_step("{at: 0s, aply: \"kind: A\"}"), HasSubstr("aply"));
}

TEST(Story, TheShippedOneIsRead) {
  const auto story = parse_story(kDemoStory, "demo-story.yaml");
  ASSERT_TRUE(story) << story.error().text();
  EXPECT_EQ(story->cluster_name(), "demo");
  EXPECT_GT(story->steps.size(), 3U);
}

// --- on a simulated cluster ---

class StoryOnACluster : public testing::Test {
 protected:
  static SimulationSettings settings() {
    SimulationSettings settings;
    settings.autoscaler.cluster = "demo";
    return settings;
  }
  std::string play(std::string_view step) {
    const Story story = parsed_story(step);
    for (const StoryStep& one : story.steps) {
      if (auto played = sim::play(simulation, one); !played) return played.error().text();
    }
    return "";
  }
  bool has(std::string_view resource, std::string_view name) {
    const bool is_namespaced = simulation.kubernetes().find_type(resource)->namespaced;
    return simulation.kubernetes().find(resource, is_namespaced ? "default" : "", name) != nullptr;
  }
  Simulation simulation{settings()};
};

constexpr std::string_view kMap =
    "- at: 0s\n  apply: |\n    apiVersion: v1\n    kind: ConfigMap\n"
    "    metadata: {name: m}\n    data: {a: \"1\"}\n";

TEST_F(StoryOnACluster, ObjectsWithoutANamespaceGoToDefault) {
  EXPECT_EQ(play(kMap), "");
  EXPECT_TRUE(has("configmaps", "m"));
}

TEST_F(StoryOnACluster, WhatIsThereIsChanged) {
  EXPECT_EQ(play(kMap), "");
  EXPECT_EQ(play("- at: 0s\n  apply: |\n    apiVersion: v1\n    kind: ConfigMap\n"
                 "    metadata: {name: m}\n    data: {a: \"2\"}\n"),
            "");
  const auto map = simulation.kubernetes().find("configmaps", "default", "m");
  EXPECT_EQ(map->at("data").at("a"), "2");
}

TEST_F(StoryOnACluster, KindsAreDeletedByAnyOfTheirWords) {
  for (const char* word : {"configmap", "configmaps", "cm"}) {
    EXPECT_EQ(play(kMap), "");
    EXPECT_EQ(play(fmt::format("- {{at: 0s, delete: [{}/m]}}\n", word)), "");
    EXPECT_FALSE(has("configmaps", "m")) << word;
  }
}

TEST_F(StoryOnACluster, WhatAUserDeletedBeforeIsNoError) {
  EXPECT_EQ(play("- {at: 0s, delete: [configmap/never-there]}\n"), "");
}

TEST_F(StoryOnACluster, AnUnknownKindIsAnErrorThatNamesIt) {
  EXPECT_THAT(play("- {at: 0s, delete: [spaceship/x]}\n"), HasSubstr("spaceship/x"));
  EXPECT_THAT(play("- at: 0s\n  apply: |\n    apiVersion: v7\n    kind: Pod\n"),
              HasSubstr("Pod of v7 is not served"));
}

TEST_F(StoryOnACluster, WhatTheApiRefusesIsToldWithItsKindAndName) {
  EXPECT_THAT(play("- at: 0s\n  apply: |\n    apiVersion: v1\n    kind: Pod\n"
                   "    metadata: {name: p}\n    spec: {containers: []}\n"),
              HasSubstr("Pod p: "));
}

TEST_F(StoryOnACluster, PreparingBringsTheCrdsAndTheCluster) {
  const Story story = parse_story(kDemoStory, "demo-story.yaml").value();
  ASSERT_TRUE(prepare(simulation, story));
  EXPECT_NE(simulation.kubernetes().find_type("nodepools.karpenter.sh"), nullptr);
  ASSERT_EQ(simulation.hyperpod().state().clusters.size(), 1U);
}

TEST_F(StoryOnACluster, AClusterThatHyperPodRefusesIsAnErrorInItsWords) {
  const auto prepared = prepare(simulation, parsed_story("- {at: 0s}"));
  ASSERT_FALSE(prepared);
  EXPECT_THAT(prepared.error().text(), HasSubstr("ValidationException"));
}

}  // namespace
}  // namespace hyperwright::sim
