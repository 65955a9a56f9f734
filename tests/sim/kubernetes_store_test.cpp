#include "sim/kubernetes_store.h"

#include <gmock/gmock.h>

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

struct KubernetesStoreTest : testing::Test {
  static constexpr std::size_t kLogLength = 10;
  KubernetesStore store{kLogLength};
  KubernetesStoreTest() {
    for (ResourceType& type : built_in_types()) store.set_type(std::move(type));
  }
  ObjectPtr put(std::string_view resource, std::string_view yaml) {
    return store.put(resource, object_of(yaml));
  }
};

TEST_F(KubernetesStoreTest, OneCounterRunsThroughAllResources) {
  EXPECT_EQ(resource_version_of(*put("pods", "{metadata: {name: a, namespace: x}}")), 1U);
  EXPECT_EQ(resource_version_of(*put("nodes", "{metadata: {name: a}}")), 2U);
  EXPECT_EQ(store.resource_version(), 2U);
}

TEST_F(KubernetesStoreTest, ChangesTellWhatWasAddedModifiedAndDeleted) {
  const ObjectPtr first = put("nodes", "{metadata: {name: a}}");
  const ObjectPtr second = put("nodes", "{metadata: {name: a}, spec: {unschedulable: true}}");
  const ObjectPtr last = store.remove("nodes", "", "a");
  const auto changes = store.changes_since("nodes", 0);
  ASSERT_TRUE(changes && changes->size() == 3);
  EXPECT_EQ((*changes)[0].kind, ChangeKind::Added);
  EXPECT_EQ((*changes)[0].object, first);
  EXPECT_EQ((*changes)[0].previous, nullptr);
  EXPECT_EQ((*changes)[1].kind, ChangeKind::Modified);
  EXPECT_EQ((*changes)[1].previous, first);
  EXPECT_EQ((*changes)[2].kind, ChangeKind::Deleted);
  EXPECT_EQ((*changes)[2].previous, second);
  EXPECT_EQ(resource_version_of(*last), 3U) << "a deletion has a version of its own";
  EXPECT_EQ(store.changes_since("nodes", 1)->size(), 2U);
  EXPECT_TRUE(store.changes_since("nodes", 3)->empty());
}

TEST_F(KubernetesStoreTest, AStoredObjectNeverChanges) {
  const ObjectPtr first = put("nodes", "{metadata: {name: a}}");
  put("nodes", "{metadata: {name: a}, spec: {unschedulable: true}}");
  EXPECT_EQ(object_field(*first, {"spec"}), nullptr);
}

TEST_F(KubernetesStoreTest, AReaderThatIsTooFarBehindMustListAgain) {
  for (std::size_t i = 0; i <= kLogLength; ++i) put("nodes", "{metadata: {name: a}}");
  EXPECT_FALSE(store.changes_since("nodes", 0));
  EXPECT_TRUE(store.changes_since("nodes", 1))
      << "the first change that was dropped is the last that must be known";
  EXPECT_EQ(store.changes_since("nodes", 1)->size(), kLogLength);
  EXPECT_TRUE(store.changes_since("pods", 0)) << "every resource has a log of its own";
}

TEST_F(KubernetesStoreTest, AVersionFromTheFutureAndAnUnknownResourceAreUnknown) {
  EXPECT_FALSE(store.changes_since("nodes", 1));
  EXPECT_FALSE(store.changes_since("nothings", 0));
}

TEST_F(KubernetesStoreTest, WhatChangedSinceAVersionIsToldByName) {
  EXPECT_THAT(store.changed_since(0), testing::IsEmpty());
  put("pods", "{metadata: {name: a, namespace: x}}");
  put("nodes", "{metadata: {name: a}}");
  EXPECT_THAT(store.changed_since(0), testing::ElementsAre("nodes", "pods"));
  EXPECT_THAT(store.changed_since(1), testing::ElementsAre("nodes"));
  EXPECT_THAT(store.changed_since(2), testing::IsEmpty());
  ResourceType late = *store.find_type("nodes");
  late.plural = "lates";
  store.set_type(late);
  EXPECT_THAT(store.changed_since(1), testing::ElementsAre("lates", "nodes"));
  EXPECT_FALSE(store.changes_since("lates", 1)) << "list it";
}

TEST_F(KubernetesStoreTest, ObjectsAreOrderedByNamespaceAndName) {
  put("pods", "{metadata: {name: a, namespace: y}}");
  put("pods", "{metadata: {name: b, namespace: x}}");
  put("pods", "{metadata: {name: a, namespace: x}}");
  std::string order;
  for (const auto& [name, object] : *store.objects("pods"))
    order += name.ns + "/" + name.name + " ";
  EXPECT_EQ(order, "x/a x/b y/a ");
}

}  // namespace
}  // namespace hyperwright::sim
