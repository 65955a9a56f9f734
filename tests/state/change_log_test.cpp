#include "state/change_log.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::state {
namespace {

using Entry = ChangeLog::Entry;

std::vector<Entry> read(const ChangeLog& log, ChangeLog::Position from) {
  const auto entries = log.since(from);
  return entries ? std::vector<Entry>(entries->begin(), entries->end()) : std::vector<Entry>{};
}

TEST(ChangeLog, AReaderGetsWhatCameSinceItLastRead) {
  ChangeLog log;
  log.add(false, "node");
  const ChangeLog::Position position = log.end();
  log.add(true, "claim");
  log.add(false, "node");
  EXPECT_THAT(read(log, position),
              testing::ElementsAre(Entry{true, "claim"}, Entry{false, "node"}));
  EXPECT_THAT(read(log, log.end()), testing::IsEmpty());
}

TEST(ChangeLog, WhoHasNeverReadIsToldToLookAtEverything) {
  ChangeLog log;
  EXPECT_FALSE(log.since(ChangeLog::kUnknown).has_value());
}

TEST(ChangeLog, WhoFellFarBehindIsToldToLookAtEverything) {
  ChangeLog log;
  log.add(false, "first");
  const ChangeLog::Position early = log.end();
  for (int i = 0; i < 200'000; ++i) log.add(false, "busy");
  const ChangeLog::Position late = log.end();
  log.add(false, "last");
  EXPECT_FALSE(log.since(early).has_value());
  EXPECT_THAT(read(log, late), testing::ElementsAre(Entry{false, "last"}));
}

}  // namespace
}  // namespace hyperwright::state
