#include "sim/workload_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cluster_fixture.h"

namespace hyperwright::sim {
namespace {

using testing::SizeIs;

struct Recorded : testing::Test {
  Time now = Time::from_unix_seconds(1'790'000'000);
  KubernetesApi api{Random(1), now};
  EventRecorder events{api};
  json::object about = parsed(R"({"apiVersion": "v1", "kind": "Pod",
                                  "metadata": {"name": "p", "namespace": "default", "uid": "u"}})");
  void tell(std::string_view message) {
    events.record(
        about, {.reason = "Scheduled", .message = message, .component = "default-scheduler"}, now);
  }
  std::vector<ObjectPtr> told() { return api.list("events"); }
};

using EventRecorderTest = Recorded;

TEST_F(EventRecorderTest, TheSameAgainCountsUp) {
  tell("to a");
  tell("to a");
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(int_field(*told()[0], {"count"}), 2);
  EXPECT_EQ(text_field(*told()[0], {"involvedObject", "name"}), "p");
}

TEST_F(EventRecorderTest, MoreThanTenThatAreAlikeAreToldInOne) {
  for (int i = 0; i < 20; ++i) tell(fmt::format("to {}", i));
  EXPECT_THAT(told(), SizeIs(11));
}

TEST_F(EventRecorderTest, AnObjectHasTwentyFiveAtHandAndGetsOneBackInFiveMinutes) {
  for (int i = 0; i < 40; ++i) tell("to a");
  EXPECT_EQ(int_field(*told()[0], {"count"}), 25);
  now = now + Duration::minutes(5);
  tell("to a");
  EXPECT_EQ(int_field(*told()[0], {"count"}), 26);
}

TEST_F(EventRecorderTest, IsGoneAnHourAfterItWasLastTold) {
  tell("to a");
  now = now + Duration::minutes(40);
  tell("to a");
  now = now + Duration::minutes(40);
  tell("to b");
  EXPECT_THAT(told(), SizeIs(2));
  now = now + Duration::minutes(40);
  tell("to b");
  EXPECT_THAT(told(), SizeIs(1));
}

}  // namespace
}  // namespace hyperwright::sim
