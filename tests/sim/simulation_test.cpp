// The whole system in the simulated world: the same seed gives the same run, crashes lose nothing,
// and a world that stands still is left in peace.
#include "sim/simulation.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "service/control_plane.h"
#include "sim/story.h"
#include "state/codec.h"

namespace hyperwright::sim {

extern const std::string_view kDemoStory;

namespace {

Story story() { return parse_story(kDemoStory, "demo-story.yaml").value(); }

SimulationSettings settings(std::uint64_t seed) {
  SimulationSettings settings;
  settings.seed = seed;
  settings.autoscaler.cluster = "demo";
  settings.hyperpod.scenario = story().scenario;
  return settings;
}

// Plays the story up to `until`, and calls `at_instant` at every instant at which something
// happens.
template <typename AtInstant>
void play_until(Simulation& simulation, Duration until, AtInstant at_instant) {
  const Time start = simulation.now();
  ASSERT_TRUE(prepare(simulation, story()));
  for (const StoryStep& step : story().steps) {
    if (step.at > until) break;
    while (simulation.next_wake() <= start + step.at && !testing::Test::HasFailure()) {
      simulation.advance_to(simulation.next_wake());
      at_instant();
    }
    if (testing::Test::HasFailure()) return;  // what it asked for is not answered: it would hang
    simulation.advance_to(start + step.at);
    ASSERT_TRUE(play(simulation, step));
  }
  while (simulation.next_wake() <= start + until && !testing::Test::HasFailure()) {
    simulation.advance_to(simulation.next_wake());
    at_instant();
  }
  if (!testing::Test::HasFailure()) simulation.advance_to(start + until);
}

std::string effects_of_a_run(std::uint64_t seed) {
  Simulation simulation(settings(seed));
  std::string effects;
  simulation.autoscaler().on_effect = [&](const state::Effect& effect, Time now) {
    effects += format_micro_time(now) + ' ' + boost::json::serialize(state::encode(effect)) + '\n';
  };
  play_until(simulation, Duration::minutes(20), [] {});
  return effects;
}

std::size_t hyperpod_nodes(const Simulation& simulation) {
  return simulation.hyperpod().state().clusters.at(0).nodes.size();
}

// Every logical id is on exactly one claim, and every claim that is not going has its node.
void expect_one_claim_a_node(const Simulation& simulation) {
  std::size_t with_id = 0;
  for (const auto& [name, claim] : simulation.autoscaler().loop().state().claims())
    with_id += claim.logical_id.empty() ? 0U : 1U;
  EXPECT_EQ(with_id, hyperpod_nodes(simulation));
}

TEST(Simulation, TheSameSeedGivesTheSameEffectsToTheByte) {
  const std::string effects = effects_of_a_run(3);
  EXPECT_GT(effects.size(), 10'000U);
  EXPECT_EQ(effects, effects_of_a_run(3));
  EXPECT_NE(effects, effects_of_a_run(4));
}

TEST(Simulation, TheStoryEndsAtZero) {
  Simulation simulation(settings(1));
  play_until(simulation, Duration::minutes(70), [] {});
  EXPECT_EQ(hyperpod_nodes(simulation), 0U);
  EXPECT_TRUE(simulation.autoscaler().loop().state().claims().empty());
  EXPECT_TRUE(simulation.kubernetes().list("nodes").empty());
}

// What is due was done by the turn before: whoever looks again finds nothing to do.
TEST(Simulation, AWorldThatStandsStillIsLeftInPeace) {
  Simulation simulation(settings(1));
  runtime::Loop& loop = simulation.autoscaler().loop();
  int looks = 0;
  play_until(simulation, Duration::minutes(70), [&] {
    if (loop.next_wake() <= simulation.now()) return;
    ++looks;
    loop.look_at_everything(simulation.now());
    for (const state::Effect& effect : loop.turn({}, simulation.now())) {
      ADD_FAILURE() << format_micro_time(simulation.now()) << ' ' << state::name_of(effect.action)
                    << ": " << boost::json::serialize(state::encode(effect));
    }
  });
  EXPECT_GT(looks, 100);
}

TEST(Simulation, AKilledAutoscalerLosesNothingAndBuysNothingTwice) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Simulation simulation(settings(seed));
    Random random(seed);
    int kills = 0;
    // About one instant in sixty: while claims are made, launched, joined, drained, given back.
    play_until(simulation, Duration::minutes(30), [&] {
      if (random.below(60) != 0) return;
      simulation.restart_autoscaler();
      ++kills;
    });
    EXPECT_GT(kills, 3);
    expect_one_claim_a_node(simulation);
    std::size_t running = 0;
    for (const ObjectPtr& pod : simulation.kubernetes().list("pods"))
      running += pod->at("status").at("phase") == "Running" ? 1U : 0U;
    EXPECT_EQ(running, 17U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hyperwright::sim
