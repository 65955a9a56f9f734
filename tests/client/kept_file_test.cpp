#include "client/kept_file.h"

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/file_text.h"
#include "tests/client/scratch_folder.h"

namespace hyperwright::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Duration kLong = Duration::minutes(1);

void never(const Error& error) { ADD_FAILURE() << error.text(); }

// Hangs from the first write on, until it is let go.
class HangingDisk {
 public:
  Status write(const std::string& text) {
    if (!is_begun_.exchange(true)) begun_.set_value();
    go_.wait();
    const std::lock_guard lock(mutex_);
    written_.push_back(text);
    return {};
  }
  void wait_until_it_hangs() { begun_.get_future().wait(); }
  void let_go() { let_go_.set_value(); }
  [[nodiscard]] std::vector<std::string> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  std::atomic<bool> is_begun_ = false;
  std::promise<void> begun_, let_go_;
  const std::shared_future<void> go_ = let_go_.get_future().share();
  std::mutex mutex_;
  std::vector<std::string> written_;
};

KeptFile::Write write_to(const std::shared_ptr<HangingDisk>& disk) {
  return [disk](const std::string& text) { return disk->write(text); };
}

TEST(KeptFile, HoldsTheTextThatWasGivenLast) {
  const ScratchFolder folder;
  for (const char* text : {"first", "second"}) {
    KeptFile(folder.path() / "kept", never, kLong).keep(text);
    EXPECT_EQ(read_file_text(folder.path() / "kept").value(), text);
  }
}

TEST(KeptFile, WhileADiskHangsTextsComeAndTheNewestIsWritten) {
  const auto disk = std::make_shared<HangingDisk>();
  {
    KeptFile file(write_to(disk), never, kLong);
    file.keep("first");
    disk->wait_until_it_hangs();
    file.keep("second");
    file.keep("third");
    disk->let_go();
  }
  EXPECT_THAT(disk->written(), ElementsAre("first", "third"));
}

TEST(KeptFile, TheEndWaitsForADiskThatHangsNoLongerThanItsPatience) {
  const auto disk = std::make_shared<HangingDisk>();
  {
    KeptFile file(write_to(disk), never, Duration());
    file.keep("first");
    disk->wait_until_it_hangs();
  }
  EXPECT_THAT(disk->written(), ElementsAre());
  disk->let_go();
}

TEST(KeptFile, WhatCannotBeWrittenIsTold) {
  const ScratchFolder folder;
  std::promise<std::string> told;
  KeptFile file(
      folder.path() / "nowhere" / "kept", [&](const Error& error) { told.set_value(error.text()); },
      kLong);
  file.keep("text");
  EXPECT_THAT(told.get_future().get(), HasSubstr("kept: cannot be written: No such file"));
}

}  // namespace
}  // namespace hyperwright::client
