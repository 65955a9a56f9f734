// One file: what is appended is read again, whatever happened to its end.
#include "runtime/journal_file.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/full_disk.h"
#include "tests/client/scratch_folder.h"

namespace hyperwright::runtime {
namespace {

using testing::HasSubstr;

class JournalFileTest : public testing::Test {
 protected:
  const client::ScratchFolder folder;
  std::filesystem::path path = folder.path() / "file";

  void write(const std::vector<std::string>& records) const {
    auto writer = JournalFileWriter::create(path);
    ASSERT_TRUE(writer) << writer.error().text();
    for (const std::string& record : records) ASSERT_TRUE((*writer)->append(record));
    EXPECT_EQ((*writer)->bytes(), std::filesystem::file_size(path));
  }
  struct Read {
    std::vector<std::string> records;
    std::uint64_t torn = 0;
    std::string problem;
  };
  [[nodiscard]] Read read() const {
    Read read;
    auto reader = JournalFileReader::open(path);
    if (!reader) {
      read.problem = reader.error().text();
      return read;
    }
    while (true) {
      auto record = (*reader)->next();
      if (!record) {
        read.problem = record.error().text();
        return read;
      }
      if (!*record) break;
      read.records.push_back(**std::move(record));
    }
    read.torn = (*reader)->torn_bytes();
    return read;
  }
  [[nodiscard]] std::string bytes() const {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  void put_bytes(const std::string& bytes) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
};

const std::vector<std::string> kRecords = {"one", std::string(100'000, 'x') + "two",
                                           std::string("three\0four", 10), "five"};

TEST_F(JournalFileTest, RecordsAreReadAsTheyWereAppended) {
  write(kRecords);
  const Read found = read();
  EXPECT_EQ(found.records, kRecords);
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.torn, 0U);
}

TEST_F(JournalFileTest, WhatWasSaidBeforeCostsLittle) {
  const std::string long_text =
      R"({"changed":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-7f9c-x2v9k"}}})";
  write({long_text, long_text, long_text});
  EXPECT_LT(bytes().size(), long_text.size() + 70);
}

// Wherever the process or the machine stopped, the whole records before it are there.
TEST_F(JournalFileTest, ATornEndIsLeftOutWhereverItIsTorn) {
  write({"first", "second"});
  const std::string two = bytes();
  std::filesystem::remove(path);
  write({"first"});
  const std::size_t one = bytes().size();
  for (std::size_t size = one; size < two.size(); ++size) {
    put_bytes(two.substr(0, size));
    const Read found = read();
    EXPECT_EQ(found.records, std::vector<std::string>{"first"}) << size;
    EXPECT_EQ(found.torn, size - one);
    EXPECT_EQ(found.problem, "");
  }
  put_bytes(two + std::string(500, '\0'));
  EXPECT_EQ(read().records.size(), 2U) << "a machine that went down may leave zeros";
  EXPECT_EQ(read().torn, 500U);
}

// Each byte of a record in the middle, changed: it is told, and never read as something else.
TEST_F(JournalFileTest, DamageIsToldAndNeverPlayed) {
  write({"first", "second", "third"});
  const std::string good = bytes();
  const std::size_t head = good.find('\n') + 1;
  std::size_t told = 0;
  for (std::size_t at = head; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x21);
    put_bytes(bad);
    const Read found = read();
    told += found.problem.empty() ? 0U : 1U;
    EXPECT_TRUE(!found.problem.empty() || found.torn > 0) << at;
    for (std::size_t i = 0; i < found.records.size(); ++i)
      EXPECT_EQ(found.records[i], (std::vector<std::string>{"first", "second", "third"}.at(i)));
  }
  EXPECT_GT(told, 10U);
}

TEST_F(JournalFileTest, WhatIsNoJournalOrOfAnotherVersionIsToldApart) {
  EXPECT_THAT(read().problem, HasSubstr("cannot be read"));
  put_bytes("kind: Pod\n");
  EXPECT_THAT(read().problem, HasSubstr("is no journal"));
  put_bytes("");
  EXPECT_THAT(read().problem, HasSubstr("is no journal"));
  put_bytes("hyperwright-journal 7\n");
  EXPECT_THAT(read().problem, HasSubstr("of version 7; this program reads version 1"));
}

TEST_F(JournalFileTest, ItIsForItsOwnerAlone) {
  write({});
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(JournalFileWriter::create(path)) << "an older file is never written over";
}

TEST_F(JournalFileTest, AFileThatWasRemovedIsNotWrittenOn) {
  auto writer = JournalFileWriter::create(path);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append("one"));
  std::filesystem::remove(path);
  const auto written = (*writer)->append("two");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().text(), HasSubstr("it was removed"));
}

// Past its largest size a file takes no more bytes, as on a full disk.
TEST_F(JournalFileTest, ADiskThatTakesNoMoreIsToldAndWhatWasWrittenStays) {
  auto writer = JournalFileWriter::create(path);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->append("one"));
  const auto written = [&] {
    const client::FullDisk nearly((*writer)->bytes() + 5);
    return (*writer)->append("two, which is longer than what is left");
  }();
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().text(), HasSubstr("File too large"));
  EXPECT_EQ(read().records, std::vector<std::string>{"one"});
}

}  // namespace
}  // namespace hyperwright::runtime
