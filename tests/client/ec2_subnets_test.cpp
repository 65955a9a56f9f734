#include "client/ec2_subnets.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

Result<boost::json::value> decode(int status, std::string body) {
  return decode_describe_subnets({status, {}, std::move(body)});
}

TEST(Ec2Subnets, TheFormFiltersByNumberedIds) {
  const std::vector<std::string> ids{"subnet-0a", "subnet&b"};
  EXPECT_EQ(describe_subnets_form(ids),
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=subnet-id"
            "&Filter.1.Value.1=subnet-0a&Filter.1.Value.2=subnet%26b");
}

TEST(Ec2Subnets, TheAnswerNamesZonesAndZoneIds) {
  const auto answer = decode(200, R"(<?xml version="1.0" encoding="UTF-8"?>
<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>7a</requestId>
  <subnetSet>
    <item><subnetId>subnet-0a</subnetId><state>available</state><cidrBlock>10.0.0.0/24</cidrBlock>
      <availabilityZone>us-west-2a</availabilityZone><availabilityZoneId>usw2-az2</availabilityZoneId>
      <tagSet><item><key>Name</key><value>a &amp; b</value></item></tagSet></item>
    <item><subnetId>subnet-0b</subnetId><availabilityZone>us-west-2b</availabilityZone>
      <availabilityZoneId>usw2-az1</availabilityZoneId></item>
  </subnetSet>
</DescribeSubnetsResponse>)");
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(
      boost::json::serialize(*answer),
      R"({"Subnets":[{"SubnetId":"subnet-0a","AvailabilityZone":"us-west-2a","AvailabilityZoneId":"usw2-az2"},)"
      R"({"SubnetId":"subnet-0b","AvailabilityZone":"us-west-2b","AvailabilityZoneId":"usw2-az1"}]})");
}

TEST(Ec2Subnets, AnErrorIsReadFromItsXml) {
  const auto answer =
      decode(400,
             "<Response><Errors><Error><Code>InvalidSubnetID.NotFound</Code><Message>The subnet ID "
             "'subnet-0c' does not exist</Message></Error></Errors></Response>");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(answer.error().text(),
              HasSubstr("ec2:DescribeSubnets: InvalidSubnetID.NotFound: The subnet ID"));
  EXPECT_EQ(
      decode(
          403,
          "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>")
          .error()
          .code(),
      ErrorCode::Forbidden);
  EXPECT_EQ(
      decode(
          503,
          "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>")
          .error()
          .code(),
      ErrorCode::Throttled);
}

TEST(Ec2Subnets, WhatIsNoSuchXmlIsNamed) {
  for (const char* body : {"", "{}", "<html></html>", "<DescribeSubnetsResponse><subnetSet>"}) {
    const auto answer = decode(200, body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code(), ErrorCode::Invalid) << body;
  }
  EXPECT_EQ(decode(502, "<html>").error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(decode(500, "").error().code(), ErrorCode::Unavailable);
}

TEST(Ec2Subnets, EntitiesOfOnesOwnAreNotExpanded) {
  const auto answer = decode(200, R"(<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<DescribeSubnetsResponse><subnetSet><item><subnetId>&b;</subnetId></item></subnetSet></DescribeSubnetsResponse>)");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("Subnets").at(0).at("SubnetId").as_string(), "&b;");
}

}  // namespace
}  // namespace hyperwright::client
