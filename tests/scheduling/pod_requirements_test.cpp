#include "scheduling/pod_requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

using state::PreferencePolicy;
using testing::IsEmpty;
using testing::SizeIs;

// One preference of each kind, and one spread of each.
kube::Scheduling wishing() {
  kube::Scheduling pod;
  const kube::NodeRequirement zone{std::string(kube::kZone), kube::NodeOperator::In, {"z1"}, {}};
  pod.preferred_node_terms = {{1, {{zone}, {}}}};
  pod.preferred_pod_affinity.emplace_back().term.topology_key = kube::kZone;
  pod.preferred_pod_anti_affinity.emplace_back().term.topology_key = kube::kZone;
  pod.topology_spread.resize(2);
  pod.topology_spread[0].when_unsatisfiable = kube::WhenUnsatisfiable::ScheduleAnyway;
  return pod;
}

TEST(PodRequirements, PreferencesAreGivenUpOneByOne) {
  const auto respected = requirements_of(wishing(), false, PreferencePolicy::Respect);
  ASSERT_THAT(respected.levels, SizeIs(5));
  const Level& first = respected.levels.front();
  EXPECT_THAT(first.preferred_pod_affinity, SizeIs(1));
  EXPECT_THAT(first.preferred_pod_anti_affinity, SizeIs(1));
  EXPECT_THAT(first.preferred_spread, SizeIs(1));
  EXPECT_NE(first.alternatives.at(0).find(kube::kZone), nullptr);
  EXPECT_EQ(respected.levels.back().alternatives.at(0).find(kube::kZone), nullptr);
}

TEST(PodRequirements, IgnoredPreferencesAreNotThereFromTheStart) {
  const auto ignored = requirements_of(wishing(), false, PreferencePolicy::Ignore);
  ASSERT_THAT(ignored.levels, SizeIs(1));
  const Level& only = ignored.levels[0];
  EXPECT_THAT(only.preferred_pod_affinity, IsEmpty());
  EXPECT_THAT(only.preferred_pod_anti_affinity, IsEmpty());
  EXPECT_THAT(only.preferred_spread, IsEmpty());
  EXPECT_EQ(only.alternatives.at(0).find(kube::kZone), nullptr);
}

TEST(PodRequirements, ATaintThatIsAPreferenceIsToleratedLastUnderEitherPolicy) {
  for (const auto policy : {PreferencePolicy::Respect, PreferencePolicy::Ignore}) {
    const auto made = requirements_of({}, true, policy);
    ASSERT_THAT(made.levels, SizeIs(2));
    EXPECT_FALSE(made.levels[0].tolerates_prefer_no_schedule);
    EXPECT_TRUE(made.levels[1].tolerates_prefer_no_schedule);
  }
}

}  // namespace
}  // namespace hyperwright::scheduling
