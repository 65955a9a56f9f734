#include "kube/crd_comparison.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

// A definition with this schema of its spec.
json::value definition(const std::string& spec_schema) {
  return json::parse(R"({
    "metadata": {"name": "pools.example.com", "labels": {"app.kubernetes.io/part-of": "hyperwright"}},
    "spec": {"scope": "Cluster", "versions": [{"name": "v1", "served": true,
      "subresources": {"status": {}},
      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
        "apiVersion": {"type": "string"}, "metadata": {"type": "object"},
        "spec": )" + spec_schema +
                     "}}}}]}}");
}

const char* const kOurs = R"({"type": "object", "properties": {
    "weight": {"type": "integer"},
    "policy": {"type": "string", "enum": ["WhenEmpty", "Balanced"]},
    "template": {"type": "object", "properties": {
      "taints": {"type": "array", "items": {"type": "object", "properties": {
        "key": {"type": "string"}, "effect": {"type": "string"}}}}}},
    "limits": {"type": "object", "additionalProperties": {"type": "string", "enum": ["a"]}}}})";

std::vector<std::string> missing(const std::string& theirs) {
  return compare_crd(definition(kOurs), definition(theirs)).missing;
}

TEST(CrdComparison, TheSameLacksNothingAndIsOurs) {
  const auto found = compare_crd(definition(kOurs), definition(kOurs));
  EXPECT_TRUE(found.is_ours);
  EXPECT_THAT(found.missing, IsEmpty());
}

TEST(CrdComparison, EachFieldThatIsMissingIsNamedByItsPath) {
  EXPECT_THAT(missing(R"({"type": "object", "properties": {
                "policy": {"type": "string"},
                "template": {"type": "object", "properties": {
                  "taints": {"type": "array", "items": {"type": "object", "properties": {
                    "key": {"type": "string"}}}}}}}})"),
              ElementsAre("spec.weight", "spec.template.taints[].effect", "spec.limits"));
  EXPECT_THAT(missing(R"({"type": "object"})"),
              ElementsAre("spec.weight", "spec.policy", "spec.template", "spec.limits"));
}

TEST(CrdComparison, WhatTheyHaveMoreDoesNoHarm) {
  json::value theirs = definition(kOurs);
  theirs.at("spec")
      .at("versions")
      .at(0)
      .at("schema")
      .at("openAPIV3Schema")
      .at("properties")
      .at("spec")
      .at("properties")
      .as_object()["more"] = json::object{{"type", "string"}};
  EXPECT_THAT(compare_crd(definition(kOurs), theirs).missing, IsEmpty());
  EXPECT_THAT(missing(R"({"type": "object", "x-kubernetes-preserve-unknown-fields": true})"),
              IsEmpty());
}

TEST(CrdComparison, AWordOrATypeThatIsNotTakenIsNamed) {
  std::string theirs = kOurs;
  theirs.replace(theirs.find(", \"Balanced\""), 12, "");
  EXPECT_THAT(missing(theirs), ElementsAre("spec.policy \"Balanced\""));
  theirs = kOurs;
  theirs.replace(theirs.find("integer"), 7, "string");
  EXPECT_THAT(missing(theirs), ElementsAre("spec.weight of type integer"));
  theirs = kOurs;
  theirs.replace(theirs.find("[\"a\"]"), 5, "[\"b\"]");
  EXPECT_THAT(missing(theirs), ElementsAre("spec.limits \"a\""));
}

TEST(CrdComparison, AVersionThatIsNotServedASubresourceAndAScopeAreNamed) {
  json::value theirs = definition(kOurs);
  theirs.at("spec").at("versions").at(0).as_object().erase("subresources");
  EXPECT_THAT(compare_crd(definition(kOurs), theirs).missing, ElementsAre("subresource status"));
  theirs.at("spec").as_object()["scope"] = "Namespaced";
  theirs.at("spec").at("versions").at(0).as_object()["served"] = false;
  EXPECT_THAT(compare_crd(definition(kOurs), theirs).missing,
              ElementsAre("scope Cluster", "version v1"));
  EXPECT_THAT(compare_crd(definition(kOurs), json::value("odd")).missing,
              ElementsAre("scope Cluster", "version v1"));
}

TEST(CrdComparison, AnothersIsNotOursAndHelmSaysWhose) {
  json::value theirs = definition(kOurs);
  theirs.at("metadata").as_object()["labels"] = json::object{};
  EXPECT_FALSE(compare_crd(definition(kOurs), theirs).is_ours);
  EXPECT_EQ(compare_crd(definition(kOurs), theirs).owner, "");
  theirs.at("metadata").as_object()["annotations"] =
      json::object{{"meta.helm.sh/release-name", "karpenter-crd"},
                   {"meta.helm.sh/release-namespace", "kube-system"}};
  EXPECT_EQ(compare_crd(definition(kOurs), theirs).owner,
            "Helm release karpenter-crd in kube-system");
}

TEST(CrdComparison, ALongListIsCut) {
  EXPECT_EQ(in_words({"a", "b"}), "a, b");
  EXPECT_EQ(in_words({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}),
            "1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
}

}  // namespace
}  // namespace hyperwright::kube
