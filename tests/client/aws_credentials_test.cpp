#include "client/aws_credentials.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::HasSubstr;
using testing::Not;

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

TEST(AwsCredentials, ComeFromTheUsualVariables) {
  const auto keys = aws_credentials_from_environment(environment(
      {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}}));
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->access_key_id, "AKID");
  EXPECT_EQ(keys->secret_access_key, "s");
  EXPECT_EQ(keys->session_token, "t");
}

TEST(AwsCredentials, AMissingKeyIsNamedAndHasARemedy) {
  const auto none = aws_credentials_from_environment(environment({}));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::Forbidden);
  EXPECT_THAT(none.error().text(), HasSubstr("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(none.error().remedy(), HasSubstr("AWS_SESSION_TOKEN"));
  const auto half = aws_credentials_from_environment(
      environment({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", ""}}));
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().text(), HasSubstr("AWS_SECRET_ACCESS_KEY is not set"));
}

TEST(AwsCredentials, ACopiedLineEndIsNamedWithoutTheKey) {
  const auto keys = aws_credentials_from_environment(
      environment({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "secret\n"}}));
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error().text(), HasSubstr("AWS_SECRET_ACCESS_KEY"));
  EXPECT_THAT(keys.error().text(), Not(HasSubstr("secret\n")));
}

TEST(AwsRegion, TheNewerVariableGoesFirst) {
  EXPECT_EQ(
      aws_region_from_environment(environment({{"AWS_REGION", "a"}, {"AWS_DEFAULT_REGION", "b"}}))
          .value(),
      "a");
  EXPECT_EQ(
      aws_region_from_environment(environment({{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "b"}}))
          .value(),
      "b");
  const auto none = aws_region_from_environment(environment({}));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().remedy(), HasSubstr("--region"));
}

}  // namespace
}  // namespace hyperwright::client
