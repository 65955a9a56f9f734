// What the flags of `hyperwright controller` may be.
#include "cli/controller_options.h"

#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

ControllerOptions options() {
  ControllerOptions options;
  options.cluster = "training";
  return options;
}

// What is wrong with them; "": nothing.
std::string problem_of(const ControllerOptions& options) {
  const auto core = core_options(options);
  return core ? std::string{} : core.error().text();
}

TEST(ControllerOptions, TheDefaultsAreFineAndAClusterIsNamed) {
  EXPECT_EQ(problem_of(options()), "");
  EXPECT_EQ(problem_of({}), "--cluster is empty");
}

// With none, a node would be given back as soon as it is bought, and bought again.
TEST(ControllerOptions, NoWaitForANodeIsShorterThanASecond) {
  for (const auto member :
       {&ControllerOptions::capacity_timeout, &ControllerOptions::registration_timeout,
        &ControllerOptions::unavailable_for}) {
    ControllerOptions wrong = options();
    for (const char* text : {"0s", "999ms"}) {
      wrong.*member = text;
      EXPECT_NE(problem_of(wrong).find("it must be at least 1s"), std::string::npos);
    }
    wrong.*member = "1s";
    EXPECT_EQ(problem_of(wrong), "");
  }
}

TEST(ControllerOptions, ABatchIsNotIdleLongerThanItMayLast) {
  ControllerOptions wrong = options();
  wrong.batch_idle = "11s";
  EXPECT_EQ(problem_of(wrong),
            "--batch-idle-duration is 11s, above --batch-max-duration, which is 10s");
  wrong.batch_max = "11s";
  EXPECT_EQ(problem_of(wrong), "");
}

TEST(ControllerOptions, PoliciesAreKarpentersWords) {
  const auto usual = core_options(options());
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->preference_policy, state::PreferencePolicy::Respect);
  EXPECT_EQ(usual->min_values_policy, state::MinValuesPolicy::Strict);
  ControllerOptions other = options();
  other.preference_policy = "Ignore";
  other.min_values_policy = "BestEffort";
  const auto core = core_options(other);
  ASSERT_TRUE(core);
  EXPECT_EQ(core->preference_policy, state::PreferencePolicy::Ignore);
  EXPECT_EQ(core->min_values_policy, state::MinValuesPolicy::BestEffort);
  other.preference_policy = "ignore";
  EXPECT_EQ(problem_of(other), "--preference-policy: \"ignore\" is no policy");
  other.preference_policy = "Ignore";
  other.min_values_policy = "";
  EXPECT_EQ(problem_of(other), "--min-values-policy: \"\" is no policy");
}

std::string lease_problem(std::string duration, std::string deadline, std::string retry) {
  ControllerOptions changed = options();
  changed.lease_duration = std::move(duration);
  changed.lease_renew_deadline = std::move(deadline);
  changed.lease_retry_period = std::move(retry);
  const auto timings = lease_timings(changed);
  return timings ? std::string{} : timings.error().text();
}

TEST(ControllerOptions, TheLeasesTimingsAreClientGosAndKeepTwoApart) {
  const auto usual = lease_timings(options());
  ASSERT_TRUE(usual);
  EXPECT_EQ(usual->duration, Duration::seconds(15));
  EXPECT_EQ(usual->renew_deadline, Duration::seconds(10));
  EXPECT_EQ(usual->retry, Duration::seconds(2));
  EXPECT_EQ(lease_problem("2s", "1500ms", "1s"), "");
  EXPECT_EQ(lease_problem("10s", "10s", "2s"),
            "--leader-elect-renew-deadline is 10s, it must be shorter than "
            "--leader-elect-lease-duration, which is 10s");
  EXPECT_NE(lease_problem("15s", "12s", "10s").find("1.2 times that"), std::string::npos);
  EXPECT_NE(lease_problem("2500ms", "2s", "1s").find("whole seconds"), std::string::npos);
  EXPECT_NE(lease_problem("15s", "10s", "0s").find("at least 100ms"), std::string::npos);
  EXPECT_NE(lease_problem("soon", "10s", "2s").find("--leader-elect-lease-duration"),
            std::string::npos);
}

}  // namespace
}  // namespace hyperwright::cli
