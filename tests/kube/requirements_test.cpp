#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/requirement.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

NodeRequirement one(std::string key, NodeOperator op, std::vector<std::string> values = {},
                    std::optional<std::int32_t> min_values = {}) {
  return {std::move(key), op, std::move(values), min_values};
}
Requirements of(std::vector<NodeRequirement> list) { return Requirements::from(list); }

const Requirements kEmpty;

TEST(Requirements, AddingToAKeyIntersects) {
  const Requirements requirements =
      of({one("b", NodeOperator::Exists), one("a", NodeOperator::In, {"1", "2"}),
          one("a", NodeOperator::NotIn, {"1"})});
  ASSERT_EQ(requirements.size(), 2U);
  EXPECT_EQ(requirements.begin()->key(), "a");
  EXPECT_THAT(requirements.find("a")->values(), ElementsAre("2"));
  EXPECT_EQ(requirements.find("c"), nullptr);
}

TEST(Requirements, LabelsAreRequirementsOfOneValue) {
  EXPECT_EQ(Requirements::from_labels({{"beta.kubernetes.io/os", "linux"}}),
            of({one("kubernetes.io/os", NodeOperator::In, {"linux"})}));
}

TEST(Requirements, ConflictsAreOfSharedKeysThatHaveNothingInCommon) {
  const Requirements a = of({one("a", NodeOperator::In, {"1"}), one("b", NodeOperator::In, {"1"}),
                             one("c", NodeOperator::In, {"1"})});
  const Requirements b = of({one("a", NodeOperator::In, {"2"}), one("b", NodeOperator::Exists),
                             one("c", NodeOperator::NotIn, {"1"})});
  EXPECT_THAT(a.conflicts(b), ElementsAre("a", "c"));
}

TEST(Requirements, AbsenceSatisfiesNotInAndDoesNotExistTogether) {
  const Requirements none = of({one("a", NodeOperator::DoesNotExist)});
  EXPECT_TRUE(none.conflicts(of({one("a", NodeOperator::NotIn, {"1"})})).empty());
  EXPECT_TRUE(none.conflicts(none).empty());
  EXPECT_THAT(none.conflicts(of({one("a", NodeOperator::Exists)})), ElementsAre("a"));
  EXPECT_THAT(
      none.conflicts(of({one("a", NodeOperator::NotIn, {"1"}), one("a", NodeOperator::Exists)})),
      ElementsAre("a"))
      << "a key that must be there, with any value but one";
}

TEST(Requirements, AKeyThatTheNodeLacksFailsUnlessAbsenceIsAsked) {
  const auto problem = [](NodeOperator op, std::vector<std::string> values) {
    return kEmpty.incompatibility(of({one("team", op, std::move(values))}),
                                  no_key_may_be_undefined);
  };
  EXPECT_EQ(problem(NodeOperator::In, {"a"}), "label \"team\" does not have known values");
  EXPECT_TRUE(problem(NodeOperator::Exists, {}));
  EXPECT_TRUE(problem(NodeOperator::Gt, {"1"}));
  EXPECT_FALSE(problem(NodeOperator::NotIn, {"a"}));
  EXPECT_FALSE(problem(NodeOperator::NotIn, {}))
      << "a list that excludes nothing excludes no absence";
  EXPECT_FALSE(problem(NodeOperator::DoesNotExist, {}));
}

TEST(Requirements, WellKnownKeysMayBeUndefinedOfCapacityThatIsNotLaunched) {
  const Requirements zone = of({one("topology.kubernetes.io/zone", NodeOperator::In, {"z1"})});
  EXPECT_EQ(kEmpty.incompatibility(zone, is_well_known_label), std::nullopt);
  EXPECT_TRUE(kEmpty.incompatibility(zone, no_key_may_be_undefined));
}

TEST(Requirements, IncompatibilityNamesTheFirstKeyAndBothSides) {
  const Requirements node =
      of({one("topology.kubernetes.io/zone", NodeOperator::In, {"z1", "z2"})});
  EXPECT_EQ(node.incompatibility(of({one("topology.kubernetes.io/zone", NodeOperator::In, {"z3"})}),
                                 is_well_known_label),
            "key topology.kubernetes.io/zone, topology.kubernetes.io/zone In [z3] not in "
            "topology.kubernetes.io/zone In [z1 z2]");
  EXPECT_EQ(node.incompatibility(node, no_key_may_be_undefined), std::nullopt);
}

TEST(Requirements, AMissingKeyHintsAtTheOneThatWasMeant) {
  EXPECT_THAT(*kEmpty.incompatibility(of({one("zone", NodeOperator::Exists)}), is_well_known_label),
              HasSubstr("(typo of \"topology.kubernetes.io/zone\"?)"));
  const Requirements node = of({one("example.com/team", NodeOperator::In, {"a"})});
  EXPECT_THAT(*node.incompatibility(of({one("exmple.com/team", NodeOperator::Exists)}),
                                    no_key_may_be_undefined),
              HasSubstr("(typo of \"example.com/team\"?)"));
}

