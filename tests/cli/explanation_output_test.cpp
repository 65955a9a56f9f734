// How an explanation is printed.
#include "cli/explanation_output.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

using scheduling::PoolExplanation;
using scheduling::Rule;
using scheduling::Step;
using testing::HasSubstr;
using testing::Not;

// A pod that asks for 16 GPUs of a pool whose largest type has 8.
ExplainedPod large_pod() {
  ExplainedPod pod;
  pod.meta.namespace_ = "default";
  pod.meta.name = "train";
  pod.meta.uid = "u-1";
  PoolExplanation pool;
  pool.pool = "gpu";
  pool.lost_at = Step::Fitting;
  pool.types.total = 3;
  pool.types.offerings = 4;
  pool.types.rules = {{.rule = Rule::Taint,
                       .key = "spot",
                       .wanted = "a toleration",
                       .found = "spot:NoSchedule",
                       .count = 1,
                       .offerings = 1},
                      {.rule = Rule::Resource,
                       .key = "nvidia.com/gpu",
                       .wanted = "16",
                       .found = "8",
                       .note = "ml.p5.48xlarge",
                       .count = 3,
                       .offerings = 4}};
  pool.types.outcomes = {{{1}, 2, 3}, {{0, 1}, 1, 1}};
  pool.decisive = 1;
  pod.explanation.pools = {pool};
  return pod;
}

TEST(ExplanationOutput, PeopleReadTheSentenceAndAnAlignedTable) {
  EXPECT_EQ(
      text_of(large_pod()),
      "pod default/train has no place\n"
      "  it asks for 16 nvidia.com/gpu; the largest type in NodePool \"gpu\" has 8 "
      "(ml.p5.48xlarge); fix: ask for less, or offer a larger type; NodePool \"gpu\": of 3 types 1 "
      "with the taint spot:NoSchedule, 3 with too little nvidia.com/gpu\n"
      "\n"
      "WHERE         TYPES   OFFERINGS  RULED OUT BY  KEY             WANTED        FOUND\n"
      "NodePool gpu  1 of 3  1 of 4     Taint         spot            a toleration  "
      "spot:NoSchedule\n"
      "NodePool gpu  3 of 3  4 of 4     Resource      nvidia.com/gpu  16            8 "
      "(ml.p5.48xlarge)\n");
}

TEST(ExplanationOutput, ProgramsReadTheSameCounts) {
  const auto told = boost::json::parse(json_of(large_pod()));
  EXPECT_EQ(told.at("placement").at("where").as_string(), "Nowhere");
  const auto& pool = told.at("nodePools").at(0);
  EXPECT_EQ(pool.at("types").to_number<int>(), 3);
  EXPECT_EQ(pool.at("decisive").to_number<int>(), 1);
  EXPECT_EQ(pool.at("rules").at(1).at("key").as_string(), "nvidia.com/gpu");
  EXPECT_EQ(pool.at("rules").at(1).at("offerings").to_number<int>(), 4);
  EXPECT_EQ(pool.at("outcomes").at(1).at("rules").as_array().size(), 2U);
  EXPECT_EQ(told.at("sentence").as_string(), sentence_of(large_pod().explanation));
}

