// The simulated world's journal: the demo's story, with kills, in files that follow one another,
// played again bit for bit.
#include "runtime/journal.h"

#include <gtest/gtest.h>

#include "controllers/controller.h"
#include "runtime/replay.h"
#include "sim/simulation.h"
#include "sim/story.h"
#include "tests/client/scratch_folder.h"

namespace hyperwright::sim {

extern const std::string_view kDemoStory;

namespace {

struct Played {
  std::size_t files = 0, turns = 0, events = 0, effects = 0;
};

class StoryJournal : public testing::Test {
 protected:
  // `file_bytes`: 1: files are as small as may be.
  void write(std::uint64_t seed, Duration until, std::uint32_t kills_per_mille,
             std::uint64_t file_bytes) {
    auto opened = runtime::Journal::open(
        {.directory = folder.path(),
         .bytes_max = runtime::kJournalBytesMax,
         .file_bytes = file_bytes,
         .objects_per_turn = 10,
         .writer = "test",
         .on_stop = [](const Error& error) { ADD_FAILURE() << error.text(); }});
    ASSERT_TRUE(opened) << opened.error().text();
    journal = *std::move(opened);
    const Story story = parse_story(kDemoStory, "demo-story.yaml").value();
    SimulationSettings settings;
    settings.seed = seed;
    settings.autoscaler.cluster = "demo";
    settings.hyperpod.scenario = story.scenario;
    Simulation simulation(settings);
    simulation.autoscaler().journal = journal.get();
    Random random(seed);
    const Time start = simulation.now();
    const auto go_to = [&](Time time) {
      while (simulation.next_wake() <= time) {
        simulation.advance_to(simulation.next_wake());
        if (random.chance(kills_per_mille)) simulation.kill_autoscaler_in_next_turn();
      }
      simulation.advance_to(time);
    };
    ASSERT_TRUE(prepare(simulation, story));
    for (const StoryStep& step : story.steps) {
      if (step.at > until) break;
      go_to(start + step.at);
      ASSERT_TRUE(play(simulation, step));
    }
    go_to(start + until);
  }

  Played replay_all() {
    Played played;
    for (const auto& file : runtime::journal_files(folder.path())) {
      ++played.files;
      auto replay = runtime::Replay::open(file, controllers::all_controllers());
      if (!replay) {
        ADD_FAILURE() << replay.error().text();
        continue;
      }
      while (true) {
        const auto turn = (*replay)->next();
        if (!turn) {
          ADD_FAILURE() << turn.error().text();
          break;
        }
        if (!*turn) break;
        ++played.turns;
        played.events += (*turn)->events.size();
        played.effects += (*turn)->effects.size();
        if (!(*turn)->difference) continue;
        ADD_FAILURE() << file << " turn " << (*turn)->number << "\n"
                      << (*turn)->difference->wanted << "\n"
                      << (*turn)->difference->got;
        break;
      }
    }
    return played;
  }

  client::ScratchFolder folder;
  std::unique_ptr<runtime::Journal> journal;
};

// A file opens with the picture of a moment in the midst of it, some objects of it at a time: what
// goes on from there is the same only where the picture is whole.
TEST_F(StoryJournal, TheDemoIsPlayedAgainBitForBitAndCostsLittle) {
  write(1, Duration::minutes(70), 0, 1);
  const Played played = replay_all();
  EXPECT_GT(played.files, 5U);
  EXPECT_EQ(played.turns, journal->figures().turns);
  EXPECT_EQ(played.events, journal->figures().events);
  EXPECT_GT(played.effects, 300U);
  const std::uint64_t bytes_per_event = journal->figures().turn_bytes / played.events;
  RecordProperty("files", static_cast<int>(played.files));
  RecordProperty("events", static_cast<int>(played.events));
  RecordProperty("bytes_per_event", static_cast<int>(bytes_per_event));
  EXPECT_LT(bytes_per_event, 200U);
}

TEST_F(StoryJournal, AutoscalersThatAreKilledLeaveFilesThatArePlayedAgain) {
  write(1, Duration::minutes(15), 40, 0);
  const Played played = replay_all();
  EXPECT_GT(played.files, 5U);
  EXPECT_GT(played.effects, 100U);
}

}  // namespace
}  // namespace hyperwright::sim