TEST(Requirements, TextIsSortedAndLeavesTheHostnameOut) {
  EXPECT_EQ(
      of({one("z", NodeOperator::Exists), one("kubernetes.io/hostname", NodeOperator::In, {"h"}),
          one("a", NodeOperator::In, {"1"})})
          .text(),
      "a In [1], z Exists");
}

TEST(Labels, WhatKarpenterKeepsToItselfIsRestricted) {
  for (const std::string_view key :
       {"karpenter.sh/registered", "x.karpenter.sh/y", "kubernetes.io/hostname"}) {
    EXPECT_TRUE(is_restricted_label(key)) << key;
  }
  for (const std::string_view key :
       {"karpenter.sh/nodepool", "karpenter.sh/capacity-type", "foo-karpenter.sh/x", "team",
        "kubernetes.io/role", "node-role.kubernetes.io/x",
        "karpenter.sagemaker.amazonaws.com/hyperpodnodeclass"}) {
    EXPECT_FALSE(is_restricted_label(key)) << key;
  }
}

TEST(Labels, KeysAreANameAfterAnOptionalDnsName) {
  for (const std::string& key : {std::string("a"), std::string("A.b_c-9"), std::string("x.io/y"),
                                 std::string(63, 'k'), "x.io/" + std::string(63, 'k')}) {
    EXPECT_EQ(label_key_problem(key), std::nullopt) << key;
  }
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("X.io/y"),
        std::string("a/b/c"), std::string("-a"), std::string("a b"), std::string(64, 'k'),
        std::string("x..io/y"), std::string("-x.io/y"), std::string(254, 'd') + "/y"}) {
    EXPECT_NE(label_key_problem(key), std::nullopt) << key;
  }
}

TEST(Labels, ValuesMayBeEmptyAndHaveAtMost63Characters) {
  for (const std::string& value :
       {std::string(), std::string("a"), std::string("ml.p5.48xlarge"), std::string(63, 'v')}) {
    EXPECT_EQ(label_value_problem(value), std::nullopt) << value;
  }
  for (const std::string& value : {std::string(64, 'v'), std::string("a b"), std::string("-a"),
                                   std::string("a."), std::string("a/b")}) {
    EXPECT_NE(label_value_problem(value), std::nullopt) << value;
  }
}

TEST(Validate, LegalRequirementsPass) {
  for (const auto& legal :
       {one("team", NodeOperator::In, {"a"}, 1), one("team", NodeOperator::NotIn),
        one("team", NodeOperator::Exists),
        one("beta.kubernetes.io/arch", NodeOperator::In, {"amd64"}),
        one("team", NodeOperator::Gt, {"0"}),
        one("karpenter.sh/capacity-type", NodeOperator::In, {"spot", "later-invented"})}) {
    EXPECT_TRUE(validate(legal)) << to_string(legal.op);
  }
}

TEST(Validate, EachRuleHasASentenceThatNamesKeyOperatorAndValue) {
  const auto problem = [](NodeRequirement requirement) {
    const Status status = validate(requirement);
    return status ? std::string("none") : status.error().text();
  };
  EXPECT_EQ(
      problem(one("karpenter.sh/initialized", NodeOperator::In, {"true"})),
      "requirement karpenter.sh/initialized In [true]: key karpenter.sh/initialized is restricted");
  EXPECT_THAT(problem(one("a b", NodeOperator::Exists)), HasSubstr("key \"a b\""));
  EXPECT_THAT(problem(one("team", NodeOperator::In, {"-x"})), HasSubstr("value \"-x\""));
  EXPECT_THAT(problem(one("team", NodeOperator::In)), HasSubstr("In has no values"));
  EXPECT_THAT(problem(one("team", NodeOperator::In, {"a"}, 2)),
              HasSubstr("minValues is 2, and there are 1 values"));
  for (const auto& operand : {std::vector<std::string>{}, {"-1"}, {"x"}, {"1", "2"}, {"1.5"}}) {
    EXPECT_THAT(problem(one("team", NodeOperator::Gt, operand)),
                testing::AnyOf(HasSubstr("Gt takes one whole number"), HasSubstr("value \"-1\"")));
  }
  EXPECT_THAT(problem(one("karpenter.sh/capacity-type", NodeOperator::In, {"cheap"})),
              HasSubstr("there is no such capacity type"));
  EXPECT_THAT(problem(one("karpenter.sh/capacity-type", NodeOperator::In, {"spot", "cheap"}, 2)),
              HasSubstr("1 of the values are capacity types"));
}

}  // namespace
}  // namespace hyperwright::kube