TEST(ExplanationOutput, WhatTheControllerSaidIsShownWhereItIsSomethingElse) {
  ExplainedPod pod = large_pod();
  pod.told = {Time::from_unix_seconds(1'800'000'000),
              "Failed to schedule pod, " + sentence_of(pod.explanation)};
  EXPECT_THAT(text_of(pod), Not(HasSubstr("the controller said")));
  pod.told->message = "Failed to schedule pod, all is without capacity for now";
  EXPECT_THAT(text_of(pod), HasSubstr("the controller said at 2027-01-15T08:00:00Z: Failed to "
                                      "schedule pod, all is without capacity for now\n"));
}

TEST(ExplanationOutput, ANodeIsToldWithItsPriceAndWhatElseWouldDo) {
  ExplainedPod pod = large_pod();
  const hyperpod::Offering small{.key = {"cpu", "ml.m5.xlarge", "us-east-1a"},
                                 .price = {hyperpod::MicroDollars(230'400), false}};
  hyperpod::Offering large = small;
  large.key.type = "ml.m5.2xlarge";
  pod.explanation.placement = {.where = scheduling::Placement::Where::Bound,
                               .name = "hyperpod-i-1",
                               .node_pool = "gpu",
                               .offering = small};
  pod.explanation.pools[0].usable = {small, large};
  const std::string text = text_of(pod);
  EXPECT_THAT(text, HasSubstr("pod default/train has its node\n  it is on node hyperpod-i-1, "
                              "ml.m5.xlarge in us-east-1a (on-demand, $0.23 an hour)\n"));
  EXPECT_THAT(text, HasSubstr("\nWould do for it alone, cheapest first\n  ml.m5.2xlarge"));
}

TEST(ExplanationOutput, EachPriceSaysWhereItIsFromAndHowOldItIs) {
  using hyperpod::PriceSource;
  const auto offering = [](const char* type, hyperpod::CapacityType capacity, bool is_estimated) {
    return hyperpod::Offering{.key = {"group", type, "us-east-1a"},
                              .capacity_type = capacity,
                              .price = {hyperpod::MicroDollars(1'000'000), is_estimated}};
  };
  using enum hyperpod::CapacityType;
  ExplainedPod pod = large_pod();
  pod.price_origins = {{"ml.a", {PriceSource::PriceList, Time::from_unix_seconds(1'800'000'000)}},
                       {"ml.b", {PriceSource::BuiltIn, Time()}},
                       {"ml.c", {PriceSource::File, Time()}}};
  pod.explanation.placement.offering = offering("ml.a", OnDemand, false);
  pod.explanation.pools[0].usable = {offering("ml.a", OnDemand, false),
                                     offering("ml.b", OnDemand, true),
                                     offering("ml.a", Reserved, false)};
  pod.explanation.pools[0].without_capacity = {offering("ml.c", Spot, true)};
  EXPECT_THAT(text_of(pod),
              HasSubstr("\nPrices, before discounts\n"
                        "  AWS's price list, read at 2027-01-15T08:00:00Z: ml.a\n"
                        "  built in, estimated: ml.b\n"
                        "  the file of --prices, Spot estimated at 40 % of it: ml.c\n"));
  const auto told = boost::json::parse(json_of(pod));
  const auto& bought = told.at("placement").at("offering").as_object();
  EXPECT_EQ(bought.at("priceSource").as_string(), "PriceList");
  EXPECT_EQ(bought.at("priceAsOf").as_string(), "2027-01-15T08:00:00Z");
  EXPECT_FALSE(bought.at("priceEstimated").as_bool());
  const auto& usable = told.at("nodePools").at(0).at("usable").as_array();
  EXPECT_EQ(usable.at(1).at("priceSource").as_string(), "BuiltIn");
  EXPECT_TRUE(usable.at(1).at("priceEstimated").as_bool());
  EXPECT_FALSE(usable.at(1).as_object().contains("priceAsOf"));
  EXPECT_FALSE(usable.at(2).as_object().contains("priceSource"));
}

TEST(ExplanationOutput, WhyNothingIsPlannedAndWhatCouldNotBeReadIsTold) {
  ExplainedPod pod = large_pod();
  pod.remark = "it has ended";
  pod.problems = {"Pod is left out: spec is no object"};
  pod.explanation.not_offered = {{"NodePool \"old\"", "is being deleted"}};
  const std::string text = text_of(pod);
  EXPECT_THAT(text, HasSubstr("\n  nothing is planned for it: it has ended\n"));
  EXPECT_THAT(text, HasSubstr("\nNot offered\n  NodePool \"old\" is being deleted\n"));
  EXPECT_THAT(text, HasSubstr("\nnote: Pod is left out: spec is no object\n"));
}

}  // namespace
}  // namespace hyperwright::cli
