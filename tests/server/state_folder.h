// A folder of its own for a test of the state file, and a disk that is full while one asks for it.
#pragma once

#include <csignal>

#include <sys/resource.h>

#include "tests/client/scratch_folder.h"

namespace hyperwright::server {

class StateFolder {
 public:
  [[nodiscard]] std::string file() const { return (folder_.path() / "state.db").string(); }

 private:
  client::ScratchFolder folder_;
};

// No file of this process may grow as long as this lives.
class FullDisk {
 public:
  FullDisk() {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    check(getrlimit(RLIMIT_FSIZE, &before_) == 0, "limits can be read");
    rlimit full = before_;
    full.rlim_cur = 0;
    check(setrlimit(RLIMIT_FSIZE, &full) == 0, "limits can be set");
  }
  ~FullDisk() { (void)setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace hyperwright::server
