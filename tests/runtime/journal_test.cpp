// The journal of a small loop: what it writes around each turn, when it begins files, how it ends.
#include "runtime/journal.h"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/replay.h"
#include "tests/client/scratch_folder.h"
#include "tests/state/picture.h"

namespace hyperwright::runtime {
namespace {

using controllers::Context;
using controllers::Controller;
using controllers::Decision;
using state::Key;
using state::kStart;
using testing::HasSubstr;
using Of = Key::Of;

// Labels each node, with a number that is drawn, and looks at some of them again: a decision that
// rests on picture, time and chance.
void mark(const Context& context, const Key& key, Decision& decision) {
  const state::NodeRecord* node = context.state.find_node(key.name);
  if (node == nullptr || node->node.meta.labels.contains("marked")) return;
  decision.emit(
      state::PatchNode{.name = key.name,
                       .uid = node->node.meta.uid,
                       .set_labels = {{"marked", std::to_string(context.random.below(1000))}}},
      "test");
  if (key.name.size() == 2) decision.look_again(context.now + Duration::seconds(1));
}
void mark_otherwise(const Context& context, const Key& key, Decision& decision) {
  if (context.now >= kStart + Duration::seconds(5)) return;
  mark(context, key, decision);
}

const std::vector<Controller> kControllers = {{"mark", {Of::Node}, mark}};
const std::vector<Controller> kOthers = {{"mark", {Of::Node}, mark_otherwise}};
const std::vector<Controller> kRenamed = {{"renamed", {Of::Node}, mark}};

class JournalTest : public testing::Test {
 protected:
  static Loop ready() {
    state::Picture picture;
    picture.is_ready();
    return {std::move(picture.state), 7, kControllers};
  }

  void open(std::uint64_t bytes_max = kJournalBytesMax, std::uint64_t file_bytes = 0,
            std::size_t objects_per_turn = 250) {
    auto opened =
        Journal::open({.directory = directory,
                       .bytes_max = bytes_max,
                       .file_bytes = file_bytes,
                       .objects_per_turn = objects_per_turn,
                       .writer = "test",
                       .on_stop = [this](const Error& error) { told.push_back(error.text()); }});
    ASSERT_TRUE(opened) << opened.error().text();
    journal = *std::move(opened);
  }
  void turn(Loop& loop, const std::vector<state::Event>& events) {
    now = now + Duration::seconds(1);
    journal->before_turn(loop, events, now);
    journal->after_turn(loop, loop.turn(events, now));
  }
  state::Event node(int number, std::size_t label_bytes = 0) {
    kube::Node node = state::node("n" + std::to_string(number), "i-" + std::to_string(number));
    node.meta.resource_version = ++version;
    // Of no pattern: it takes its bytes in the file.
    Random random(version);
    std::string text;
    while (text.size() < label_bytes) text += random.uuid();
    if (!text.empty()) node.meta.labels.set("text", text);
    return state::Changed{std::move(node)};
  }
  // Ten of 300, so that a file opens with more of them than are written beside one turn.
  std::vector<state::Event> nodes(int turn) {
    std::vector<state::Event> events;
    for (int i = 0; i < 10; ++i) events.push_back(node((turn * 10 + i) % 300, 600));
    return events;
  }
  // The first difference of the files, "the same", or what is wrong with them.
  std::string replayed(std::span<const Controller> controllers = kControllers) const {
    for (const auto& file : journal_files(directory)) {
      auto replay = Replay::open(file, controllers);
      if (!replay) return replay.error().text();
      while (true) {
        const auto turn = (*replay)->next();
        if (!turn) return turn.error().text();
        if (!*turn) break;
        if ((*turn)->difference) {
          return "turn " + std::to_string((*turn)->number) + ": " + (*turn)->difference->wanted +
                 " | " + (*turn)->difference->got;
        }
      }
    }
    return "the same";
  }
  [[nodiscard]] std::size_t files() const { return journal_files(directory).size(); }
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t total = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      total += entry.file_size();
    return total;
  }

