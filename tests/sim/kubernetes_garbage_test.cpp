#include "sim/kubernetes_garbage.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

struct KubernetesGarbageTest : KubernetesTest {
  GarbageCollector collector;

  // A ConfigMap that the ConfigMaps named in `owners` own; each blocks the deletion of its owner.
  void make_owned(std::string_view name, std::initializer_list<std::string_view> owners,
                  std::string_view more = "") {
    std::string references;
    for (const std::string_view owner : owners) {
      const ObjectPtr object = api.find("configmaps", "default", owner);
      references += fmt::format(
          "{{apiVersion: v1, kind: ConfigMap, name: {}, uid: {}, blockOwnerDeletion: true}}, ",
          owner, uid_of(*object));
    }
    make("configmaps", fmt::format("{{metadata: {{name: {}, ownerReferences: [{}]{}}}}}", name,
                                   references, more));
  }
  void remove(std::string_view name, Propagation propagation = Propagation::Background) {
    ASSERT_TRUE(api.remove("configmaps", "default", name, now, {.propagation = propagation}));
  }
  std::string left() {
    std::string out;
    for (const ObjectPtr& object : api.list("configmaps"))
      out += std::string(name_of(*object)) + " ";
    return out;
  }
};

TEST_F(KubernetesGarbageTest, DependentsFollowTheirOwner) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"});
  make_owned("c", {"b"});
  EXPECT_FALSE(collector.collect(api, now));
  remove("a");
  EXPECT_TRUE(collector.collect(api, now));
  EXPECT_EQ(left(), "");
}

TEST_F(KubernetesGarbageTest, AnOwnerThatNeverExistedIsGone) {
  make("configmaps",
       "{metadata: {name: a, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: x, uid: "
       "nobody}]}}");
  collector.collect(api, now);
  EXPECT_EQ(left(), "");
}

TEST_F(KubernetesGarbageTest, AnOwnerOfAnUnknownKindIsNotJudged) {
  make("configmaps",
       "{metadata: {name: a, ownerReferences: [{apiVersion: x/v1, kind: Thing, name: x, uid: "
       "nobody}]}}");
  EXPECT_FALSE(collector.collect(api, now));
  EXPECT_EQ(left(), "a ");
}

TEST_F(KubernetesGarbageTest, OneOwnerThatStaysIsEnough) {
  make("configmaps", "{metadata: {name: a}}");
  make("configmaps", "{metadata: {name: b}}");
  make_owned("c", {"a", "b"});
  remove("a");
  collector.collect(api, now);
  EXPECT_EQ(left(), "b c ");
  EXPECT_EQ(
      array_field(*api.find("configmaps", "default", "c"), {"metadata", "ownerReferences"})->size(),
      1U);
  EXPECT_FALSE(collector.collect(api, now)) << "then it is quiet";
}

TEST_F(KubernetesGarbageTest, InTheForegroundDependentsGoFirst) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"}, ", finalizers: [x/y]");
  remove("a", Propagation::Foreground);
  collector.collect(api, now);
  EXPECT_EQ(left(), "a b ") << "the owner waits for its dependent, and that one for its finalizer";
  EXPECT_TRUE(is_deleting(*api.find("configmaps", "default", "b")));
  ASSERT_TRUE(merge("configmaps", "default", "b", "{metadata: {finalizers: null}}"));
  collector.collect(api, now);
  EXPECT_EQ(left(), "");
}

TEST_F(KubernetesGarbageTest, InTheForegroundAllGenerationsGoInOrder) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"});
  make_owned("c", {"b"});
  remove("a", Propagation::Foreground);
  const std::uint64_t before = api.resource_version();
  collector.collect(api, now);
  EXPECT_EQ(left(), "");
  std::string order;
  const auto changes = api.changes_since("configmaps", before);
  for (const Change& change : *changes) {
    if (change.kind == ChangeKind::Deleted) order += std::string(name_of(*change.object)) + " ";
  }
  EXPECT_EQ(order, "c b a ");
}

TEST_F(KubernetesGarbageTest, OrphansForgetTheirOwner) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"});
  remove("a", Propagation::Orphan);
  collector.collect(api, now);
  EXPECT_EQ(left(), "b ");
  EXPECT_EQ(array_field(*api.find("configmaps", "default", "b"), {"metadata", "ownerReferences"}),
            nullptr);
  EXPECT_FALSE(collector.collect(api, now));
}

TEST_F(KubernetesGarbageTest, AnOwnerOfTheSameNameIsAnother) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"});
  remove("a");
  make("configmaps", "{metadata: {name: a}}");
  collector.collect(api, now);
  EXPECT_EQ(left(), "a ");
}

TEST_F(KubernetesGarbageTest, SurvivesFallingBehind) {
  make("configmaps", "{metadata: {name: a}}");
  make_owned("b", {"a"});
  collector.collect(api, now);
  remove("a");
  make("configmaps", "{metadata: {name: z}}");
  for (std::size_t i = 0; i <= kLogLength; ++i) {
    ASSERT_TRUE(merge("configmaps", "default", "z", fmt::format("{{data: {{x: '{}'}}}}", i)));
  }
  collector.collect(api, now);
  EXPECT_EQ(left(), "z ");
}

TEST_F(KubernetesGarbageTest, DependentsOfACustomResourceFollowItsDefinition) {
  make_widget_definition();
  const ObjectPtr widget = make("widgets.example.dev", "{metadata: {name: w}, spec: {color: red}}");
  make("configmaps", fmt::format("{{metadata: {{name: a, ownerReferences: [{{apiVersion: "
                                 "example.dev/v1, kind: Widget, name: w, uid: {}}}]}}}}",
                                 uid_of(*widget)));
  collector.collect(api, now);
  ASSERT_TRUE(api.remove("widgets.example.dev", "", "w", now));
  collector.collect(api, now);
  EXPECT_EQ(left(), "");
}

}  // namespace
}  // namespace hyperwright::sim
