// A window of calls to Kubernetes: so many at once, so many a second, the rest waits its turn.
//
// An API server answers a burst no sooner for getting all of it at once: its cores are shared
// out, every answer comes late, and a connection is opened for each. So of what is asked, a few
// calls are open, over connections that are used again, and what changes the cluster (Act) goes
// before what only tells of it (Tell: statuses and events). A claim's creation does not wait for
// the status of the claim before it.
//
//   1. At most `at_once` calls are open, of them at most `tells_at_once` that only tell.
//   2. No Tell begins while an Act waits; within a rank the first asked is the first begun.
//   3. Calls begin at `per_second` on average, and `burst` of them at once after a rest:
//   client-go's
//      QPS and Burst. Lists, watches and the Lease are not counted: they go past this window, so
//      that no flood of calls makes the picture old or the Lease lost.
//   4. A server that is overloaded (429 with Retry-After) is left alone for that long by all calls,
//      and then the refused one goes first; after five refusals its answer is the caller's. The 429
//      of an eviction that a PodDisruptionBudget forbids is an answer like another.
//   5. The deadline of a call begins with the call, not with its wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "client/kubernetes_client.h"

namespace hyperwright::client {

class CallWindow {
 public:
  enum class Rank : std::uint8_t { Act, Tell };
  // The rates are Karpenter's defaults.
  struct Limits {
    std::size_t at_once = 32;
    std::size_t tells_at_once = 8;
    std::int64_t per_second = 200;
    std::int64_t burst = 300;
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

// How long a server that refused this request as overloaded wants to be left alone; nullopt: it is
// not overloaded. Pure.
std::optional<Duration> overload_pause(const KubernetesRequest& request,
                                       const HttpResponse& answer);

}  // namespace hyperwright::client
