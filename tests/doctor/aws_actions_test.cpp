// The list of IAM actions is what is called and what the policy allows; a refused call names its
// action.
#include "doctor/aws_actions.h"

#include <fstream>
#include <set>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/calls.h"
#include "tests/doctor/every_effect.h"

namespace hyperwright::doctor {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::SizeIs;

using Actions = std::set<std::string>;

Actions listed() { return {aws_actions().begin(), aws_actions().end()}; }

AskedAction refused(std::string action, ErrorCode code, std::string sentence,
                    std::string remedy = {}) {
  return {std::move(action), Status(fail(code, std::move(sentence), std::move(remedy))), {}};
}
AskedAction allowed(std::string action) { return {std::move(action), Status(), {}}; }
AskedAction left_out(std::string action, std::string why) {
  return {std::move(action), std::nullopt, std::move(why)};
}

TEST(AwsActions, AreExactlyTheCallsThatEffectsBecomeAndThePriceList) {
  Actions called{"pricing:GetProducts"};  // asked beside the loop
  for (const state::Effect& effect : test::every_effect()) {
    if (const auto call = runtime::hyperpod_call(effect, "c")) {
      const char* service = call->operation == "DescribeSubnets" ? "ec2" : "sagemaker";
      called.insert(fmt::format("{}:{}", service, call->operation));
    }
  }
  EXPECT_EQ(called, listed());
}

TEST(AwsActions, ThePolicyAllowsExactlyThese) {
  std::ifstream stream(std::string(HYPERWRIGHT_SOURCE_DIR) + "/deploy/iam/policy.json");
  std::ostringstream text;
  text << stream.rdbuf();
  Actions in_policy;
  const json::value policy = json::parse(text.str());
  for (const json::value& statement : policy.at("Statement").as_array()) {
    EXPECT_EQ(statement.at("Effect").as_string(), "Allow");
    for (const json::value& action : statement.at("Action").as_array())
      in_policy.emplace(std::string(action.as_string()));
  }
  EXPECT_EQ(in_policy, listed());
}

TEST(AwsActions, ARefusedCallNamesTheActionThatIsMissing) {
  const Findings findings = check_aws_actions(
      std::vector{allowed("sagemaker:DescribeCluster"),
                  refused("sagemaker:ListClusterNodes", ErrorCode::Forbidden,
                          "ListClusterNodes: AccessDeniedException: not authorized")});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].verdict, Verdict::Ok);
  EXPECT_EQ(findings[0].found, "sagemaker:DescribeCluster");
  EXPECT_EQ(findings[1].verdict, Verdict::Problem);
  EXPECT_THAT(findings[1].found, HasSubstr("sagemaker:ListClusterNodes is refused"));
  EXPECT_THAT(findings[1].remedy, HasSubstr("allow sagemaker:ListClusterNodes"));
}

TEST(AwsActions, AnotherAnswerShowsThatTheCallIsAllowed) {
  for (const ErrorCode code : {ErrorCode::NotFound, ErrorCode::Invalid, ErrorCode::Conflict}) {
    const Findings findings =
        check_aws_actions(std::vector{refused("sagemaker:DescribeClusterEvent", code, "no")});
    ASSERT_THAT(findings, SizeIs(1));
    EXPECT_EQ(findings[0].verdict, Verdict::Ok);
  }
}

TEST(AwsActions, KeysThatAreNotAcceptedAreToldOnce) {
  const auto expired = [](std::string action) {
    return refused(std::move(action), ErrorCode::Forbidden, "ExpiredTokenException",
                   "get new ones");
  };
  const Findings findings = check_aws_actions(
      std::vector{expired("sagemaker:DescribeCluster"), expired("sagemaker:ListClusterNodes")});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Problem);
  EXPECT_EQ(findings[0].remedy, "get new ones");
}

TEST(AwsActions, WhatIsNotAskedIsToldWithTheReason) {
  const Findings findings = check_aws_actions(
      std::vector{left_out("a:A", "it changes things"), left_out("a:B", "it changes things")});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::NotChecked);
  EXPECT_EQ(findings[0].found, "a:A, a:B: it changes things");
}

TEST(AwsActions, WhatIsAskedAndNotAnsweredIsAProblem) {
  for (const ErrorCode code :
       {ErrorCode::Unavailable, ErrorCode::Throttled, ErrorCode::Unknown, ErrorCode::Internal}) {
    const Findings findings = check_aws_actions(
        std::vector{allowed("a:A"), refused("a:B", code, "no connection", "plug in"),
                    refused("a:C", code, "no connection", "plug in")});
    ASSERT_THAT(findings, SizeIs(2));
    EXPECT_EQ(findings[1].verdict, Verdict::Problem);
    EXPECT_EQ(findings[1].found, "could not be asked: a:B, a:C: no connection");
    EXPECT_EQ(findings[1].remedy, "plug in");
  }
}

TEST(AwsActions, OfWhatTheControllerCanDoWithoutARefusalIsAWarningWithBothWaysOut) {
  AskedAction prices =
      refused("pricing:GetProducts", ErrorCode::Forbidden, "AccessDeniedException: not authorized");
  prices.without = "without it others count";
  prices.remedy = "or start it with --no-price-list";
  Findings findings = check_aws_actions(std::vector{prices});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Warning);
  EXPECT_EQ(findings[0].found,
            "pricing:GetProducts is refused: AccessDeniedException: not authorized; without it "
            "others count");
  EXPECT_THAT(findings[0].remedy, HasSubstr("allow pricing:GetProducts in the IAM policy"));
  EXPECT_THAT(findings[0].remedy, HasSubstr(", or start it with --no-price-list"));
  prices.answer = Status(fail(ErrorCode::Unavailable, "no route"));
  findings = check_aws_actions(std::vector{prices});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Warning);
  EXPECT_THAT(findings[0].found, HasSubstr("could not be asked: no route"));
}

TEST(AwsActions, ARefusalOfOneActionSaysNothingOfTheOthersAndOneOfTheKeysSaysAll) {
  EXPECT_TRUE(is_of_this_action(Error(ErrorCode::Forbidden, "AccessDeniedException: no")));
  EXPECT_TRUE(is_of_this_action(Error(ErrorCode::NotFound, "ResourceNotFound: no such cluster")));
  EXPECT_FALSE(is_of_this_action(Error(ErrorCode::Forbidden, "ExpiredTokenException")));
  EXPECT_FALSE(is_of_this_action(Error(ErrorCode::Unavailable, "connection refused")));
  EXPECT_FALSE(is_of_this_action(Error(ErrorCode::Throttled, "ThrottlingException")));
}

TEST(AwsIdentity, IsToldOrWhyItIsNot) {
  EXPECT_TRUE(check_aws_identity(std::nullopt).empty());
  const auto verdict = [](Result<std::string> arn) {
    return check_aws_identity(std::optional(std::move(arn))).front().verdict;
  };
  EXPECT_EQ(verdict(std::string("arn:aws:sts::1:assumed-role/x")), Verdict::Ok);
  EXPECT_EQ(verdict(fail(ErrorCode::Forbidden, "bad keys")), Verdict::Problem);
  EXPECT_EQ(verdict(fail(ErrorCode::Unavailable, "no route")), Verdict::NotChecked);
}

}  // namespace
}  // namespace hyperwright::doctor
