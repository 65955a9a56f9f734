#include "sim/kubernetes_schema.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

// The schema of `spec`, and a spec: what is wrong with it, "" when nothing is.
std::string wrong(std::string_view schema, std::string_view spec) {
  const auto causes = validate(
      object_of(fmt::format("{{type: object, properties: {{spec: {}}}}}", schema)),
      object_of(fmt::format("{{apiVersion: x, kind: y, metadata: {{}}, spec: {}}}", spec)));
  return causes.empty() ? "" : fmt::format("{}: {}", causes.front().field, causes.front().message);
}

std::string defaulted(std::string_view schema, std::string_view spec) {
  boost::json::object object = object_of(fmt::format("{{spec: {}}}", spec));
  set_schema_defaults(object_of(fmt::format("{{properties: {{spec: {}}}}}", schema)), object);
  return text_of(object["spec"]);
}

std::string pruned(std::string_view schema, std::string_view spec) {
  boost::json::object object = object_of(fmt::format("{{metadata: {{x: 1}}, spec: {}}}", spec));
  prune(object_of(fmt::format("{{properties: {{spec: {}}}}}", schema)), object);
  EXPECT_TRUE(object.contains("metadata"));
  return text_of(object["spec"]);
}

TEST(KubernetesSchema, Types) {
  EXPECT_EQ(wrong("{type: integer}", "1"), "");
  EXPECT_EQ(wrong("{type: number}", "1"), "");
  EXPECT_EQ(wrong("{type: integer}", "x"),
            "spec: Invalid value: \"string\": spec in body must be of type integer: \"string\"");
  EXPECT_NE(wrong("{type: object}", "[]"), "");
  EXPECT_NE(wrong("{type: string}", "null"), "");
  EXPECT_EQ(wrong("{type: string, nullable: true}", "null"), "");
  EXPECT_EQ(wrong("{x-kubernetes-int-or-string: true}", "5"), "");
  EXPECT_EQ(wrong("{x-kubernetes-int-or-string: true}", "5Gi"), "");
  EXPECT_NE(wrong("{x-kubernetes-int-or-string: true}", "true"), "");
}

TEST(KubernetesSchema, RequiredFieldsAreNamedWithTheirPath) {
  EXPECT_EQ(wrong("{type: object, required: [a]}", "{}"), "spec.a: Required value");
  EXPECT_EQ(wrong("{type: array, items: {type: object, required: [name]}}", "[{name: x}, {}]"),
            "spec[1].name: Required value");
}

TEST(KubernetesSchema, Enumerations) {
  EXPECT_EQ(wrong("{type: string, enum: [a, b]}", "a"), "");
  EXPECT_EQ(wrong("{type: string, enum: [a, b]}", "c"),
            "spec: Unsupported value: \"c\": supported values: \"a\", \"b\"");
}

TEST(KubernetesSchema, Numbers) {
  EXPECT_EQ(wrong("{type: integer, minimum: 1, maximum: 3}", "1"), "");
  EXPECT_EQ(wrong("{type: integer, minimum: 1, maximum: 3}", "3"), "");
  EXPECT_EQ(wrong("{type: integer, minimum: 1}", "0"),
            "spec: Invalid value: 0: spec in body should be greater than or equal to 1");
  EXPECT_NE(wrong("{type: integer, maximum: 3}", "4"), "");
  EXPECT_NE(wrong("{type: integer, minimum: 1, exclusiveMinimum: true}", "1"), "");
  EXPECT_NE(wrong("{type: integer, multipleOf: 2}", "3"), "");
}

TEST(KubernetesSchema, Texts) {
  EXPECT_EQ(wrong("{type: string, pattern: '^[a-z]+$'}", "abc"), "");
  EXPECT_EQ(wrong("{type: string, pattern: '^[a-z]+$'}", "aBc"),
            "spec: Invalid value: \"aBc\": spec in body should match '^[a-z]+$'");
  EXPECT_NE(wrong("{type: string, minLength: 1}", "''"), "");
  EXPECT_EQ(wrong("{type: string, maxLength: 2}", "éé"), "") << "characters count, not bytes";
  EXPECT_EQ(wrong("{type: string, maxLength: 2}", "abc"),
            "spec: Too long: may not be more than 2 bytes");
  EXPECT_NE(wrong("{type: string, format: date-time}", "yesterday"), "");
}

