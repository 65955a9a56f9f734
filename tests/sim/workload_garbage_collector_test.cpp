#include "sim/workload_garbage_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

json::object owned_by(const std::string& name, const std::vector<ObjectPtr>& owners,
                      bool blocks = true) {
  json::array references;
  for (const ObjectPtr& owner : owners) {
    references.push_back(json::object{{"apiVersion", "v1"},
                                      {"kind", "ConfigMap"},
                                      {"name", text_value(name_of(*owner))},
                                      {"uid", text_value(uid_of(*owner))},
                                      {"blockOwnerDeletion", blocks}});
  }
  return {{"metadata", {{"name", name}, {"ownerReferences", references}}}};
}

ObjectPtr add(TestCluster& world, const std::string& name) {
  return world.create("configmaps", {{"metadata", {{"name", name}}}});
}

std::size_t owner_count(TestCluster& world, std::string_view name) {
  const json::array* references =
      array_field(*world.get("configmaps", name), {"metadata", "ownerReferences"});
  return references == nullptr ? 0 : references->size();
}

TEST(GarbageCollector, WhatNobodyOwnsAnyMoreGoes) {
  TestCluster world;
  const ObjectPtr owner = add(world, "owner");
  world.create("configmaps", owned_by("child", {owner}));
  world.step();
  world.remove("configmaps", "owner");
  world.step();
  EXPECT_EQ(world.get("configmaps", "child"), nullptr);
}

TEST(GarbageCollector, WithAnotherOwnerLeftOnlyTheReferenceGoes) {
  TestCluster world;
  const ObjectPtr one = add(world, "one");
  const ObjectPtr two = add(world, "two");
  world.create("configmaps", owned_by("child", {one, two}));
  world.step();
  world.remove("configmaps", "one");
  world.step();
  ASSERT_NE(world.get("configmaps", "child"), nullptr);
  EXPECT_EQ(owner_count(world, "child"), 1U);
}

TEST(GarbageCollector, AnOwnerOfTheSameNameIsAnotherObject) {
  TestCluster world;
  const ObjectPtr owner = add(world, "owner");
  world.create("configmaps", owned_by("child", {owner}));
  world.step();
  world.remove("configmaps", "owner");
  add(world, "owner");
  world.step();
  EXPECT_EQ(world.get("configmaps", "child"), nullptr);
}

TEST(GarbageCollector, AnObjectWhoseOwnerNeverWasGoesAndOneOfAnUnknownKindStays) {
  TestCluster world;
  world.create("configmaps", parsed(R"({"metadata": {"name": "orphan", "ownerReferences": [
      {"apiVersion": "v1", "kind": "Secret", "name": "x", "uid": "gone"}]}})"));
  world.create("configmaps", parsed(R"({"metadata": {"name": "strange", "ownerReferences": [
      {"apiVersion": "example.dev/v1", "kind": "Widget", "name": "x", "uid": "gone"}]}})"));
  world.step();
  EXPECT_EQ(world.get("configmaps", "orphan"), nullptr);
  EXPECT_NE(world.get("configmaps", "strange"), nullptr);
}

TEST(GarbageCollector, InTheForegroundTheOwnerWaitsForItsDependents) {
  TestCluster world;
  const ObjectPtr owner = add(world, "owner");
  json::object child = owned_by("child", {owner});
  child["metadata"].as_object()["finalizers"] = json::array{"example.dev/hold"};
  world.create("configmaps", child);
  world.step();
  world.remove("configmaps", "owner", "default", {.propagation = Propagation::Foreground});
  world.step();
  ASSERT_NE(world.get("configmaps", "owner"), nullptr);
  EXPECT_TRUE(is_deleting(*world.get("configmaps", "child")));
  world.patch("configmaps", "child", R"({"metadata": {"finalizers": null}})");
  world.step();
  EXPECT_EQ(world.get("configmaps", "child"), nullptr);
  EXPECT_EQ(world.get("configmaps", "owner"), nullptr);
}

TEST(GarbageCollector, OrphanedDependentsStayWithoutTheReference) {
  TestCluster world;
  const ObjectPtr owner = add(world, "owner");
  world.create("configmaps", owned_by("child", {owner}));
  world.step();
  world.remove("configmaps", "owner", "default", {.propagation = Propagation::Orphan});
  world.step();
  EXPECT_EQ(world.get("configmaps", "owner"), nullptr);
  ASSERT_NE(world.get("configmaps", "child"), nullptr);
  EXPECT_EQ(owner_count(world, "child"), 0U);
}

}  // namespace
}  // namespace hyperwright::sim
