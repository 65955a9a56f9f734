// What Nodes were seen to offer is remembered on their NodeClass, and is the smallest of each.
#include "state/seen_capacity.h"

#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

kube::Resources amounts(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  kube::Resources sum;
  for (const auto& [name, text] : list) sum.set(name, kube::parse_amount(name, text).value());
  return sum;
}

kube::Node node_that_shows(kube::Resources allocatable, std::string group = "gpu") {
  kube::Node shown = node("n");
  shown.meta.labels = {{std::string(kube::kInitialized), "true"},
                       {std::string(kube::kInstanceGroup), std::move(group)},
                       {std::string(kube::kInstanceType), "ml.g5.xlarge"}};
  shown.allocatable = std::move(allocatable);
  return shown;
}

TEST(SeenCapacity, TheSmallestOfEachIsRememberedAndPutOverTheCatalogues) {
  SeenCapacity seen;
  seen.note(node_class("class"), node_that_shows(amounts({{"cpu", "3900m"}, {"memory", "14Gi"}})));
  seen.note(node_class("class"), node_that_shows(amounts({{"cpu", "3920m"}, {"memory", "13Gi"}})));
  const auto catalogue = amounts({{"cpu", "4"}, {"memory", "12Gi"}, {"nvidia.com/gpu", "1"}});
  EXPECT_EQ(seen.over(catalogue, "gpu", "ml.g5.xlarge"),
            amounts({{"cpu", "3900m"}, {"memory", "13Gi"}, {"nvidia.com/gpu", "1"}}));
  EXPECT_EQ(seen.over(catalogue, "gpu", "ml.p5.48xlarge"), catalogue);
  EXPECT_EQ(seen.over(catalogue, "cpu", "ml.g5.xlarge"), catalogue);
}

TEST(SeenCapacity, BytesAreWholeMebibytesAndDevicesAreNotRemembered) {
  SeenCapacity seen;
  seen.note(node_class("class"),
            node_that_shows(amounts({{"memory", "14680063"}, {"nvidia.com/gpu", "7"}})));
  EXPECT_EQ(seen.encode(), R"({"gpu":{"ml.g5.xlarge":{"memory":"13Mi"}}})");
}

TEST(SeenCapacity, OnlyInitializedNodesOfTheClasssGroupsCount) {
  SeenCapacity seen;
  seen.note(node_class("class"), node_that_shows(amounts({{"cpu", "4"}}), "of-another-class"));
  kube::Node starting = node_that_shows(amounts({{"cpu", "4"}}));
  starting.meta.labels.erase(kube::kInitialized);
  seen.note(node_class("class"), starting);
  EXPECT_EQ(seen.encode(), "");
}

TEST(SeenCapacity, TheAnnotationIsReadAsItIsWrittenAndWhatCannotBeReadIsLeftOut) {
  SeenCapacity seen;
  seen.note(node_class("class"), node_that_shows(amounts({{"cpu", "3900m"}, {"pods", "14"}})));
  kube::HyperpodNodeClass remembering = node_class("class");
  remembering.meta.annotations.set(kube::kSeenCapacity, seen.encode());
  EXPECT_EQ(SeenCapacity::of(remembering), seen);
  for (const char* text : {"", "{", "[]", R"({"gpu":3})"}) {
    remembering.meta.annotations.set(kube::kSeenCapacity, text);
    EXPECT_EQ(SeenCapacity::of(remembering), SeenCapacity{}) << text;
  }
}

TEST(SeenCapacity, TwoHundredPairsAreRemembered) {
  SeenCapacity seen;
  for (int i = 0; i < 300; ++i) {
    kube::Node shown = node_that_shows(amounts({{"cpu", "4"}}));
    shown.meta.labels.set(kube::kInstanceType, "type-" + std::to_string(i));
    seen.note(node_class("class"), shown);
  }
  EXPECT_EQ(seen.over(amounts({{"cpu", "8"}}), "gpu", "type-199"), amounts({{"cpu", "4"}}));
  EXPECT_EQ(seen.over(amounts({{"cpu", "8"}}), "gpu", "type-200"), amounts({{"cpu", "8"}}));
}

}  // namespace
}  // namespace hyperwright::state
