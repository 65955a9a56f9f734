#include "sim/workload_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/workload_job_pods.h"
#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

json::object annotated(const char* key, const char* value) { return {{key, value}}; }

TEST(Job, RunsAtMostParallelismPodsUntilCompletionsHaveSucceeded) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"completions", 3}, {"parallelism", 2}});
  world.step();
  EXPECT_EQ(world.status("jobs.batch", "train", "active"), 2);
  world.run_for(Duration::seconds(70));
  EXPECT_EQ(world.status("jobs.batch", "train", "succeeded"), 2);
  EXPECT_EQ(world.status("jobs.batch", "train", "active"), 1);
  world.run_for(Duration::seconds(70));
  EXPECT_EQ(world.status("jobs.batch", "train", "succeeded"), 3);
  EXPECT_EQ(world.status("jobs.batch", "train", "active"), -1);
  EXPECT_EQ(world.condition("jobs.batch", "train", "Complete"), "True CompletionsReached");
  EXPECT_FALSE(text_field(*world.get("jobs.batch", "train"), {"status", "completionTime"}).empty());
}

TEST(Job, IsAWorkQueueWithoutCompletions) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("queue", {{"parallelism", 3}});
  world.run_for(Duration::seconds(70));
  EXPECT_EQ(world.status("jobs.batch", "queue", "succeeded"), 3);
  EXPECT_EQ(world.condition("jobs.batch", "queue", "Complete"), "True CompletionsReached");
}

TEST(Job, RunForSaysHowLongItsPodsRun) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"completions", 1}},
                {.annotations = annotated("hyperwright.dev/run-for", "10m")});
  world.run_for(Duration::minutes(10));
  EXPECT_EQ(world.status("jobs.batch", "train", "active"), 1);
  world.run_for(Duration::seconds(5));
  EXPECT_EQ(world.status("jobs.batch", "train", "succeeded"), 1);
}

TEST(Job, IndexedPodsCarryTheirIndexInNameLabelAnnotationHostnameAndEnvironment) {
  TestCluster world;
  world.add_job("train", {{"completions", 2}, {"parallelism", 2}, {"completionMode", "Indexed"}});
  world.step();
  const auto pods = world.pods("batch.kubernetes.io/job-completion-index=1");
  ASSERT_THAT(pods, SizeIs(1));
  EXPECT_THAT(std::string(name_of(*pods[0])), StartsWith("train-1-"));
  EXPECT_EQ(completion_index(*pods[0]), 1);
  EXPECT_EQ(text_field(*pods[0], {"spec", "hostname"}), "train-1");
  const json::object& env =
      array_field(array_field(*pods[0], {"spec", "containers"})->at(0).as_object(), {"env"})
          ->at(0)
          .as_object();
  EXPECT_EQ(text_field(env, {"name"}), "JOB_COMPLETION_INDEX");
  EXPECT_EQ(text_field(env, {"value"}), "1");
  EXPECT_THAT(world.pods("job-name=train,batch.kubernetes.io/job-name=train"), SizeIs(2));
}

TEST(Job, AnIndexThatIsLostIsRunAgainAndThoseThatAreDoneAreNot) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"completions", 3}, {"parallelism", 3}, {"completionMode", "Indexed"}});
  world.run_for(Duration::seconds(10));
  world.remove("pods",
               std::string(name_of(*world.pods("batch.kubernetes.io/job-completion-index=1")[0])));
  world.run_for(Duration::seconds(60));
  EXPECT_EQ(text_field(*world.get("jobs.batch", "train"), {"status", "completedIndexes"}), "0,2");
  EXPECT_EQ(world.status("jobs.batch", "train", "failed"), 1);
  world.run_for(Duration::seconds(60));
  EXPECT_EQ(text_field(*world.get("jobs.batch", "train"), {"status", "completedIndexes"}), "0-2");
  EXPECT_EQ(world.condition("jobs.batch", "train", "Complete"), "True CompletionsReached");
}

TEST(Job, FailsAfterMoreThanBackoffLimitFailuresEachWaitingLonger) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job(
      "bad", {{"backoffLimit", 2}},
      {.annotations = {{"hyperwright.dev/fails", "true"}, {"hyperwright.dev/run-for", "5s"}}});
  world.run_for(Duration::seconds(16));  // the first failed after 7 s; the second starts 10 s later
  EXPECT_EQ(world.status("jobs.batch", "bad", "failed"), 1);
  EXPECT_EQ(world.status("jobs.batch", "bad", "active"), -1);
  world.run_for(Duration::seconds(2));
  EXPECT_EQ(world.status("jobs.batch", "bad", "active"), 1);
  world.run_for(Duration::minutes(2));
  EXPECT_EQ(world.status("jobs.batch", "bad", "failed"), 3);
  EXPECT_EQ(world.condition("jobs.batch", "bad", "Failed"), "True BackoffLimitExceeded");
}

