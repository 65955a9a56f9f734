#include "kube/selector.h"

#include <gtest/gtest.h>

#include "kube/pod_disruption_budget.h"

namespace hyperwright::kube {
namespace {

LabelSelector expression(SelectorOperator op, std::vector<std::string> values = {}) {
  return {.match_labels = {}, .match_expressions = {{"app", op, std::move(values)}}};
}

TEST(LabelSelector, AnEmptyOneMatchesEverything) { EXPECT_TRUE(LabelSelector{}.matches({})); }

TEST(LabelSelector, EveryLabelAndEveryExpressionMustMatch) {
  LabelSelector selector = expression(SelectorOperator::Exists);
  selector.match_labels = {{"tier", "web"}};
  EXPECT_TRUE(selector.matches({{"app", "x"}, {"tier", "web"}}));
  EXPECT_FALSE(selector.matches({{"tier", "web"}}));
  EXPECT_FALSE(selector.matches({{"app", "x"}, {"tier", "db"}}));
}

TEST(LabelSelector, OperatorsAreThoseOfKubernetes) {
  const StringMap a = {{"app", "a"}}, none = {};
  EXPECT_TRUE(expression(SelectorOperator::In, {"a", "b"}).matches(a));
  EXPECT_FALSE(expression(SelectorOperator::In, {"b"}).matches(a));
  EXPECT_FALSE(expression(SelectorOperator::In, {"a"}).matches(none));
  EXPECT_FALSE(expression(SelectorOperator::NotIn, {"a"}).matches(a));
  EXPECT_TRUE(expression(SelectorOperator::NotIn, {"a"}).matches(none));
  EXPECT_FALSE(expression(SelectorOperator::Exists).matches(none));
  EXPECT_TRUE(expression(SelectorOperator::DoesNotExist).matches(none));
  EXPECT_FALSE(expression(SelectorOperator::DoesNotExist).matches(a));
}

TEST(PodDisruptionBudget, CoversPodsOfItsNamespaceThatItSelects) {
  Pod pod;
  pod.meta.namespace_ = "prod";
  pod.meta.labels = {{"app", "web"}};
  PodDisruptionBudget budget;
  budget.meta.namespace_ = "prod";
  EXPECT_FALSE(covers(budget, pod)) << "no selector matches nothing";
  budget.selector = LabelSelector{};
  EXPECT_TRUE(covers(budget, pod)) << "an empty one matches everything";
  budget.meta.namespace_ = "test";
  EXPECT_FALSE(covers(budget, pod));
}

TEST(PodDisruptionBudget, BlocksFullyWhereNoEvictionWillEverBeAllowed) {
  const auto blocks = [](std::string min_available, std::string max_unavailable) {
    PodDisruptionBudget budget;
    budget.min_available = std::move(min_available);
    budget.max_unavailable = std::move(max_unavailable);
    return is_fully_blocking(budget);
  };
  EXPECT_TRUE(blocks("", "0"));
  EXPECT_TRUE(blocks("", "0%"));
  EXPECT_TRUE(blocks("100%", ""));
  EXPECT_FALSE(blocks("3", "")) << "a count says nothing about how many pods there will be";
  EXPECT_FALSE(blocks("", "1"));
}

}  // namespace
}  // namespace hyperwright::kube
