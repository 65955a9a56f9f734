#include "hyperpod/offering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<Subnet> kSubnets = {{"subnet-a", "us-east-1a", "use1-az1"},
                                      {"subnet-a2", "us-east-1a", "use1-az1"},
                                      {"subnet-b", "us-east-1b", "use1-az2"}};

Offerings offerings(const InstanceGroup& group,
                    const std::vector<std::string>& cluster_subnets = {"subnet-a"}) {
  Cluster cluster;
  cluster.subnets = cluster_subnets;
  return offerings_of(group, cluster, kSubnets, InstanceTypes::shipped());
}

std::vector<std::string> texts(const Offerings& offerings) {
  std::vector<std::string> list;
  for (const Offering& o : offerings.list) {
    list.push_back(o.key.type + " " + o.key.zone + " " + format_dollars(o.price.per_hour, 4));
  }
  return list;
}

TEST(Offering, GroupOfOneTypeInOneZoneIsOneOffering) {
  const Offerings o = offerings({.name = "g", .instance_types = {"ml.g5.xlarge"}});
  EXPECT_THAT(texts(o), ElementsAre("ml.g5.xlarge us-east-1a $1.2072"));
  EXPECT_EQ(o.list[0].key.group, "g");
  EXPECT_EQ(o.list[0].zone_id, "use1-az1");
  EXPECT_TRUE(o.list[0].price.is_estimated);
}

TEST(Offering, SubnetsOfTheGroupGoBeforeTheClusters) {
  const Offerings o = offerings({.instance_types = {"ml.g5.xlarge"}, .subnets = {"subnet-b"}});
  EXPECT_THAT(texts(o), ElementsAre("ml.g5.xlarge us-east-1b $1.2072"));
}

TEST(Offering, TwoSubnetsOfOneZoneAreOneZone) {
  const Offerings o =
      offerings({.instance_types = {"ml.g5.xlarge"}, .subnets = {"subnet-a2", "subnet-a"}});
  EXPECT_THAT(texts(o), ElementsAre("ml.g5.xlarge us-east-1a $1.2072"));
}

TEST(Offering, GroupOfOneTypeOverTwoZonesPromisesNone) {
  const Offerings o =
      offerings({.instance_types = {"ml.g5.xlarge"}, .subnets = {"subnet-a", "subnet-b"}});
  EXPECT_THAT(texts(o), ElementsAre("ml.g5.xlarge  $1.2072"));
  EXPECT_EQ(o.list[0].zone_id, "");
}

TEST(Offering, FlexibleGroupIsOneOfferingPerTypeAndZoneByPrice) {
  const Offerings o = offerings({.instance_types = {"ml.g5.2xlarge", "ml.g5.xlarge"},
                                 .is_flexible = true,
                                 .subnets = {"subnet-b", "subnet-a"}});
  EXPECT_THAT(texts(o),
              ElementsAre("ml.g5.xlarge us-east-1a $1.2072", "ml.g5.xlarge us-east-1b $1.2072",
                          "ml.g5.2xlarge us-east-1a $1.4544", "ml.g5.2xlarge us-east-1b $1.4544"));
}

TEST(Offering, SubnetThatNobodyKnowsPromisesNoZone) {
  EXPECT_THAT(texts(offerings({.instance_types = {"ml.g5.xlarge"}, .subnets = {"subnet-x"}})),
              ElementsAre("ml.g5.xlarge  $1.2072"));
  EXPECT_THAT(
      texts(offerings(
          {.instance_types = {"ml.g5.xlarge"}, .is_flexible = true, .subnets = {"subnet-x"}})),
      IsEmpty());
}

TEST(Offering, SpotIsAShareOfOnDemandAndEstimated) {
  const Offerings o =
      offerings({.instance_types = {"ml.p5.48xlarge"}, .capacity_type = CapacityType::Spot});
  EXPECT_EQ(o.list.at(0).price, (Price{MicroDollars(26'419'200), true}));
  EXPECT_EQ(o.list[0].capacity_type, CapacityType::Spot);
}

TEST(Offering, TypeWithoutPriceIsLeftOutAndTold) {
  const Offerings o =
      offerings({.instance_types = {"ml.trn2.48xlarge", "ml.g5.xlarge", "ml.new.large"},
                 .is_flexible = true});
  EXPECT_THAT(o.types_without_price, ElementsAre("ml.new.large", "ml.trn2.48xlarge"));
  EXPECT_THAT(texts(o), ElementsAre("ml.g5.xlarge us-east-1a $1.2072"));
}

constexpr std::string_view kPlan = "arn:aws:sagemaker:us-east-1:111122223333:training-plan/";

TEST(Offering, AGroupThatDrawsOnATrainingPlanIsReservedAndPaidForAlready) {
  const Offerings o = offerings({.instance_types = {"ml.p5.48xlarge"},
                                 .training_plan_arn = std::string(kPlan) + "summer-run"});
  EXPECT_THAT(texts(o), ElementsAre("ml.p5.48xlarge us-east-1a $0.0000"));
  EXPECT_EQ(o.list[0].capacity_type, CapacityType::Reserved);
  EXPECT_EQ(o.list[0].reservation, "summer-run");
  EXPECT_EQ(karpenter_word(o.list[0].capacity_type), "reserved");
}

TEST(Offering, WhatIsReservedNeedsNoPrice) {
  const Offerings o = offerings(
      {.instance_types = {"ml.trn2.48xlarge"}, .training_plan_arn = std::string(kPlan) + "p"});
  EXPECT_THAT(texts(o), ElementsAre("ml.trn2.48xlarge us-east-1a $0.0000"));
}

TEST(Reservation, ItsIdIsThePlansNameCutToALabelsValue) {
  InstanceGroup group;
  EXPECT_EQ(reservation_id_of(group), "");
  EXPECT_EQ(capacity_type_of(group), CapacityType::OnDemand);
  group.training_plan_arn = std::string(kPlan) + std::string(62, 'a') + "-b";
  EXPECT_EQ(reservation_id_of(group), std::string(62, 'a'));
  group.training_plan_arn = std::string(kPlan) + std::string(64, 'a');
  EXPECT_EQ(reservation_id_of(group), std::string(63, 'a'));
}

TEST(Reservation, InstancesAreHadWhileThePlanIsActive) {
  InstanceGroup group{.training_plan_arn = "arn"};
  EXPECT_TRUE(is_plan_active(group)) << "where the answer does not say";
  group.training_plan_status = "Active";
  EXPECT_TRUE(is_plan_active(group));
  group.training_plan_status = "Scheduled";
  EXPECT_FALSE(is_plan_active(group));
}

}  // namespace
}  // namespace hyperwright::hyperpod
