// Definitions that are missing, too old, shared with an older Karpenter, or drop fields.
#include "doctor/definitions.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::doctor {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A NodePool definition that serves `versions`, stores v1, and has these fields in its spec.
json::value crd(const std::vector<std::string>& versions, const std::string& spec_fields,
                const std::string& kind = "NodePool") {
  const bool is_pool = kind == "NodePool";
  json::array list;
  for (const std::string& version : versions) {
    list.push_back(json::object{{"name", version},
                                {"served", true},
                                {"storage", version == "v1"},
                                {"schema",
                                 {{"openAPIV3Schema",
                                   {{"properties",
                                     {{"apiVersion", json::object()},
                                      {"spec", {{"properties", json::parse(spec_fields)}}}}}}}}}});
  }
  return json::object{
      {"metadata", {{"name", is_pool ? "nodepools.karpenter.sh" : "nodeoverlays.karpenter.sh"}}},
      {"spec", {{"names", {{"kind", kind}}}, {"versions", std::move(list)}}}};
}

json::value with_status(json::value definition, const std::vector<std::string>& stored,
                        const char* established = "True") {
  definition.as_object()["status"] = {
      {"storedVersions", json::value_from(stored)},
      {"conditions", json::array{{{"type", "Established"}, {"status", established}}}}};
  return definition;
}

constexpr const char* kFields = R"({"replicas": {}, "template": {"properties": {"spec": {}}}})";

Definition ours(const std::string& kind = "NodePool") {
  return decode_definition(crd({"v1"}, kFields, kind)).value();
}

Findings checked(const json::value& theirs) {
  return check_definitions({{ours(), decode_definition(theirs)}}, {});
}

TEST(Definitions, OursAsInstalledIsRight) {
  const Findings findings = checked(with_status(crd({"v1"}, kFields), {"v1"}));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Ok);
  EXPECT_EQ(findings[0].found, "nodepools.karpenter.sh v1");
}

TEST(Definitions, AMissingOneIsAProblemWhereItIsNeeded) {
  const auto missing = [](const std::string& kind, state::Options options) {
    return check_definitions({{ours(kind), fail(ErrorCode::NotFound, "no")}}, options);
  };
  ASSERT_THAT(missing("NodePool", {}), SizeIs(1));
  EXPECT_EQ(missing("NodePool", {})[0].verdict, Verdict::Problem);
  EXPECT_THAT(missing("NodePool", {})[0].remedy, HasSubstr("hyperwright crds"));
  EXPECT_THAT(missing("NodeOverlay", {}), IsEmpty()) << "no gate is open";
  state::Options open;
  open.gates.node_overlay = true;
  EXPECT_THAT(missing("NodeOverlay", open), SizeIs(1));
}

TEST(Definitions, OneThatMayNotBeReadIsAProblem) {
  const Findings findings =
      check_definitions({{ours(), fail(ErrorCode::Forbidden, "403", "allow it")}}, {});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Problem);
}

TEST(Definitions, AnotherVersionAloneIsAProblem) {
  const Findings findings = checked(with_status(crd({"v1beta1"}, kFields), {"v1beta1"}));
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].found, "nodepools.karpenter.sh is served as v1beta1, not as v1");
  EXPECT_EQ(findings[1].check, kOtherKarpenter);
}

TEST(Definitions, AnOlderKarpenterServesOrHasStoredAnOlderVersion) {
  for (const json::value& theirs : {with_status(crd({"v1", "v1beta1"}, kFields), {"v1"}),
                                    with_status(crd({"v1"}, kFields), {"v1beta1", "v1"})}) {
    const Findings findings = checked(theirs);
    ASSERT_THAT(findings, SizeIs(2));
    EXPECT_EQ(findings[0].verdict, Verdict::Ok);
    EXPECT_EQ(findings[1].verdict, Verdict::Problem);
    EXPECT_EQ(findings[1].check, kOtherKarpenter);
    EXPECT_THAT(findings[1].found, HasSubstr("v1beta1"));
  }
}

TEST(Definitions, OneThatIsNotServedYetIsAProblem) {
  const Findings findings = checked(with_status(crd({"v1"}, kFields), {"v1"}, "False"));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Problem);
}

TEST(Definitions, FieldsThatWouldBeDroppedAreNamed) {
  const Findings findings = checked(with_status(crd({"v1"}, R"({"template": {}})"), {"v1"}));
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Warning);
  EXPECT_THAT(findings[0].found, HasSubstr("lacks spec.replicas, spec.template.spec"));
  EXPECT_THAT(findings[0].remedy, HasSubstr("upgrade what it belongs to"))
      << "another Karpenter's is not overwritten on our word";
}

TEST(Definitions, WhatIsNoDefinitionIsAnError) {
  for (const char* text : {"{}", "7", R"({"metadata": {"name": "x"}, "spec": {"versions": 3}})"})
    EXPECT_FALSE(decode_definition(json::parse(text)));
}

}  // namespace
}  // namespace hyperwright::doctor
