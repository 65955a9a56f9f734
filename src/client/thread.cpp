#include "client/thread.h"

#include <csignal>
#include <utility>

namespace hyperwright::client {

std::thread start_thread(std::function<void()> work) {
  // A thread begins with its maker's mask.
  sigset_t all{}, before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace hyperwright::client
