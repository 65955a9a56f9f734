#include "client/subnet_zones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

// "what is wrong | what to do about it"
std::string problem_of(std::string_view text) {
  const auto zones = parse_subnet_zones(text, "zones.yaml");
  return zones ? "none" : zones.error().text() + " | " + zones.error().remedy();
}

TEST(SubnetZones, OneSubnetALine) {
  const auto zones = parse_subnet_zones(
      "# our two\nsubnet-0b: us-west-2b\n\nsubnet-0a: us-west-2a  # the old one\n", "f");
  ASSERT_TRUE(zones) << zones.error().text();
  EXPECT_THAT(*zones,
              ElementsAre(Pair("subnet-0a", "us-west-2a"), Pair("subnet-0b", "us-west-2b")));
}

TEST(SubnetZones, WhatTheAwsCommandPrintsIsReadAsItIs) {
  for (const char* text :
       {"subnet-0a\tus-west-2a\n", "subnet-0a us-west-2a\r\n", "\"subnet-0a\": 'us-west-2a'"}) {
    const auto zones = parse_subnet_zones(text, "f");
    ASSERT_TRUE(zones) << zones.error().text();
    EXPECT_THAT(*zones, ElementsAre(Pair("subnet-0a", "us-west-2a"))) << text;
  }
}

TEST(SubnetZones, LocalAndWavelengthZonesAreZones) {
  for (const char* zone : {"us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1", "us-gov-west-1a"})
    EXPECT_EQ(problem_of(std::string("subnet-0a: ") + zone), "none");
}

TEST(SubnetZones, AnErrorNamesFileLineValueAndRemedy) {
  EXPECT_THAT(problem_of("subnet-0a: us-west-2a\nsbnet-0b: us-west-2b\n"),
              HasSubstr("zones.yaml:2: \"sbnet-0b\" is no subnet id | write one subnet a line"));
  EXPECT_THAT(problem_of("subnet-0a:\n"), HasSubstr("zones.yaml:1: subnet-0a has no zone | "));
  EXPECT_THAT(problem_of("subnet-0a: us west 2a\n"),
              HasSubstr("zones.yaml:1: \"west\" stands after the zone of subnet-0a | "));
  EXPECT_THAT(problem_of("subnet-0a: somewhere\n"),
              HasSubstr("zones.yaml:1: subnet-0a: \"somewhere\" is no zone | "));
}

TEST(SubnetZones, TheIdOfAZoneIsNotItsName) {
  EXPECT_THAT(problem_of("subnet-0a: usw2-az1\n"),
              HasSubstr("\"usw2-az1\" is the id of a zone, not its name | write the zone's name, "
                        "such as us-west-2a: `aws ec2 describe-subnets --subnet-ids subnet-0a`"));
}

TEST(SubnetZones, ASubnetIsInOneZone) {
  EXPECT_THAT(problem_of("subnet-0a: us-west-2a\nsubnet-0a: us-west-2b\n"),
              HasSubstr("zones.yaml:2: subnet-0a is in us-west-2b, but line 1 says us-west-2a"));
  EXPECT_EQ(problem_of("subnet-0a: us-west-2a\nsubnet-0a: us-west-2a\n"), "none");
}

TEST(SubnetZones, AFileThatNamesNoneIsAMistake) {
  for (const char* text : {"", "\n\n", "# only a comment"})
    EXPECT_THAT(problem_of(text), HasSubstr("zones.yaml: names no subnet"));
}

}  // namespace
}  // namespace hyperwright::client
