#include "hyperpod/discount.h"

#include <limits>

#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

constexpr MicroDollars kPrice(10'000'001);

Discounts discounts(std::string_view csv) {
  auto parsed = Discounts::parse(csv, InstanceTypes::shipped());
  check(parsed.has_value(), "the test's discounts can be read");
  return *std::move(parsed);
}

std::int64_t paid(std::string_view csv, std::string_view type = "ml.g5.xlarge",
                  std::string_view group = "workers",
                  CapacityType capacity_type = CapacityType::OnDemand) {
  return discounts(csv).applied_to(kPrice, type, group, capacity_type).micros();
}

std::string error(std::string_view csv) {
  const auto parsed = Discounts::parse(csv, InstanceTypes::shipped());
  return parsed ? "no error" : parsed.error().text();
}

TEST(Discount, TakesAnExactShareOffRoundedHalfUp) {
  EXPECT_EQ(paid("percent\n12.5\n"), 8'750'001);  // 8,750,000.875
  EXPECT_EQ(paid("percent\n50\n"), 5'000'001);    // 5,000,000.5
  EXPECT_EQ(paid("percent\n0.0001\n"), 9'999'991);
  EXPECT_EQ(paid("percent\n0\n"), 10'000'001);
  EXPECT_EQ(paid("percent\n100\n"), 0);
}

TEST(Discount, FitsByTypeGroupAndCapacityType) {
  EXPECT_EQ(paid("instance_type,percent\nml.g5.2xlarge,100\n"), 10'000'001);
  EXPECT_EQ(paid("instance_type,percent\nml.g5.xlarge,100\n"), 0);
  EXPECT_EQ(paid("instance_group,percent\nothers,100\n"), 10'000'001);
  EXPECT_EQ(paid("instance_group,percent\nworkers,100\n"), 0);
  EXPECT_EQ(paid("capacity_type,percent\nspot,100\n"), 10'000'001);
  EXPECT_EQ(paid("capacity_type,percent\non-demand,100\n"), 0);
}

TEST(Discount, TheFirstLineThatFitsCountsAlone) {
  constexpr std::string_view kLines =
      "instance_type,instance_group,percent\nml.g5.xlarge,,100\n,workers,50\n,,10\n";
  EXPECT_EQ(paid(kLines), 0);
  EXPECT_EQ(paid(kLines, "ml.g5.2xlarge"), 5'000'001);
  EXPECT_EQ(paid(kLines, "ml.g5.2xlarge", "others"), 9'000'001);
}

TEST(Discount, WhatIsReservedHasNone) {
  EXPECT_EQ(paid("percent\n50\n", "ml.g5.xlarge", "workers", CapacityType::Reserved), 10'000'001);
}

TEST(Discount, NoPriceIsTooLarge) {
  const MicroDollars most(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(discounts("percent\n0\n").applied_to(most, "", "", CapacityType::OnDemand), most);
}

TEST(Discount, ErrorsNameLineAndField) {
  EXPECT_EQ(error("percent\n5\nhalf\n"), "line 3: percent \"half\" is no share");
  for (const char* percent : {"", "-1", "100.1", "1.23456", ".5", "5.", "5%"}) {
    EXPECT_NE(error(std::string("instance_type,percent\n,") + percent + "\n"), "no error")
        << percent;
  }
  EXPECT_EQ(error("instance_type,percent\nml.g5.huge,5\n"),
            "line 2: instance_type \"ml.g5.huge\" is not known");
  EXPECT_EQ(error("capacity_type,percent\nreserved,5\n"),
            "line 2: capacity_type \"reserved\" is not known");
  EXPECT_EQ(error("instance_type\n"), "column \"percent\" is missing");
}

}  // namespace
}  // namespace hyperwright::hyperpod
