#include "server/state_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sqlite3.h>

#include "tests/client/full_disk.h"
#include "tests/server/state_folder.h"

namespace hyperwright::server {
namespace {

using service::Changes;
using service::RecordKind;
using service::Row;
using testing::ElementsAre;
using testing::HasSubstr;

const Row kService{0, RecordKind::Service, 0, R"({"region":"us-east-1"})"};
const Row kCluster{1, RecordKind::Cluster, 1, R"({"name":"hp1"})"};
const Row kNode{2, RecordKind::Node, 1, R"({"group":"gpu"})"};
const Row kOutput{3, RecordKind::NodeOutput, 0, R"({"output":{}})"};

// What another program does to the file.
void execute(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  check(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "the test opens the file");
  check(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, "its SQL is right");
  sqlite3_close(database);
}

class StateFileTest : public testing::Test {
 protected:
  std::string refusal() {
    const auto file = StateFile::open(folder.file());
    if (file) return "";
    code = file.error().code();
    return file.error().text();
  }
  void write(const Changes& changes) {
    auto file = StateFile::open(folder.file());
    ASSERT_TRUE(file) << file.error().text();
    ASSERT_TRUE(file->write(changes));
  }
  std::string bytes() {
    std::ifstream file(folder.file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<Row> read() { return StateFile::open(folder.file()).value().read().value(); }

  StateFolder folder;
  ErrorCode code = ErrorCode::Internal;
};

TEST_F(StateFileTest, WhatIsWrittenIsThereAfterwardsByNumber) {
  EXPECT_TRUE(read().empty());
  write({.written = {kNode, kCluster, kOutput, kService}});
  EXPECT_THAT(read(), ElementsAre(kService, kCluster, kNode, kOutput));
}

TEST_F(StateFileTest, ErasedRowsGoAndWrittenOnesTakeTheirPlace) {
  write({.written = {kService, kCluster, kNode, kOutput}});
  Row changed = kNode;
  changed.record = R"({"group":"mix"})";
  write({.erased = {3, 99}, .written = {changed}});
  EXPECT_THAT(read(), ElementsAre(kService, kCluster, changed));
  write({.erased_clusters = {1}, .erased = {}, .written = {kOutput}});
  EXPECT_THAT(read(), ElementsAre(kService, kOutput));
}

TEST_F(StateFileTest, OneServiceAtATimeHasIt) {
  const auto first = StateFile::open(folder.file());
  ASSERT_TRUE(first);
  EXPECT_THAT(refusal(), HasSubstr("locked"));
  EXPECT_EQ(code, ErrorCode::Conflict);
}

TEST_F(StateFileTest, FileThatIsNoDatabaseIsRefused) {
  std::ofstream(folder.file()) << std::string(5000, 'x');
  EXPECT_THAT(refusal(), HasSubstr("file is not a database"));
  EXPECT_EQ(code, ErrorCode::Invalid);
}

TEST_F(StateFileTest, DatabaseOfAnotherProgramIsRefused) {
  execute(folder.file(), "CREATE TABLE songs (title TEXT)");
  const std::string before = bytes();
  EXPECT_THAT(refusal(), HasSubstr("another program"));
  EXPECT_EQ(code, ErrorCode::Invalid);
  EXPECT_EQ(bytes(), before);
}

TEST_F(StateFileTest, NewerVersionIsRefused) {
  write({.written = {kService}});
  execute(folder.file(), "PRAGMA user_version = 2");
  EXPECT_THAT(refusal(), HasSubstr("it has version 2, and this program reads version 1"));
  EXPECT_EQ(code, ErrorCode::Invalid);
}

TEST_F(StateFileTest, FolderThatIsNotThereIsTold) {
  const auto file = StateFile::open(folder.file() + "/none/state.db");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().remedy(), HasSubstr("see that the folder is there"));
}

TEST_F(StateFileTest, FullDiskWritesNothingAndLaterEverything) {
  auto file = StateFile::open(folder.file());
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write({.written = {kService, kCluster}}));
  const Changes changes{.erased = {1}, .written = {kNode, kOutput}};
  Status written;
  {
    const client::FullDisk full;
    written = file->write(changes);
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(file->read().value(), ElementsAre(kService, kCluster)) << "nothing is half done";
  ASSERT_TRUE(file->write(changes));
  EXPECT_THAT(file->read().value(), ElementsAre(kService, kNode, kOutput));
}

// Whatever bytes are in the file, it is read or refused.
RC_GTEST_PROP(StateFile, DamagedFileNeverStopsTheProcess, ()) {
  const StateFolder folder;
  {
    auto file = StateFile::open(folder.file()).value();
    Changes changes{.written = {kService, kCluster}};
    for (std::uint64_t i = 2; i < 200; ++i)
      changes.written.push_back({i, RecordKind::Node, 1, kNode.record});
    RC_ASSERT(file.write(changes).has_value());
  }
  std::fstream bytes(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(0, std::ios::end);
  const auto size = static_cast<int>(bytes.tellg());
  for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
    bytes.seekp(*rc::gen::inRange(0, size));
    bytes.put(static_cast<char>(*rc::gen::inRange(0, 256)));
  }
  bytes.close();
  const auto file = StateFile::open(folder.file());
  if (file) (void)file->read().has_value();
}

}  // namespace
}  // namespace hyperwright::server
