#include "client/kept_file.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "client/file_text.h"
#include "client/thread.h"

namespace hyperwright::client {

class KeptFile::State {
 public:
  State(Write write, Failed failed) : write_(std::move(write)), failed_(std::move(failed)) {}

  // True: nobody writes yet, the caller starts who does.
  bool put(std::string text) {
    const std::lock_guard lock(mutex_);
    next_ = std::move(text);
    return !std::exchange(is_writing_, true);
  }

  void write() {
    std::unique_lock lock(mutex_);
    while (next_ && !is_ended_) {
      const std::string text = *std::exchange(next_, std::nullopt);
      lock.unlock();
      const Status written = write_(text);
      lock.lock();
      if (!written && !is_ended_) failed_(written.error());
    }
    is_writing_ = false;
    rests_.notify_all();
  }

  void end(Duration patience) {
    std::unique_lock lock(mutex_);
    rests_.wait_for(lock, std::chrono::microseconds(patience.in_microseconds()),
                    [this] { return !is_writing_; });
    is_ended_ = true;
  }

 private:
  const Write write_;
  const Failed failed_;
  std::mutex mutex_;
  std::condition_variable rests_;
  std::optional<std::string> next_;
  bool is_writing_ = false;
  bool is_ended_ = false;
};

KeptFile::KeptFile(std::filesystem::path path, Failed failed, Duration patience)
    : KeptFile([path = std::move(path)](
                   const std::string& text) { return replace_file_text(path, text); },
               std::move(failed), patience) {}

KeptFile::KeptFile(Write write, Failed failed, Duration patience)
    : state_(std::make_shared<State>(std::move(write), std::move(failed))), patience_(patience) {}

KeptFile::~KeptFile() { state_->end(patience_); }

void KeptFile::keep(std::string text) {
  if (state_->put(std::move(text))) start_thread([state = state_] { state->write(); }).detach();
}

}  // namespace hyperwright::client
