#include "kube/node_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

NodePool valid() {
  NodePool pool;
  pool.meta.name = "gpu";
  pool.template_spec.node_class_ref = {"karpenter.sagemaker.amazonaws.com", "HyperpodNodeClass",
                                       "default"};
  pool.template_spec.expire_after = Duration::hours(720);
  return pool;
}
template <typename Change>
NodePool with(Change change) {
  NodePool pool = valid();
  change(pool);
  return pool;
}

TEST(NodePoolProblems, AValidPoolHasNone) { EXPECT_THAT(problems(valid()), IsEmpty()); }

TEST(NodePoolProblems, WhatCouldNotBeReadIsAProblem) {
  EXPECT_THAT(problems(with([](NodePool& pool) { pool.decode_problems = {"spec.weight is 200"}; })),
              ElementsAre("spec.weight is 200"));
}

TEST(NodePoolProblems, LabelsAreLegalAndNotTheAutoscalers) {
  const auto label = [](const char* key, const char* value) {
    return problems(with([&](NodePool& pool) { pool.template_labels.set(key, value); }));
  };
  EXPECT_THAT(label("team", "a"), IsEmpty());
  EXPECT_THAT(label("karpenter.sh/nodepool", "a"),
              ElementsAre(HasSubstr("spec.template.metadata.labels[karpenter.sh/nodepool]")));
  EXPECT_THAT(label("karpenter.sh/registered", "true"),
              ElementsAre(HasSubstr("set by the autoscaler")));
  EXPECT_THAT(label("a b", "a"), ElementsAre(HasSubstr("key \"a b\"")));
  EXPECT_THAT(label("team", "-"), ElementsAre(HasSubstr("value \"-\"")));
}

TEST(NodePoolProblems, AnnotationsAreLegalAndNotTheAutoscalers) {
  const auto annotation = [](const std::string& key, const std::string& value) {
    return problems(with([&](NodePool& pool) { pool.template_annotations.set(key, value); }));
  };
  EXPECT_THAT(annotation("Example.com/Owner", "any text: at all"), IsEmpty())
      << "upper case is legal before the slash, too";
  EXPECT_THAT(annotation("karpenter.sh/do-not-disrupt", "true"), IsEmpty());
  EXPECT_THAT(
      annotation("not a key!", "x"),
      ElementsAre(HasSubstr("spec.template.metadata.annotations[not a key!]: key \"not a key!\"")));
  for (const char* ours :
       {"hyperwright.dev/node-logical-id", "karpenter.sh/nodeclaim-termination-timestamp"})
    EXPECT_THAT(annotation(ours, "x"), ElementsAre(HasSubstr("set by the autoscaler"))) << ours;
}

