#include "client/aws_endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_key_access.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

TEST(RegionalEndpoint, LiesUnderTheDomainOfItsPartition) {
  EXPECT_EQ(regional_endpoint(AwsService::SageMaker, "us-west-2"),
            "https://api.sagemaker.us-west-2.amazonaws.com");
  EXPECT_EQ(regional_endpoint(AwsService::Ec2, "cn-north-1"),
            "https://ec2.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(regional_endpoint(AwsService::Sts, "us-gov-west-1"),
            "https://sts.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(regional_endpoint(AwsService::Sts, "eusc-de-east-1"),
            "https://sts.eusc-de-east-1.amazonaws.eu");
}

TEST(RegionalEndpoint, PriceListsAnswerInAFewRegionsForAll) {
  EXPECT_EQ(signing_region(AwsService::Pricing, "us-west-2"), "us-east-1");
  EXPECT_EQ(signing_region(AwsService::Pricing, "eu-west-1"), "eu-central-1");
  EXPECT_EQ(signing_region(AwsService::Pricing, "ap-southeast-2"), "ap-south-1");
  EXPECT_EQ(regional_endpoint(AwsService::Pricing, "eu-north-1"),
            "https://api.pricing.eu-central-1.amazonaws.com");
  EXPECT_EQ(regional_endpoint(AwsService::Pricing, "us-gov-west-1"), "");
  EXPECT_EQ(signing_region(AwsService::SageMaker, "us-west-2"), "us-west-2");
}

Result<std::string> configured(FakeKeyAccess& world, AwsService service) {
  return world.search([&](const KeySearch& search) {
    return configured_endpoint(service, search.access.environment, search.profiles);
  });
}

TEST(ConfiguredEndpoint, TheMoreParticularAndTheVariableGoFirst) {
  FakeKeyAccess world;
  EXPECT_EQ(configured(world, AwsService::Sts).value(), "");
  world.config(
      "[default]\nendpoint_url=http://d\nservices=dev\n[services dev]\nsts =\n"
      "  endpoint_url = http://c/\n");
  EXPECT_EQ(configured(world, AwsService::Ec2).value(), "http://d");
  EXPECT_EQ(configured(world, AwsService::Sts).value(), "http://c");
  world.variables["AWS_ENDPOINT_URL"] = "http://b";
  EXPECT_EQ(configured(world, AwsService::Sts).value(), "http://b");
  world.variables["AWS_ENDPOINT_URL_STS"] = "https://a";
  EXPECT_EQ(configured(world, AwsService::Sts).value(), "https://a");
  EXPECT_EQ(configured(world, AwsService::SageMaker).value(), "http://b");
}

TEST(ConfiguredEndpoint, MayAllBeIgnored) {
  FakeKeyAccess world;
  world.variables = {{"AWS_ENDPOINT_URL", "http://b"},
                     {"AWS_ENDPOINT_URL_STS", "http://a"},
                     {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}};
  EXPECT_EQ(configured(world, AwsService::Sts).value(), "");
  world.variables.erase("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  world.config("[default]\nignore_configured_endpoint_urls=true\n");
  EXPECT_EQ(configured(world, AwsService::Ec2).value(), "");
}

TEST(ConfiguredEndpoint, WhatIsNoUrlIsNamedWithItsPlace) {
  FakeKeyAccess world;
  world.variables["AWS_ENDPOINT_URL_STS"] = "localhost:1";
  EXPECT_EQ(configured(world, AwsService::Sts).error().text(),
            "AWS_ENDPOINT_URL_STS \"localhost:1\" is no URL");
  world.variables.clear();
  world.config("[default]\nservices=dev\n");
  EXPECT_THAT(configured(world, AwsService::Sts).error().text(),
              HasSubstr("there is no [services dev]"));
}

}  // namespace
}  // namespace hyperwright::client
