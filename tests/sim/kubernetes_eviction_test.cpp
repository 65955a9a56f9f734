#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

struct KubernetesEvictionTest : KubernetesTest {
  void make_budget(std::string_view name, std::string_view status, std::string_view more = "") {
    make("poddisruptionbudgets.policy",
         fmt::format("{{metadata: {{name: {}}}, spec: {{minAvailable: 1, selector: {{matchLabels: "
                     "{{app: web}}}}{}}}}}",
                     name, more));
    EXPECT_TRUE(api.patch_status(
        "poddisruptionbudgets.policy", "default", name, PatchType::Merge,
        value_of(fmt::format("{{status: {{observedGeneration: 1, {}}}}}", status)), now));
  }
  std::int64_t allowed(std::string_view name) {
    return int_field(*api.find("poddisruptionbudgets.policy", "default", name),
                     {"status", "disruptionsAllowed"});
  }
};

TEST_F(KubernetesEvictionTest, WithoutABudgetAPodIsDeletedGracefully) {
  make_running_pod("web-0");
  const auto evicted = api.evict("default", "web-0", now);
  ASSERT_TRUE(evicted);
  EXPECT_TRUE(is_deleting(**evicted));
  EXPECT_TRUE(has_condition(**evicted, "DisruptionTarget", "True"));
}

TEST_F(KubernetesEvictionTest, ABudgetThatAllowsNoneRefuses) {
  make_running_pod("web-0");
  make_budget("web", "disruptionsAllowed: 0, desiredHealthy: 1, currentHealthy: 1");
  const auto evicted = api.evict("default", "web-0", now);
  ASSERT_FALSE(evicted);
  EXPECT_EQ(evicted.error().code, 429);
  EXPECT_EQ(evicted.error().reason, "TooManyRequests");
  EXPECT_EQ(evicted.error().causes.at(0).reason, "DisruptionBudget");
  EXPECT_EQ(evicted.error().causes.at(0).message,
            "The disruption budget web needs 1 healthy pods and has 1 currently");
  EXPECT_FALSE(is_deleting(*api.find("pods", "default", "web-0")));
}

TEST_F(KubernetesEvictionTest, AnEvictionTakesOneDisruptionOff) {
  make_running_pod("web-0");
  make_running_pod("web-1");
  make_budget("web", "disruptionsAllowed: 1, desiredHealthy: 1, currentHealthy: 2");
  ASSERT_TRUE(api.evict("default", "web-0", now));
  EXPECT_EQ(allowed("web"), 0);
  EXPECT_TRUE(has_condition(*api.find("poddisruptionbudgets.policy", "default", "web"),
                            "DisruptionAllowed", "False"));
  EXPECT_EQ(text_field(*api.find("poddisruptionbudgets.policy", "default", "web"),
                       {"status", "disruptedPods", "web-0"}),
            format_time(now));
  EXPECT_EQ(api.evict("default", "web-1", now).error().code, 429);
}

TEST_F(KubernetesEvictionTest, ABudgetThatWasNotCountedYetRefusesForAWhile) {
  make_running_pod("web-0");
  make("poddisruptionbudgets.policy",
       "{metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}}}");
  const auto evicted = api.evict("default", "web-0", now);
  EXPECT_EQ(evicted.error().code, 429);
  EXPECT_EQ(evicted.error().retry_after_seconds, 10);
}

TEST_F(KubernetesEvictionTest, TwoBudgetsAreAnError) {
  make_running_pod("web-0");
  make_budget("a", "disruptionsAllowed: 1");
  make_budget("b", "disruptionsAllowed: 1");
  const auto evicted = api.evict("default", "web-0", now);
  EXPECT_EQ(evicted.error().code, 500);
  EXPECT_NE(evicted.error().message.find("more than one PodDisruptionBudget"), std::string::npos);
}

TEST_F(KubernetesEvictionTest, ABudgetOfOtherPodsOrWithoutSelectorDoesNotCount) {
  make_running_pod("web-0");
  make("poddisruptionbudgets.policy",
       "{metadata: {name: a}, spec: {selector: {matchLabels: {app: other}}}}");
  make("poddisruptionbudgets.policy", "{metadata: {name: b}, spec: {minAvailable: 1}}");
  EXPECT_TRUE(api.evict("default", "web-0", now));
}

TEST_F(KubernetesEvictionTest, APodThatIsNotReadyMayGoWhileTheBudgetIsMet) {
  make_running_pod("web-0");
  ASSERT_TRUE(merge("pods", "default", "web-0",
                    "{status: {conditions: [{type: Ready, status: 'False'}]}}",
                    {.subresource = Subresource::Status}));
  make_budget("web", "disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 1");
  EXPECT_EQ(api.evict("default", "web-0", now).error().code, 429);
  ASSERT_TRUE(api.patch_status("poddisruptionbudgets.policy", "default", "web", PatchType::Merge,
                               value_of("{status: {currentHealthy: 2}}"), now));
  EXPECT_TRUE(api.evict("default", "web-0", now));
}

TEST_F(KubernetesEvictionTest, AlwaysAllowLetsAnUnreadyPodGo) {
  make_running_pod("web-0");
  ASSERT_TRUE(merge("pods", "default", "web-0",
                    "{status: {conditions: [{type: Ready, status: 'False'}]}}",
                    {.subresource = Subresource::Status}));
  make_budget("web", "disruptionsAllowed: 0, desiredHealthy: 2, currentHealthy: 1",
              ", unhealthyPodEvictionPolicy: AlwaysAllow");
  EXPECT_TRUE(api.evict("default", "web-0", now));
  EXPECT_EQ(allowed("web"), 0);
}

TEST_F(KubernetesEvictionTest, APodThatIsNotRunningNeedsNoBudget) {
  make_pod("pending");
  make_budget("web", "disruptionsAllowed: 0");
  ASSERT_TRUE(api.evict("default", "pending", now));
  EXPECT_EQ(api.find("pods", "default", "pending"), nullptr);
}

TEST_F(KubernetesEvictionTest, TheUidMustBeTheOneThatWasMeant) {
  make_running_pod("web-0");
  EXPECT_EQ(api.evict("default", "web-0", now, {.uid = "other"}).error().code, 409);
  EXPECT_EQ(api.evict("default", "gone", now).error().code, 404);
}

}  // namespace
}  // namespace hyperwright::sim
