#include "cli/feature_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FeatureGates, ThoseThatAreNotNamedKeepTheirDefault) {
  EXPECT_EQ(parse_feature_gates("")->gates, state::FeatureGates{});
  const auto parsed = parse_feature_gates("StaticCapacity=true").value();
  EXPECT_TRUE(parsed.gates.static_capacity);
  EXPECT_TRUE(parsed.gates.reserved_capacity);
  EXPECT_FALSE(parsed.gates.node_overlay);
}

TEST(FeatureGates, AreWrittenAsKarpenterWritesThem) {
  const auto parsed = parse_feature_gates(
      " StaticCapacity=true, CapacityBuffer=T,NodeOverlay=1 ,ReservedCapacity=False,");
  EXPECT_EQ(parsed->gates, (state::FeatureGates{.reserved_capacity = false,
                                                .node_overlay = true,
                                                .static_capacity = true,
                                                .capacity_buffer = true}));
}

TEST(FeatureGates, WhatIsNotKnownIsTold) {
  const auto parsed = parse_feature_gates("NodeRepair=true,NodeOverlay=true,Hello=false");
  EXPECT_THAT(parsed->unknown, ElementsAre("NodeRepair", "Hello"));
  EXPECT_TRUE(parsed->gates.node_overlay);
  EXPECT_THAT(parse_feature_gates("NodeOverlay=true")->unknown, IsEmpty());
}

TEST(FeatureGates, WhatIsNoBooleanIsRefused) {
  for (const char* text : {"NodeOverlay", "NodeOverlay=", "NodeOverlay=yes", "Hello=2", "=x"}) {
    const auto parsed = parse_feature_gates(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().text(), HasSubstr("is neither true nor false"));
  }
}

}  // namespace
}  // namespace hyperwright::cli
