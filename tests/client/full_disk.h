// A disk that is full as long as this lives: no file of this process may grow beyond `bytes_max`.
#pragma once

#include <csignal>

#include <sys/resource.h>

#include "base/error.h"

namespace hyperwright::client {

class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes_max = 0) {
    (void)std::signal(SIGXFSZ, SIG_IGN);
    check(getrlimit(RLIMIT_FSIZE, &before_) == 0, "limits can be read");
    rlimit full = before_;
    full.rlim_cur = bytes_max;
    check(setrlimit(RLIMIT_FSIZE, &full) == 0, "limits can be set");
  }
  ~FullDisk() { (void)setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace hyperwright::client