TEST(KubernetesSchema, Lists) {
  EXPECT_EQ(wrong("{type: array, maxItems: 1}", "[a, b]"),
            "spec: Too many: 2: must have at most 1 items");
  EXPECT_NE(wrong("{type: array, minItems: 1}", "[]"), "");
  EXPECT_EQ(wrong("{type: array, x-kubernetes-list-type: set}", "[a, b, a]"),
            "spec[2]: Duplicate value: \"a\"");
  EXPECT_NE(wrong("{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]}",
                  "[{k: 1}, {k: 1, v: 2}]"),
            "");
  EXPECT_EQ(wrong("{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]}",
                  "[{k: 1}, {k: 2}]"),
            "");
}

TEST(KubernetesSchema, Maps) {
  EXPECT_EQ(wrong("{type: object, additionalProperties: {type: string}}", "{a: b}"), "");
  EXPECT_EQ(wrong("{type: object, additionalProperties: {type: string, maxLength: 1}}", "{a: bb}"),
            "spec.a: Too long: may not be more than 1 bytes");
  EXPECT_NE(wrong("{type: object, maxProperties: 1}", "{a: b, c: d}"), "");
}

TEST(KubernetesSchema, Combinations) {
  const char* one_of = "{oneOf: [{required: [a]}, {required: [b]}]}";
  EXPECT_EQ(wrong(one_of, "{a: 1}"), "");
  EXPECT_NE(wrong(one_of, "{a: 1, b: 1}"), "");
  EXPECT_NE(wrong("{anyOf: [{required: [a]}, {required: [b]}]}", "{c: 1}"), "");
  EXPECT_NE(wrong("{not: {required: [a]}}", "{a: 1}"), "");
  EXPECT_EQ(wrong("{allOf: [{maximum: 3}, {minimum: 1}]}", "2"), "");
  EXPECT_NE(wrong("{allOf: [{maximum: 3}, {minimum: 1}]}", "4"), "");
}

TEST(KubernetesSchema, DefaultsReachIntoWhatIsThere) {
  EXPECT_EQ(defaulted("{properties: {a: {default: 1}, b: {default: 2}}}", "{b: 3}"),
            R"({"b":3,"a":1})");
  EXPECT_EQ(defaulted("{properties: {a: {type: object, properties: {b: {default: 2}}}}}", "{}"),
            "{}")
      << "an absent object without a default stays absent";
  EXPECT_EQ(
      defaulted("{properties: {a: {type: object, default: {}, properties: {b: {default: 2}}}}}",
                "{}"),
      R"({"a":{"b":2}})");
  EXPECT_EQ(defaulted("{type: array, items: {properties: {a: {default: 1}}}}", "[{}, {a: 2}]"),
            R"([{"a":1},{"a":2}])");
  EXPECT_EQ(defaulted("{properties: {a: {default: 1}}}", "{a: null}"), R"({"a":1})");
  EXPECT_EQ(defaulted("{properties: {a: {type: string}}}", "{a: null}"), "{}")
      << "null counts as absent";
  EXPECT_EQ(defaulted("{properties: {a: {default: 1, nullable: true}}}", "{a: null}"),
            R"({"a":null})");
}

TEST(KubernetesSchema, UnknownFieldsArePruned) {
  EXPECT_EQ(
      pruned("{properties: {a: {type: object, properties: {b: {}}}}}", "{a: {b: 1, c: 2}, d: 3}"),
      R"({"a":{"b":1}})");
  EXPECT_EQ(pruned("{type: array, items: {properties: {a: {}}}}", "[{a: 1, b: 2}]"),
            R"([{"a":1}])");
  EXPECT_EQ(pruned("{additionalProperties: {type: string}}", "{a: b}"), R"({"a":"b"})");
  EXPECT_EQ(
      pruned("{x-kubernetes-preserve-unknown-fields: true, properties: {a: {properties: {}}}}",
             "{a: {b: 1}, c: 2}"),
      R"({"a":{},"c":2})")
      << "known fields of an open object are pruned still";
}

TEST(KubernetesSchema, WhatWasPrunedIsNamed) {
  boost::json::object object = object_of("{spec: {items: [{a: 1, b: 2}], c: 3}}");
  const auto gone = prune(
      object_of("{properties: {spec: {properties: {items: {items: {properties: {a: {}}}}}}}}"),
      object);
  EXPECT_EQ(gone, (std::vector<std::string>{"spec.c", "spec.items[0].b"}));
}

}  // namespace
}  // namespace hyperwright::sim