TEST(Job, OnFailureRestartsInPlaceAndCountsRestarts) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job(
      "bad", {{"backoffLimit", 3}},
      {.annotations = {{"hyperwright.dev/fails", "true"}, {"hyperwright.dev/run-for", "5s"}},
       .spec = {{"restartPolicy", "OnFailure"}}});
  world.run_for(Duration::seconds(10));
  ASSERT_THAT(world.pods(), SizeIs(1));
  EXPECT_EQ(restart_count(*world.pods()[0]), 1);
  world.run_for(Duration::minutes(5));
  EXPECT_EQ(world.condition("jobs.batch", "bad", "Failed"), "True BackoffLimitExceeded");
}

TEST(Job, SuspendedItHasNoPodsAndResumedItStartsAnew) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"completions", 2}, {"parallelism", 2}, {"suspend", true}});
  world.step();
  EXPECT_THAT(world.pods(), IsEmpty());
  EXPECT_EQ(world.condition("jobs.batch", "train", "Suspended"), "True JobSuspended");
  EXPECT_EQ(find_field(*world.get("jobs.batch", "train"), {"status", "startTime"}), nullptr);
  world.patch("jobs.batch", "train", R"({"spec": {"suspend": false}})");
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.status("jobs.batch", "train", "ready"), 2);
  EXPECT_EQ(world.condition("jobs.batch", "train", "Suspended"), "False JobResumed");
  world.patch("jobs.batch", "train", R"({"spec": {"suspend": true}})");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods(), IsEmpty());
  EXPECT_EQ(world.status("jobs.batch", "train", "failed"), -1);
}

TEST(Job, ASuccessIsCountedThoughItsNodeGoesAtTheSameTime) {
  TestCluster world;
  world.add_node("a", {.cpu = "1"});
  world.add_job("train", {{"completions", 2}, {"parallelism", 1}});
  world.run_for(Duration::seconds(61));
  world.run_for(Duration::seconds(1));
  world.remove("nodes", "a");
  world.add_node("b", {.cpu = "1"});
  world.run_for(Duration::minutes(5));
  EXPECT_EQ(world.status("jobs.batch", "train", "succeeded"), 2);
  EXPECT_EQ(world.condition("jobs.batch", "train", "Complete"), "True CompletionsReached");
}

TEST(Job, AFailurePolicyMayIgnoreDisruptions) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train",
                parsed(R"({"completions": 1, "backoffLimit": 0, "podFailurePolicy": {"rules": [
                             {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}})"));
  world.run_for(Duration::seconds(10));
  ASSERT_TRUE(world.api().evict("default", world.pod_names()[0], world.now()).has_value());
  world.run_for(Duration::seconds(80));
  EXPECT_EQ(world.status("jobs.batch", "train", "failed"), -1);
  EXPECT_EQ(world.condition("jobs.batch", "train", "Complete"), "True CompletionsReached");
}

TEST(Job, AFailurePolicyMayFailTheJobForAnExitCode) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job(
      "train", parsed(R"({"completions": 1, "podFailurePolicy": {"rules": [
                             {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}]}})"),
      {.annotations = {{"hyperwright.dev/fails", "true"}, {"hyperwright.dev/run-for", "5s"}}});
  world.run_for(Duration::seconds(20));
  EXPECT_EQ(world.condition("jobs.batch", "train", "Failed"), "True PodFailurePolicy");
}

TEST(Job, ADeadlineEndsIt) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"activeDeadlineSeconds", 30}});
  world.run_for(Duration::seconds(35));
  EXPECT_EQ(world.condition("jobs.batch", "train", "Failed"), "True DeadlineExceeded");
  EXPECT_THAT(world.pods(), IsEmpty());
}

TEST(Job, IsRemovedAfterItsTimeToLiveWithItsPods) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"ttlSecondsAfterFinished", 100}});
  world.run_for(Duration::seconds(150));
  EXPECT_EQ(world.condition("jobs.batch", "train", "Complete"), "True CompletionsReached");
  world.run_for(Duration::seconds(20));
  EXPECT_EQ(world.get("jobs.batch", "train"), nullptr);
  EXPECT_THAT(world.pods(), IsEmpty());
}

TEST(Job, DeletedItReleasesItsPods) {
  TestCluster world;
  world.add_node("a", {.cpu = "8"});
  world.add_job("train", {{"completions", 2}, {"parallelism", 2}});
  world.run_for(Duration::seconds(10));
  world.remove("jobs.batch", "train");
  world.run_for(Duration::seconds(10));
  EXPECT_THAT(world.pods(), IsEmpty());
}

TEST(JobIndexes, AreWrittenAsRanges) {
  EXPECT_EQ(indexes_text({}), "");
  EXPECT_EQ(indexes_text({0, 1, 3, 5, 6, 7}), "0,1,3,5-7");
  EXPECT_THAT(parse_indexes("0,1,3,5-7"), ElementsAre(0, 1, 3, 5, 6, 7));
}

}  // namespace
}  // namespace hyperwright::sim
