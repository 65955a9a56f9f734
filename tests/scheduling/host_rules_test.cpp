// What may stand on one new node together.
#include "scheduling/host_rules.h"

#include <gtest/gtest.h>

namespace hyperwright::scheduling {
namespace {

constexpr std::int64_t kMany = 100;

HostRules spread(std::int32_t max_skew, bool is_carried, bool is_counted) {
  return {{{.group = 0,
            .is_spread = true,
            .max_skew = max_skew,
            .is_carried = is_carried,
            .is_counted = is_counted}}};
}

HostRules anti_affinity(bool is_carried, bool is_counted) {
  return {{{.group = 0,
            .is_spread = false,
            .max_skew = 0,
            .is_carried = is_carried,
            .is_counted = is_counted}}};
}

TEST(HostRules, PodsThatRepelTheirOwnKindStandAlone) {
  HostCounts node;
  const HostRules alone = anti_affinity(true, true);
  EXPECT_EQ(node.allowed(alone, kMany), 1);
  node.add(alone, 1);
  EXPECT_EQ(node.allowed(alone, kMany), 0);
}

TEST(HostRules, AntiAffinityWorksBothWays) {
  const HostRules repelling = anti_affinity(true, false);
  const HostRules repelled = anti_affinity(false, true);
  HostCounts first;
  first.add(repelling, 1);
  EXPECT_EQ(first.allowed(repelled, kMany), 0);
  EXPECT_EQ(first.allowed(repelling, kMany), kMany);
  HostCounts second;
  second.add(repelled, 1);
  EXPECT_EQ(second.allowed(repelling, kMany), 0);
}

TEST(HostRules, ASpreadLetsAsManyInAsItsSkew) {
  HostCounts node;
  const HostRules rules = spread(3, true, true);
  EXPECT_EQ(node.allowed(rules, kMany), 3);
  node.add(rules, 2);
  EXPECT_EQ(node.allowed(rules, kMany), 1);
}

TEST(HostRules, ASpreadOverOthersHoldsWhoeverComesFirst) {
  const HostRules spreading = spread(1, true, false);
  const HostRules counted = spread(1, false, true);
  HostCounts spreading_first;
  spreading_first.add(spreading, 5);
  EXPECT_EQ(spreading_first.allowed(counted, kMany), 1);
  HostCounts counted_first;
  EXPECT_EQ(counted_first.allowed(counted, kMany), kMany) << "nobody minds them yet";
  counted_first.add(counted, 2);
  EXPECT_EQ(counted_first.allowed(spreading, kMany), 0);
}

TEST(HostRules, ClearedCountsAreEmpty) {
  HostCounts node;
  const HostRules alone = anti_affinity(true, true);
  node.add(alone, 1);
  node.clear();
  EXPECT_EQ(node.allowed(alone, kMany), 1);
}

}  // namespace
}  // namespace hyperwright::scheduling
