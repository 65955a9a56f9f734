#include "client/sts_query.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_key_access.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StsQuery, ReadsTheKeysOfARole) {
  const auto keys =
      decode_assumed_role("AssumeRole", response_of(200, assumed_role_xml("AssumeRole", "R")));
  ASSERT_TRUE(keys) << keys.error().text();
  EXPECT_EQ(keys->keys, (AwsCredentials{"R", "s-R", "t-R"}));
  EXPECT_EQ(format_time(keys->expires), "2030-01-01T00:00:00Z");
}

TEST(StsQuery, AnAnswerThatIsNoneShowsNothingOfIt) {
  for (const char* body : {"", "hush", "<html>hush</html>", "{\"hush\":1}",
                           "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>hush</"
                           "AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>"}) {
    const auto keys = decode_assumed_role("AssumeRole", response_of(200, body));
    ASSERT_FALSE(keys) << body;
    EXPECT_THAT(keys.error().text(), Not(HasSubstr("hush")));
  }
}

TEST(StsQuery, ErrorsHaveTheirNameAndSentence) {
  const auto keys = decode_assumed_role(
      "AssumeRole", response_of(403,
                                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                                "<Message>not you</Message></Error></ErrorResponse>"));
  EXPECT_EQ(keys.error().code(), ErrorCode::Forbidden);
  EXPECT_EQ(keys.error().text(), "sts:AssumeRole: AccessDenied: not you");
}

TEST(StsQuery, ReadsWhoWeAre) {
  const auto who = decode_caller_identity(
      response_of(200,
                  "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                  "<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>U</UserId>"
                  "<Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"));
  ASSERT_TRUE(who) << who.error().text();
  EXPECT_EQ(boost::json::serialize(*who),
            R"({"Account":"1","Arn":"arn:aws:iam::1:user/a","UserId":"U"})");
}

TEST(StsQuery, WhatIsNoStsIsNotFound) {
  EXPECT_EQ(decode_caller_identity(response_of(404, "{}")).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(decode_caller_identity(response_of(200, "{}")).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(decode_caller_identity(
                response_of(400,
                            "<Response><Errors><Error><Code>InvalidAction</Code></Error></"
                            "Errors></Response>"))
                .error()
                .code(),
            ErrorCode::NotFound);
  EXPECT_EQ(decode_caller_identity(response_of(503, "")).error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(decode_caller_identity(response_of(403,
                                               "<ErrorResponse><Error><Code>InvalidClientTokenId"
                                               "</Code></Error></ErrorResponse>"))
                .error()
                .code(),
            ErrorCode::Forbidden);
}

}  // namespace
}  // namespace hyperwright::client