  client::ScratchFolder scratch;
  std::filesystem::path directory = scratch.path() / "journal";
  std::unique_ptr<Journal> journal;
  std::vector<std::string> told;
  Time now = kStart;
  std::uint64_t version = 1'000;
};

TEST_F(JournalTest, ItsTurnsGiveTheSameEffectsAgain) {
  open();
  Loop loop = ready();
  for (int i = 0; i < 5; ++i) turn(loop, {node(i)});
  turn(loop, {});
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(journal->figures().turns, 6U);
  EXPECT_EQ(journal->figures().events, 5U);
  EXPECT_EQ(replayed(), "the same");
}

TEST_F(JournalTest, ATurnThatDecidesOtherwiseIsTheFirstDifference) {
  open();
  Loop loop = ready();
  for (int i = 0; i < 8; ++i) turn(loop, {node(i)});
  EXPECT_THAT(replayed(kOthers), testing::AllOf(HasSubstr("turn 5: {"), HasSubstr("PatchNode"),
                                                testing::EndsWith("| ")));
}

TEST_F(JournalTest, AControllerThatIsNotThereAnyMoreIsNamed) {
  open();
  Loop loop = ready();
  loop.turn(std::vector{node(1)}, now);
  turn(loop, {node(2)});
  EXPECT_THAT(replayed(kRenamed), HasSubstr("there is no controller \"mark\""));
}

TEST_F(JournalTest, AnotherLoopBeginsAFileOfItsOwn) {
  open();
  {
    Loop first = ready();
    turn(first, {node(1)});
    turn(first, {node(2)});
  }
  Loop second = ready();
  turn(second, {node(3)});
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(replayed(), "the same");
}

TEST_F(JournalTest, ALoopThatEndsWhileAFileIsBegunLeavesNoneOfIt) {
  open(kJournalBytesMax, /*file_bytes=*/1, /*objects_per_turn=*/1);
  const auto begun = directory / "journal-000002.part";
  Loop first = ready();
  for (int i = 0; i < 100 && !std::filesystem::exists(begun); ++i) turn(first, {node(i, 600)});
  ASSERT_TRUE(std::filesystem::exists(begun));
  Loop second = ready();
  turn(second, {node(1)});
  EXPECT_FALSE(std::filesystem::exists(begun));
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(replayed(), "the same");
  EXPECT_EQ(told, std::vector<std::string>{});
}

TEST_F(JournalTest, MoreChangesThanAreWrittenBesideATurnPutNoFileOffForEver) {
  open(kJournalBytesMax, /*file_bytes=*/1, /*objects_per_turn=*/1);
  Loop loop = ready();
  for (int i = 0; i < 100; ++i) turn(loop, {node(2 * i, 600), node(2 * i + 1, 600)});
  EXPECT_GT(files(), 1U);
  EXPECT_EQ(replayed(), "the same");
}

// What is remembered of so many nodes is written by a thread, while turns go on.
TEST_F(JournalTest, ALargeMemoryIsWrittenBesideTheTurns) {
  open(kJournalBytesMax, /*file_bytes=*/1, /*objects_per_turn=*/1'000);
  Loop loop = ready();
  std::vector<state::Event> many;
  for (int i = 100; i < 2'200; ++i) many.push_back(node(i));
  turn(loop, many);
  for (int i = 0; i < 5'000 && files() < 2; ++i) turn(loop, {node(i % 100, 600)});
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(replayed(), "the same");
  EXPECT_EQ(told, std::vector<std::string>{});
}

TEST_F(JournalTest, WhatChangedAndWentWhileAFileWasBegunIsInItAsItIsThen) {
  open(kJournalBytesMax, /*file_bytes=*/1, /*objects_per_turn=*/2);
  Loop loop = ready();
  for (int i = 10; i < 90; ++i) turn(loop, {node(i, 600)});
  for (int i = 0; i < 40; ++i) {
    const auto gone = std::get<state::Changed>(node(10 + i)).object;
    turn(loop, {node(50 + i, 300),
                state::Gone{state::Kind::Node, {{}, state::meta_of(gone).name}, "", ++version}});
  }
  EXPECT_GT(files(), 1U);
  EXPECT_EQ(replayed(), "the same");
}

TEST_F(JournalTest, AnotherProcessGoesOnWithTheNextNumber) {
  open();
  Loop loop = ready();
  turn(loop, {node(1)});
  open();
  Loop other = ready();
  turn(other, {node(1)});
  EXPECT_EQ(journal_files(directory).back().filename(), "journal-000002.journal");
}

// Files are begun while turns go on, each replays alone, and the oldest go.
TEST_F(JournalTest, AFullFileIsFollowedByTheNextWithinBounds) {
  open(kJournalBytesLeast);
  Loop loop = ready();
  for (int i = 0; i < 300; ++i) turn(loop, nodes(i));
  EXPECT_GT(journal->figures().files, 4U);
  EXPECT_LE(bytes(), kJournalBytesLeast * 11 / 10);
  EXPECT_GT(journal_files(directory).front().filename(), "journal-000001.journal");
  EXPECT_EQ(replayed(), "the same");
  EXPECT_EQ(told, std::vector<std::string>{});
}

// Of turns that came while the file was begun, too: here each turn brings another price.
TEST_F(JournalTest, AFileOpensWithThePricesThatHoldThen) {
  open(kJournalBytesLeast);
  Loop loop({{.cluster = "ml"}, hyperpod::InstanceTypes::of({{.name = "ml.g5.xlarge"}})}, 7,
            kControllers);
  for (int i = 1; i <= 100; ++i) {
    std::vector<state::Event> events = nodes(i);
    events.emplace_back(state::Priced{{{"ml.g5.xlarge", {hyperpod::MicroDollars(i), false}}}});
    turn(loop, events);
  }
  ASSERT_GT(files(), 1U);
  for (const auto& file : journal_files(directory)) {
    const auto replay = Replay::open(file, kControllers);
    ASSERT_TRUE(replay) << replay.error().text();
    const std::uint64_t turns = (*replay)->loop().turns();
    if (turns == 0) continue;
    const auto* type = (*replay)->loop().state().instance_types().find("ml.g5.xlarge");
    EXPECT_EQ(type->on_demand->per_hour.micros(), static_cast<std::int64_t>(turns));
  }
}

TEST_F(JournalTest, ADirectoryThatIsRemovedStopsItOnceAndTheLoopGoesOn) {
  open();
  Loop loop = ready();
  turn(loop, {node(1)});
  std::filesystem::remove_all(directory);
  turn(loop, {node(2)});
  turn(loop, {node(3)});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("it was removed"));
  EXPECT_TRUE(journal->is_stopped());
  EXPECT_EQ(loop.turns(), 3U);
}

TEST_F(JournalTest, ATurnThatEndedTheProcessIsInTheFile) {
  open();
  Loop loop = ready();
  turn(loop, {node(1)});
  journal->before_turn(loop, std::vector{node(2)}, now + Duration::seconds(1));
  auto replay = Replay::open(journal_files(directory).front(), kControllers);
  ASSERT_TRUE(replay);
  ASSERT_FALSE((*replay)->next().value()->is_cut_off);
  const auto last = (*replay)->next().value();
  EXPECT_TRUE(last->is_cut_off);
  EXPECT_EQ(last->effects.size(), 1U);
  EXPECT_FALSE(last->difference);
}

TEST_F(JournalTest, DamageNamesTheLastTurnBeforeItWhosePictureCanBeSeen) {
  open();
  Loop loop = ready();
  for (int i = 1; i <= 3; ++i) turn(loop, {node(i)});
  const auto file = journal_files(directory).front();
  const auto good = static_cast<std::streamoff>(std::filesystem::file_size(file));
  for (int i = 4; i <= 6; ++i) turn(loop, {node(i)});
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(good + 7).put('\0');

  auto replay = Replay::open(file, kControllers);
  ASSERT_TRUE(replay);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE((*replay)->next());
  const auto damaged = (*replay)->next();
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().remedy(), HasSubstr(file.string() + " --until 3"));
}

TEST_F(JournalTest, DamageBeforeTheFirstTurnNamesNone) {
  open();
  Loop loop = ready();
  for (int i = 1; i <= 3; ++i) turn(loop, {node(i)});
  const auto file = journal_files(directory).front();
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(40).put('\0');
  const auto replay = Replay::open(file, kControllers);
  ASSERT_FALSE(replay);
  EXPECT_THAT(replay.error().remedy(), testing::Not(HasSubstr("--until")));
}

TEST_F(JournalTest, WhereItCannotWriteItIsNotOpened) {
  std::ofstream(directory) << "a file";
  const auto opened = Journal::open({.directory = directory, .writer = "test"});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text(), HasSubstr("cannot be written to"));
  EXPECT_FALSE(Journal::open({.directory = scratch.path(), .bytes_max = 10, .writer = "test"}));
}

TEST_F(JournalTest, WhatWasBegunByAnEarlierProcessIsSweptAway) {
  std::filesystem::create_directory(directory);
  std::ofstream(directory / "journal-000009.part") << "half";
  std::ofstream(directory / "notes.txt") << "mine";
  open();
  EXPECT_FALSE(std::filesystem::exists(directory / "journal-000009.part"));
  EXPECT_TRUE(std::filesystem::exists(directory / "notes.txt"));
}

}  // namespace
}  // namespace hyperwright::runtime
