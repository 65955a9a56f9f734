#include "client/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::ElementsAre;

TEST(CommandLine, IsSplitAsAShellSplitsIt) {
  EXPECT_THAT(split_command_line("  a  b\tc ").value(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_command_line(R"(a 'b c' "d \"e\" \n" '')").value(),
              ElementsAre("a", "b c", R"(d "e" \n)", ""));
  EXPECT_THAT(split_command_line(R"(a\ b 'c'd"e")").value(), ElementsAre("a b", "cde"));
}

TEST(CommandLine, AnOpenQuoteAndNoWordAreErrors) {
  EXPECT_FALSE(split_command_line("a 'b"));
  EXPECT_FALSE(split_command_line("  "));
}

}  // namespace
}  // namespace hyperwright::client
