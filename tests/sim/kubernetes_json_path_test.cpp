#include "sim/kubernetes_json_path.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

std::string found(std::string_view path) {
  static const boost::json::object object = object_of(
      "{spec: {replicas: 3, taints: [{key: a}, {key: b}]}, metadata: {labels: {a.b/c: x}}, status: "
      "{conditions: [{type: Other, "
      "status: 'False'}, {type: Ready, status: 'True'}]}}");
  std::string out;
  for (const boost::json::value* value : find_json_path(object, path)) out += text_of(*value) + " ";
  return out;
}

TEST(KubernetesJsonPath, Fields) {
  EXPECT_EQ(found(".spec.replicas"), "3 ");
  EXPECT_EQ(found("{.spec.replicas}"), "3 ");
  EXPECT_EQ(found(".metadata.labels.a\\.b/c"), "\"x\" ");
  EXPECT_EQ(found(".metadata.labels['a.b/c']"), "\"x\" ");
}

TEST(KubernetesJsonPath, Lists) {
  EXPECT_EQ(found(".spec.taints[0].key"), "\"a\" ");
  EXPECT_EQ(found(".spec.taints[-1].key"), "\"b\" ");
  EXPECT_EQ(found(".spec.taints[*].key"), "\"a\" \"b\" ");
  EXPECT_EQ(found(".spec.taints[7].key"), "");
}

TEST(KubernetesJsonPath, Filters) {
  EXPECT_EQ(found(".status.conditions[?(@.type==\"Ready\")].status"), "\"True\" ");
  EXPECT_EQ(found(".status.conditions[?(@.type == 'Ready')].status"), "\"True\" ");
  EXPECT_EQ(found(".status.conditions[?(@.type==\"Nope\")].status"), "");
}

TEST(KubernetesJsonPath, WhatCannotBeReadFindsNothing) {
  for (const char* path : {"spec", ".spec[", ".nope.nope", ".spec.replicas.more", "..x", ""})
    EXPECT_EQ(found(path), "") << path;
}

}  // namespace
}  // namespace hyperwright::sim
