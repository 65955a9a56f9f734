#include "client/aws_settings.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/scratch_folder.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> variables) {
  variables.insert({"AWS_EC2_METADATA_DISABLED", "true"});
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

TEST(AwsSettings, NameAwssOwnEndpointsForTheRegion) {
  const auto west = aws_settings("us-west-2", "", environment({}));
  ASSERT_TRUE(west);
  EXPECT_EQ(west->sagemaker_endpoint, "https://api.sagemaker.us-west-2.amazonaws.com");
  EXPECT_EQ(west->ec2_endpoint, "https://ec2.us-west-2.amazonaws.com");
  EXPECT_EQ(aws_settings("", "", environment({{"AWS_REGION", "cn-north-1"}}))->sagemaker_endpoint,
            "https://api.sagemaker.cn-north-1.amazonaws.com.cn");
}

TEST(AwsSettings, AnEndpointOfOnesOwnStandsForBothAndNeedsNoRegion) {
  const auto own = aws_settings("", "http://127.0.0.1:4567/", environment({}));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->sagemaker_endpoint, "http://127.0.0.1:4567");
  EXPECT_EQ(own->ec2_endpoint, "http://127.0.0.1:4567");
}

TEST(AwsSettings, WhatIsMissingOrWrongIsNamed) {
  EXPECT_THAT(aws_settings("", "", environment({})).error().remedy(), HasSubstr("--region"));
  EXPECT_THAT(aws_settings("us west", "", environment({})).error().text(),
              HasSubstr("\"us west\""));
  EXPECT_THAT(aws_settings("us-west-2", "localhost:1", environment({})).error().text(),
              HasSubstr("\"localhost:1\""));
  EXPECT_THAT(
      aws_settings("us-west-2", "", environment({{"AWS_CA_BUNDLE", "/nowhere/ca"}})).error().text(),
      HasSubstr("AWS_CA_BUNDLE: /nowhere/ca"));
}

TEST(AwsSettings, RegionAndAuthoritiesMayStandInTheProfile) {
  const ScratchFolder folder;
  const std::string bundle = folder.write("ca.pem", "x").string();
  const std::string config =
      folder.write("config", "[profile a]\nregion=eu-west-1\nca_bundle=" + bundle + "\n").string();
  const auto found =
      aws_settings("", "", environment({{"AWS_CONFIG_FILE", config}, {"AWS_PROFILE", "a"}}));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->region, "eu-west-1");
  EXPECT_EQ(found->connection->ca_file, bundle);
  EXPECT_EQ(found->pricing_endpoint, "https://api.pricing.eu-central-1.amazonaws.com");
  EXPECT_EQ(found->sts_endpoint, "https://sts.eu-west-1.amazonaws.com");
}

TEST(AwsSettings, ConfiguredEndpointsReplaceAwss) {
  const auto found = aws_settings(
      "us-west-2", "",
      environment({{"AWS_ENDPOINT_URL", "http://all"}, {"AWS_ENDPOINT_URL_EC2", "http://ec2"}}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sagemaker_endpoint, "http://all");
  EXPECT_EQ(found->ec2_endpoint, "http://ec2");
  EXPECT_EQ(found->pricing_endpoint, "http://all");
}

TEST(AwsSettings, AnEndpointOfOnesOwnGivesWayToAServicesVariableButForSageMaker) {
  const auto found = aws_settings("us-west-2", "http://own",
                                  environment({{"AWS_ENDPOINT_URL", "http://all"},
                                               {"AWS_ENDPOINT_URL_SAGEMAKER", "http://other"},
                                               {"AWS_ENDPOINT_URL_STS", "http://sts"}}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sagemaker_endpoint, "http://own");
  EXPECT_EQ(found->ec2_endpoint, "http://own");
  EXPECT_EQ(found->sts_endpoint, "http://sts");
}

TEST(AwsSettings, ABrokenSharedFileIsNamedWithItsLine) {
  const ScratchFolder folder;
  const std::string config = folder.write("config", "[default]\nnonsense\n").string();
  EXPECT_THAT(
      aws_settings("us-west-2", "", environment({{"AWS_CONFIG_FILE", config}})).error().text(),
      HasSubstr("config:2: no key and value"));
}

}  // namespace
}  // namespace hyperwright::client
