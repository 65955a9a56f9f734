#include "kube/taint.h"

#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

constexpr auto kNoSchedule = TaintEffect::NoSchedule;
constexpr auto kPrefer = TaintEffect::PreferNoSchedule;
constexpr auto kNoExecute = TaintEffect::NoExecute;

Taint taint(std::string key, std::string value = "", TaintEffect effect = kNoSchedule) {
  return {std::move(key), std::move(value), effect};
}

TEST(Toleration, EqualComparesTheValueAndExistsDoesNot) {
  EXPECT_TRUE((Toleration{.key = "gpu", .value = "a"}.tolerates(taint("gpu", "a"))));
  EXPECT_FALSE((Toleration{.key = "gpu", .value = "a"}.tolerates(taint("gpu", "b"))));
  EXPECT_TRUE(
      (Toleration{.key = "gpu", .op = TolerationOperator::Exists}.tolerates(taint("gpu", "b"))));
  EXPECT_FALSE(
      (Toleration{.key = "gpu", .op = TolerationOperator::Exists}.tolerates(taint("cpu", "b"))));
}

TEST(Toleration, NoKeyIsEveryKeyAndNoEffectEveryEffect) {
  const Toleration all{.op = TolerationOperator::Exists};
  for (const auto effect : {kNoSchedule, kPrefer, kNoExecute})
    EXPECT_TRUE(all.tolerates(taint("x", "y", effect)));
  const Toleration one{.key = "x", .op = TolerationOperator::Exists, .effect = kNoExecute};
  EXPECT_TRUE(one.tolerates(taint("x", "y", kNoExecute)));
  EXPECT_FALSE(one.tolerates(taint("x", "y", kNoSchedule)));
}

TEST(Toleration, LtAndGtCompareThePlainNumbersOfTheTaint) {
  const auto tolerates = [](TolerationOperator op, const char* tolerated, const char* offered) {
    return Toleration{.key = "sla", .op = op, .value = tolerated}.tolerates(taint("sla", offered));
  };
  EXPECT_TRUE(tolerates(TolerationOperator::Lt, "100", "99"));
  EXPECT_FALSE(tolerates(TolerationOperator::Lt, "100", "100"));
  EXPECT_TRUE(tolerates(TolerationOperator::Gt, "-5", "0"));
  EXPECT_FALSE(tolerates(TolerationOperator::Gt, "100", "100"));
  for (const char* text : {"", "007", "+7", "-0", "-07", "7.0", "x"}) {
    EXPECT_FALSE(tolerates(TolerationOperator::Lt, "100", text)) << text;
    EXPECT_FALSE(tolerates(TolerationOperator::Gt, text, "100")) << text;
  }
}

TEST(Taints, EachMustBeToleratedPreferNoScheduleToo) {
  const std::vector<Taint> taints = {taint("a"), taint("b", "", kPrefer)};
  const std::vector<Toleration> tolerations = {{.key = "a", .op = TolerationOperator::Exists}};
  ASSERT_NE(first_untolerated(taints, tolerations), nullptr);
  EXPECT_EQ(first_untolerated(taints, tolerations)->key, "b");
  const std::vector<Toleration> all = {{.op = TolerationOperator::Exists}};
  EXPECT_EQ(first_untolerated(taints, all), nullptr);
}

TEST(Taints, KeyAndEffectMakeTheSameTaint) {
  std::vector<Taint> taints = {taint("a", "1")};
  merge_taints(taints, std::vector{taint("a", "2"), taint("a", "1", kNoExecute), taint("b")});
  EXPECT_EQ(taints, (std::vector{taint("a", "1"), taint("a", "1", kNoExecute), taint("b")}));
  EXPECT_TRUE(contains_taint(taints, taint("b", "other")));
}

TEST(Taints, TextIsTheOneOfKubectl) {
  EXPECT_EQ(to_text(taint("a", "1")), "a=1:NoSchedule");
  EXPECT_EQ(to_text(taint("a", "", kPrefer)), "a:PreferNoSchedule");
}

TEST(EphemeralTaint, IsOneThatTheStartOfANodeTakesAwayItself) {
  EXPECT_TRUE(is_ephemeral_taint(taint("node.kubernetes.io/not-ready")));
  EXPECT_TRUE(is_ephemeral_taint(taint("node.kubernetes.io/not-ready", "", kNoExecute)));
  EXPECT_TRUE(is_ephemeral_taint(taint("node.kubernetes.io/unreachable")));
  EXPECT_FALSE(is_ephemeral_taint(taint("node.kubernetes.io/unreachable", "", kNoExecute)));
  EXPECT_TRUE(is_ephemeral_taint(taint("node.cloudprovider.kubernetes.io/uninitialized", "true")));
  EXPECT_TRUE(is_ephemeral_taint(taint("karpenter.sh/unregistered", "", kNoExecute)));
  EXPECT_FALSE(is_ephemeral_taint(taint("karpenter.sh/disrupted")));
  EXPECT_TRUE(is_ephemeral_taint(taint("readiness.k8s.io/network", "", kPrefer)));
  EXPECT_FALSE(is_ephemeral_taint(taint("example.com/readiness.k8s.io")));
}

TEST(EphemeralTaint, HealthChecksOfHyperPodAreAndComingReplacementsAreNot) {
  const std::string key = "sagemaker.amazonaws.com/node-health-status";
  EXPECT_TRUE(is_ephemeral_taint(taint(key, "Unschedulable")));
  EXPECT_TRUE(is_ephemeral_taint(taint(key, "Schedulable")));
  EXPECT_FALSE(is_ephemeral_taint(taint(key, "UnschedulablePendingReplacement")));
}

}  // namespace
}  // namespace hyperwright::kube
