// A window of calls to Kubernetes: so many at once, the rest waits its turn.
//
// An API server answers a burst no sooner for getting all of it at once: its cores are shared
// out, every answer comes late, and a connection is opened for each. So of what is asked, a few
// calls are open, over connections that are used again, and what changes the cluster (Act) goes
// before what only tells of it (Tell: statuses and events). A claim's creation does not wait for
// the status of the claim before it.
//
//   1. At most `at_once` calls are open, of them at most `tells_at_once` that only tell.
//   2. No Tell begins while an Act waits; within a rank the first asked is the first begun.
//   3. The deadline of a call begins with the call, not with its wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "client/kubernetes_client.h"

namespace hyperwright::client {

class CallWindow {
 public:
  enum class Rank : std::uint8_t { Act, Tell };
  struct Limits {
    std::size_t at_once = 32;
    std::size_t tells_at_once = 8;
  };

  // The client outlives this.
  CallWindow(KubernetesClient& client, Limits limits);
  // Forgets what waits, whose `done` is never called. What is open ends as HttpClient says.
  ~CallWindow();
  CallWindow(const CallWindow&) = delete;
  CallWindow& operator=(const CallWindow&) = delete;

  // From any thread, also from a `done`, which is called on the HTTP client's thread.
  void call(Rank rank, KubernetesRequest request, HttpClient::Done done);

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with the calls that are open
};

}  // namespace hyperwright::client