TEST(NodePoolProblems, AnnotationsAreNotMoreThanGoOnToNodes) {
  const auto bytes = [](std::size_t count) {
    return problems(with(
        [&](NodePool& pool) { pool.template_annotations.set("a", std::string(count - 1, 'x')); }));
  };
  EXPECT_THAT(bytes(57'344), IsEmpty());
  EXPECT_THAT(bytes(57'345),
              ElementsAre("spec.template.metadata.annotations: their keys and values have 57345 "
                          "bytes, at most 57344 go on to nodes; remove some"));
}

TEST(NodePoolProblems, AreAsManyAndAsLongAsAConditionsMessageHolds) {
  const std::vector<std::string> found = problems(with([](NodePool& pool) {
    for (int i = 0; i < 20; ++i)
      pool.template_labels.set(std::string(50'000, 'a') + std::to_string(i), "x");
  }));
  ASSERT_EQ(found.size(), 17U);
  EXPECT_EQ(found[15].size(), 1'003U);
  EXPECT_EQ(found[16], "and 4 more");
}

TEST(NodePoolProblems, ATaintStandsOnceInBothListsTogether) {
  const NodePool pool = with([](NodePool& p) {
    p.template_spec.taints = {{.key = "gpu", .value = "a"},
                              {.key = "gpu", .effect = TaintEffect::NoExecute}};
    p.template_spec.startup_taints = {{.key = "init"}, {.key = "gpu", .value = "b"}};
  });
  EXPECT_THAT(
      problems(pool),
      ElementsAre("taint \"gpu\" with effect NoSchedule stands in spec.template.spec.taints[0] and "
                  "startupTaints[1]; remove one"));
}

TEST(NodePoolProblems, TaintsHaveLegalKeysAndValues) {
  const NodePool pool =
      with([](NodePool& p) { p.template_spec.taints = {{.key = "", .value = "a b"}}; });
  EXPECT_THAT(problems(pool), ElementsAre(HasSubstr("spec.template.spec.taints[0]: key"),
                                          HasSubstr("value \"a b\"")));
}

TEST(NodePoolProblems, RequirementsAreValidAndOfNoNodePool) {
  const auto requirement = [](NodeRequirement one) {
    return problems(with([&](NodePool& pool) {
      pool.template_spec.requirements = {{"team", NodeOperator::Exists, {}, {}}, one};
    }));
  };
  EXPECT_THAT(requirement({"team", NodeOperator::In, {}, {}}),
              ElementsAre(HasSubstr("spec.template.spec.requirements[1]: requirement team In []")));
  EXPECT_THAT(requirement({"karpenter.sh/nodepool", NodeOperator::Exists, {}, {}}),
              ElementsAre(HasSubstr("set by the autoscaler")));
  EXPECT_THAT(requirement({"topology.kubernetes.io/zone", NodeOperator::NotIn, {}, {}}), IsEmpty());
}

TEST(NodePoolProblems, TheNodeClassReferenceIsComplete) {
  EXPECT_THAT(
      problems(with([](NodePool& pool) { pool.template_spec.node_class_ref.name = ""; })),
      ElementsAre(
          "spec.template.spec.nodeClassRef.name is empty; write the name of a HyperpodNodeClass"));
}

TEST(TemplateHash, ChangesWithWhatMakesNodesDrift) {
  const std::string before = template_hash(valid());
  const std::vector<NodePool> changed = {
      with([](NodePool& pool) { pool.template_labels.set("a", "b"); }),
      with([](NodePool& pool) { pool.template_annotations.set("a", "b"); }),
      with([](NodePool& pool) { pool.template_spec.taints = {{.key = "a"}}; }),
      with([](NodePool& pool) { pool.template_spec.startup_taints = {{.key = "a"}}; }),
      with([](NodePool& pool) { pool.template_spec.node_class_ref.name = "other"; }),
      with([](NodePool& pool) { pool.template_spec.expire_after = Duration::hours(1); }),
      with([](NodePool& pool) { pool.template_spec.expire_after.reset(); }),
      with(
          [](NodePool& pool) { pool.template_spec.termination_grace_period = Duration::hours(1); }),
  };
  std::vector<std::string> hashes = {before};
  for (const NodePool& pool : changed) hashes.push_back(template_hash(pool));
  std::ranges::sort(hashes);
  EXPECT_TRUE(std::ranges::adjacent_find(hashes) == hashes.end());
}

TEST(TemplateHash, StaysWithAllElseAndWithTheOrderOfTaints) {
  const std::string before = template_hash(valid());
  EXPECT_EQ(before, template_hash(with([](NodePool& pool) {
              pool.template_spec.requirements = {{"a", NodeOperator::Exists, {}, {}}};
            })));
  EXPECT_EQ(before, template_hash(with([](NodePool& pool) { pool.weight = 5; })));
  EXPECT_EQ(before,
            template_hash(with([](NodePool& pool) { pool.limits = Limits{{{"cpu", 1}}}; })));
  const auto taints = [](std::vector<Taint> list) {
    return template_hash(
        with([&](NodePool& pool) { pool.template_spec.taints = std::move(list); }));
  };
  EXPECT_EQ(taints({{.key = "a"}, {.key = "b"}}), taints({{.key = "b"}, {.key = "a"}}));
}

// A changed hash would make every node of every user drift on the day of the update: that needs a
// new version of the hash, and this figure then changes with it.
TEST(TemplateHash, IsThisForEver) {
  EXPECT_EQ(kTemplateHashVersion, "hyperwright-v1");
  EXPECT_EQ(template_hash(valid()), "104454272581644858");
}

}  // namespace
}  // namespace hyperwright::kube
