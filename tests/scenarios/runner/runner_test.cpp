// The runner itself: what is wrong in a scenario is told with its line, and what does not hold is
// seen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scenarios/runner/expectations.h"

namespace hyperwright::scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> list;
  for (const Problem& problem : problems)
    list.push_back(std::to_string(problem.line) + ": " + problem.text);
  return list;
}

Problems problems_of(const std::string& given) {
  Problems problems;
  World(problems).given(YAML::Load(given));
  return problems;
}

TEST(Runner, AnUnknownWordIsToldWithItsLineAndTheNearestOne) {
  EXPECT_THAT(texts(problems_of("pool default:\n  weigth: 3\n")),
              ElementsAre("2: pool \"default\": unknown word \"weigth\"; \"weight\" is meant?"));
  EXPECT_THAT(texts(problems_of("pod web: {}\npot web: {}\n")),
              ElementsAre("2: given: unknown word \"pot\"; \"pod\" is meant?"));
}

TEST(Runner, ADoubleWordIsTold) {
  EXPECT_THAT(texts(problems_of("pod web: {cpu: 1, cpu: 2}")),
              ElementsAre("1: pod \"web\": \"cpu\" stands there twice"));
}

TEST(Runner, AnAmountThatCannotBeReadIsTold) {
  EXPECT_THAT(texts(problems_of("pod web: {cpu: lots}")), ElementsAre(HasSubstr("\"lots\"")));
}

std::vector<std::string> what_differs(const std::string& then) {
  Problems problems;
  World world(problems);
  world.when(YAML::Load("pods web x 3: {cpu: 1800m, select: {capacity: on-demand, zone: z1}}"));
  world.run(scheduling::ClusterBuilder::Until::Bound);
  std::vector<std::string> list;
  for (const Difference& d : differences(YAML::Load(then), world, problems)) {
    list.push_back(d.claim + ": wanted " + d.wanted + ", got " + d.got);
  }
  for (const std::string& problem : texts(problems)) list.push_back(problem);
  return list;
}

TEST(Runner, WhatHoldsIsNoDifference) {
  EXPECT_THAT(
      what_differs("{web placed: 3, web pending: 0, web by zone: {z1: 3}, web by node: [2, 1], "
                   "web by pool: {at most: 3}, all by type: [2, 1], new nodes: 2}"),
      IsEmpty());
}

TEST(Runner, EveryClaimCanFail) {
  EXPECT_THAT(what_differs("web placed: 2"), ElementsAre("web placed: wanted 2, got 3"));
  EXPECT_THAT(what_differs("web pending: 1"), ElementsAre("web pending: wanted 1, got 0"));
  EXPECT_THAT(what_differs("web by zone: {z1: 2, z2: 1}"),
              ElementsAre("web by zone: wanted {z1: 2, z2: 1}, got {z1: 3}"));
  EXPECT_THAT(what_differs("web by node: [3]"),
              ElementsAre(HasSubstr("web by node: wanted [3], got {default-")));
  EXPECT_THAT(what_differs("web by node: {at most: 1}"), ElementsAre(HasSubstr("at most 1 each")));
  EXPECT_THAT(what_differs("new nodes: 1"), ElementsAre(HasSubstr("new nodes: wanted 1, got 2")));
  EXPECT_THAT(what_differs("new nodes: [default-instance-type]"),
              ElementsAre(HasSubstr("new nodes: wanted")));
  EXPECT_THAT(what_differs("new nodes labels: {team: a}"),
              ElementsAre(HasSubstr("got team: absent"), HasSubstr("got team: absent")));
  EXPECT_THAT(what_differs("cost: {at most: 1.00}"),
              ElementsAre(HasSubstr("cost: wanted at most $1.000000, got $1.2")));
}

TEST(Runner, AClaimAboutNobodyIsAProblem) {
  EXPECT_THAT(what_differs("api placed: 1"),
              ElementsAre(HasSubstr("wanted 1, got 0"), "1: then: there is no pod \"api\""));
  EXPECT_THAT(what_differs("new node: 1"),
              ElementsAre("1: then: unknown claim \"new node\"; \"new nodes\" is meant?"));
}

}  // namespace
}  // namespace hyperwright::scenarios
