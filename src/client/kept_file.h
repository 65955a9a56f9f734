// A small file that is kept from run to run, and written on a thread of its own: a disk that hangs
// holds nobody up. Of the texts that come while one is written the newest counts.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::client {

class KeptFile {
 public:
  using Write = std::function<Status(const std::string& text)>;
  using Failed = std::function<void(const Error&)>;

  // `failed` is told, on a thread of this class, of each text that could not be written; it must
  // not call back. `patience` is what the end of this object waits for the disk, at most: what the
  // file said before then stays, because it is replaced at once or not at all.
  KeptFile(std::filesystem::path path, Failed failed, Duration patience = Duration::seconds(2));
  KeptFile(Write write, Failed failed, Duration patience);
  ~KeptFile();
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

  // From any thread; returns at once.
  void keep(std::string text);

 private:
  class State;
  std::shared_ptr<State> state_;  // shared with the thread, which a disk may hold for ever
  const Duration patience_;
};

}  // namespace hyperwright::client
