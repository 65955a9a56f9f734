#include "hyperpod/arn.h"

#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

TEST(Arn, TheRegionIsItsFourthPart) {
  EXPECT_EQ(region_of("arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl"),
            "us-west-2");
  EXPECT_EQ(region_of("arn:aws:sagemaker:us-west-2"), "us-west-2");
}

TEST(Arn, WhatIsNoneHasNoRegion) {
  for (const char* text :
       {"", "my-cluster", "arn:aws:iam::111122223333:role/x", "arn:aws:sagemaker"})
    EXPECT_EQ(region_of(text), "") << text;
}

}  // namespace
}  // namespace hyperwright::hyperpod
