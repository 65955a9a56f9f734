#include "service/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::service {
namespace {

Scenario parsed(std::string_view yaml) {
  const auto scenario = parse_scenario(yaml, "s.yaml");
  check(scenario.has_value(), scenario ? "" : scenario.error().text());
  return *scenario;
}

struct Wrong {
  std::string sentence;
  std::string remedy;
};
Wrong wrong(std::string_view yaml) {
  const auto scenario = parse_scenario(yaml, "s.yaml");
  return scenario ? Wrong{"no error", ""}
                  : Wrong{scenario.error().text(), scenario.error().remedy()};
}

TEST(Scenario, EverythingIsRead) {
  const Scenario expected{
      .subnets = {{"subnet-a", "us-east-1a"}},
      .delays = {.cluster = Duration::seconds(2),
                 .launch = Duration::seconds(90),
                 .join = Duration::milliseconds(1500),
                 .terminate = Duration::minutes(1),
                 .retry = Duration::minutes(5),
                 .jitter_percent = 10},
      .capacity = {{.type = "ml.p5.48xlarge",
                    .zone = "us-east-1a",
                    .available = 4,
                    .when = {Duration::hours(1), Duration::hours(2)}}},
      .never_joins = {{.group = "gpu", .when = {.from = Duration::minutes(10)}}},
      .failing_lifecycle_script = {{.type = "ml.g5.xlarge",
                                    .when = {.until = Duration::minutes(3)}}},
      .throttle = ThrottleLimits{5, 10},
      .instances_per_cluster = 20};
  EXPECT_EQ(parsed(R"(
subnets: {subnet-a: us-east-1a}
delays: {cluster: 2s, launch: 90s, register: 1.5s, terminate: 1m, retry: 5m, jitter: 10%}
capacity:
- {type: ml.p5.48xlarge, zone: us-east-1a, available: 4, from: 1h, until: 2h}
never_joins: [{group: gpu, from: 10m}]
failing_lifecycle_script: [{type: ml.g5.xlarge, until: 3m}]
throttle: {requests_per_second: 5, burst: 10}
quota: {instances_per_cluster: 20}
)"),
            expected);
}

TEST(Scenario, EmptyOneIsTheDefault) {
  EXPECT_EQ(parsed(""), Scenario{});
  EXPECT_EQ(parsed("# nothing\n"), Scenario{});
}

TEST(Scenario, UnknownKeyNamesItsLineAndTheNearestWord) {
  const Wrong top = wrong("delays: {}\ncapacty: []\n");
  EXPECT_EQ(top.sentence, "s.yaml:2: capacty is not known");
  EXPECT_THAT(top.remedy, testing::HasSubstr("did you mean \"capacity\"?"));
  EXPECT_EQ(wrong("capacity:\n- type: ml.g5.xlarge\n  availble: 1\n").sentence,
            "s.yaml:3: capacity[0].availble is not known");
  EXPECT_THAT(wrong("delays: {lauch: 1s}").remedy, testing::HasSubstr("did you mean \"launch\"?"));
}

TEST(Scenario, BadValuesAreNamed) {
  EXPECT_EQ(wrong("delays: {launch: fast}").sentence,
            "s.yaml:1: delays.launch \"fast\" is no span of time from 0s to a year");
  EXPECT_EQ(wrong("delays: {launch: -1s}").sentence,
            "s.yaml:1: delays.launch \"-1s\" is no span of time from 0s to a year");
  EXPECT_EQ(wrong("delays: {jitter: 101%}").sentence,
            "s.yaml:1: delays.jitter is no share from 0% to 100%");
  EXPECT_EQ(wrong("delays: 5s").sentence, "s.yaml:1: delays is no map");
  EXPECT_EQ(wrong("capacity: 5").sentence, "s.yaml:1: capacity is no list");
  EXPECT_EQ(wrong("capacity: [5]").sentence, "s.yaml:1: capacity[0] is no map");
  EXPECT_EQ(wrong("capacity: [{type: ml.g5.xlarge}]").sentence,
            "s.yaml:1: capacity[0] has no `available`");
  EXPECT_EQ(wrong("capacity: [{available: -1}]").sentence,
            "s.yaml:1: capacity[0].available \"-1\" is no whole number from 0 to 1000000");
  EXPECT_EQ(wrong("capacity: [{available: 1, zone: use1-az1}]").sentence,
            "s.yaml:1: capacity[0].zone \"use1-az1\" is no availability zone");
  EXPECT_THAT(wrong("capacity: [{available: 1, type: ml.g5.xlage}]").remedy,
              testing::HasSubstr("\"ml.g5.xlarge\""));
  EXPECT_EQ(wrong("never_joins: [{from: 2m, until: 1m}]").sentence,
            "s.yaml:1: never_joins[0] ends before it begins");
  EXPECT_EQ(wrong("subnets: {subnet-a: us-east-1}").sentence,
            "s.yaml:1: subnets.subnet-a \"us-east-1\" is no availability zone");
  EXPECT_EQ(wrong("throttle: {burst: 1}").sentence,
            "s.yaml:1: throttle needs requests_per_second and burst");
  EXPECT_EQ(wrong("delays: {launch: 1s, launch: 2s}").sentence,
            "s.yaml:1: delays.launch is there twice");
  EXPECT_EQ(wrong("[1, 2]").sentence, "s.yaml:1: scenario is no map");
}

TEST(Scenario, TextThatIsNoYamlIsNamed) {
  EXPECT_THAT(wrong("delays: {launch: 1s\n").sentence, testing::HasSubstr("s.yaml:"));
  EXPECT_THAT(wrong("delays: {launch: 1s\n").sentence, testing::HasSubstr("this is no YAML"));
}

TEST(Capacity, IsUnlimitedWhereNoLineSpeaks) {
  const Scenario scenario =
      parsed("capacity: [{type: ml.g5.xlarge, zone: us-east-1a, available: 0}]");
  EXPECT_EQ(available(scenario, "ml.g5.xlarge", "us-east-1a", Duration{}), 0);
  EXPECT_EQ(available(scenario, "ml.g5.xlarge", "us-east-1b", Duration{}), std::nullopt);
  EXPECT_EQ(available(scenario, "ml.g6.xlarge", "us-east-1a", Duration{}), std::nullopt);
}

TEST(Capacity, LaterLineCounts) {
  const Scenario scenario =
      parsed("capacity: [{available: 1}, {type: ml.g5.xlarge, available: 5, from: 1h}]");
  EXPECT_EQ(available(scenario, "ml.g5.xlarge", "us-east-1a", Duration{}), 1);
  EXPECT_EQ(available(scenario, "ml.g5.xlarge", "us-east-1a", Duration::hours(1)), 5);
}

TEST(Capacity, WindowHoldsItsBeginAndNotItsEnd) {
  const Window window{Duration::seconds(10), Duration::seconds(20)};
  EXPECT_FALSE(window.contains(Duration::seconds(10) - Duration::microseconds(1)));
  EXPECT_TRUE(window.contains(Duration::seconds(10)));
  EXPECT_FALSE(window.contains(Duration::seconds(20)));
}

TEST(Fault, HitsItsGroupAndType) {
  const std::vector<Fault> faults = {{.group = "gpu", .type = "ml.g5.xlarge"}};
  EXPECT_TRUE(is_faulty(faults, "gpu", "ml.g5.xlarge", Duration{}));
  EXPECT_FALSE(is_faulty(faults, "cpu", "ml.g5.xlarge", Duration{}));
  EXPECT_FALSE(is_faulty(faults, "gpu", "ml.g6.xlarge", Duration{}));
}

RC_GTEST_PROP(Delay, StaysWithinItsJitter, (std::uint64_t seed)) {
  const Delays delays{.jitter_percent = *rc::gen::inRange(0, 101)};
  const Duration delay = Duration::microseconds(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000));
  Random random(seed);
  const Duration drawn = draw_delay(delays, delay, random);
  const Duration reach = delay * delays.jitter_percent / 100;
  RC_ASSERT(drawn >= delay - reach);
  RC_ASSERT(drawn <= delay + reach);
}

}  // namespace
}  // namespace hyperwright::service
