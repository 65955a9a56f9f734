#include "sim/kubernetes_patch.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

std::string json_patched(std::string_view object, std::string_view patch) {
  const auto out = apply_json_patch(object_of(object), value_of(patch));
  return out ? text_of(*out) : out.error().message;
}

std::string merged(std::string_view object, std::string_view patch) {
  const auto out = apply_merge_patch(object_of(object), value_of(patch));
  return out ? text_of(*out) : out.error().message;
}

TEST(KubernetesJsonPatch, Adds) {
  EXPECT_EQ(json_patched("{a: {}}", "[{op: add, path: /a/b, value: 1}]"), R"({"a":{"b":1}})");
  EXPECT_EQ(json_patched("{a: [1, 3]}", "[{op: add, path: /a/1, value: 2}]"), R"({"a":[1,2,3]})");
  EXPECT_EQ(json_patched("{a: [1]}", "[{op: add, path: /a/-, value: 2}]"), R"({"a":[1,2]})");
  EXPECT_EQ(json_patched("{a: {}}", "[{op: add, path: /a/x~1y~0z, value: 1}]"),
            R"({"a":{"x/y~z":1}})");
}

TEST(KubernetesJsonPatch, RemovesReplacesMovesAndCopies) {
  EXPECT_EQ(json_patched("{a: 1, b: 2}", "[{op: remove, path: /a}]"), R"({"b":2})");
  EXPECT_EQ(json_patched("{a: [1, 2]}", "[{op: remove, path: /a/0}]"), R"({"a":[2]})");
  EXPECT_EQ(json_patched("{a: 1}", "[{op: replace, path: /a, value: 2}]"), R"({"a":2})");
  EXPECT_EQ(json_patched("{a: 1}", "[{op: move, from: /a, path: /b}]"), R"({"b":1})");
  EXPECT_EQ(json_patched("{a: 1}", "[{op: copy, from: /a, path: /b}]"), R"({"a":1,"b":1})");
}

TEST(KubernetesJsonPatch, TestsFirst) {
  EXPECT_EQ(json_patched("{a: 1}", "[{op: test, path: /a, value: 1}, {op: remove, path: /a}]"),
            "{}");
  EXPECT_NE(json_patched("{a: 1}", "[{op: test, path: /a, value: 2}]").find("/a"),
            std::string::npos);
  EXPECT_EQ(json_patched("{}", "[{op: test, path: /a, value: null}]"), "{}")
      << "an absent value is null";
}

TEST(KubernetesJsonPatch, WhatDoesNotApplyIsNamed) {
  for (const char* patch :
       {"[{op: remove, path: /x/y}]", "[{op: replace, path: /x/y, value: 1}]",
        "[{op: add, path: /x/y/z, value: 1}]", "[{op: add, path: /a/7, value: 1}]",
        "[{op: jump, path: /x/y}]", "[{op: add, path: x, value: 1}]"}) {
    const auto out = apply_json_patch(object_of("{a: [1]}"), value_of(patch));
    ASSERT_FALSE(out) << patch;
    EXPECT_EQ(out.error().code, 422);
  }
  EXPECT_EQ(apply_json_patch({}, value_of("{}")).error().code, 400);
}

TEST(KubernetesMergePatch, MapsMergeNullDeletesListsAreReplaced) {
  EXPECT_EQ(merged("{a: {x: 1, y: 2}, b: [1, 2]}", "{a: {x: null, z: 3}, b: [3]}"),
            R"({"a":{"y":2,"z":3},"b":[3]})");
  EXPECT_EQ(merged("{a: 1}", "{a: {b: {c: null, d: 1}}}"), R"({"a":{"b":{"d":1}}})");
  EXPECT_EQ(apply_merge_patch({}, value_of("[]")).error().code, 400);
}

}  // namespace
}  // namespace hyperwright::sim
