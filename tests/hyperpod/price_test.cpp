#include "hyperpod/price.h"

#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

InstanceType type_at(std::int64_t micro_dollars) {
  InstanceType type;
  type.on_demand = Price{MicroDollars(micro_dollars), false};
  return type;
}

TEST(Price, OnDemandIsTheListsPrice) {
  const auto price = price_of(type_at(1'000'000), CapacityType::OnDemand);
  ASSERT_TRUE(price);
  EXPECT_EQ(price->per_hour.micros(), 1'000'000);
  EXPECT_FALSE(price->is_estimated);
}

TEST(Price, SpotIsAShareOfItAndMarkedAsEstimated) {
  const auto price = price_of(type_at(1'000'000), CapacityType::Spot);
  ASSERT_TRUE(price);
  EXPECT_EQ(price->per_hour.micros(), kSpotPercentOfOnDemand * 10'000);
  EXPECT_TRUE(price->is_estimated);
}

TEST(Price, WhatIsReservedCostsNothingMore) {
  EXPECT_EQ(price_of(type_at(1'000'000), CapacityType::Reserved), Price{});
  EXPECT_EQ(price_of(InstanceType{}, CapacityType::Reserved), Price{});
}

TEST(Price, ATypeThatTheListDoesNotPriceHasNone) {
  EXPECT_FALSE(price_of(InstanceType{}, CapacityType::OnDemand));
  EXPECT_FALSE(price_of(InstanceType{}, CapacityType::Spot));
}

}  // namespace
}  // namespace hyperwright::hyperpod
