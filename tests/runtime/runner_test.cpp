#include "runtime/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::runtime {
namespace {

using controllers::Context;
using controllers::Controller;
using controllers::Decision;
using state::kStart;

// Says what its one key is told to say: a call, and a change of the picture alone.
void speak(const Context&, const state::Key&, Decision& decision) {
  decision.emit(state::DescribeCluster{}, "test");
  decision.emit(state::BackOff{"gpu", kStart + Duration::minutes(1), "test"}, "test");
}
void watch_time(const Context& context, const state::Key&, Decision& decision) {
  decision.look_again(context.now + Duration::milliseconds(1));
}

class Recorder : public Effector {
 public:
  void carry_out(const state::Effect& effect) override {
    carried.emplace_back(state::name_of(effect.action));
  }
  std::vector<std::string> carried;
};

class RunnerTest : public testing::Test {
 protected:
  void run(std::span<const Controller> controllers, std::vector<Time> clock, int turns) {
    Loop loop(state::Picture().state, 1, controllers);
    const Log log(LogLevel::Error);
    Metrics metrics;
    Reporter reporter(log, metrics);
    std::size_t read = 0;
    Runner runner{.loop = loop,
                  .inbox = inbox,
                  .effector = effector,
                  .reporter = reporter,
                  .clock = [&] { return clock[std::min(read++, clock.size() - 1)]; },
                  .after_turn =
                      [&](const Loop& after) {
                        if (after.turns() >= static_cast<std::uint64_t>(turns)) inbox.close();
                      }};
    runner.run();
    turns_run = loop.turns();
  }
  Inbox inbox;
  Recorder effector;
  std::uint64_t turns_run = 0;
};

TEST_F(RunnerTest, CarriesOutWhatIsAnsweredAndNothingElse) {
  const std::vector<Controller> speaking = {{"speak", {state::Key::Of::HyperPod}, speak}};
  run(speaking, {kStart}, 1);
  EXPECT_EQ(effector.carried, std::vector<std::string>{"DescribeCluster"});
}

TEST_F(RunnerTest, AClockThatIsSetBackDoesNotTakeTheLoopsTimeBack) {
  const std::vector<Controller> watching = {{"time", {state::Key::Of::HyperPod}, watch_time}};
  // A loop whose time went back would wait for its next look, and this test would not end.
  run(watching, {kStart + Duration::hours(1), kStart + Duration::hours(1), kStart}, 1);
  EXPECT_EQ(turns_run, 1U);
}

TEST_F(RunnerTest, GaugesThatAreBehindAreReadWithoutATurn) {
  const std::vector<Controller> speaking = {{"speak", {state::Key::Of::HyperPod}, speak}};
  Loop loop(state::Picture().state, 1, speaking);
  const Log log(LogLevel::Error);
  Metrics metrics;
  Reporter reporter(log, metrics);
  int looks = 0;  // at the clock, since the turn: for how long it took, and for how long to wait
  Runner runner{.loop = loop,
                .inbox = inbox,
                .effector = effector,
                .reporter = reporter,
                .clock =
                    [&] {
                      if (loop.turns() == 0) return kStart;
                      if (++looks == 2) inbox.close();
                      return kStart + Duration::seconds(7);
                    },
                .after_turn = {}};
  runner.run();
  EXPECT_EQ(loop.turns(), 1U);
  EXPECT_THAT(metrics.text(), testing::HasSubstr("unsynced_time_seconds 7\n"));
}

TEST_F(RunnerTest, AClosedInboxEndsItBeforeATurn) {
  inbox.close();
  run({}, {kStart}, 1);
  EXPECT_EQ(turns_run, 0U);
}

}  // namespace
}  // namespace hyperwright::runtime
