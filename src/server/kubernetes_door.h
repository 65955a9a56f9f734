// The HTTP front door of the simulated Kubernetes API.
//
// The model lives on one thread, its owner's (the simulation's). Requests come in on the server's
// thread and are handed over by `run_on_owner`; they are answered from there, at the time that
// `now` gives. Watches stay with the door: the owner calls `notify` after it has changed the model,
// and every watch gets its lines at once. Watch time-outs and bookmarks go by the wall clock: call
// `tick` about once a second.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/time.h"
#include "server/http_server.h"
#include "sim/kubernetes_api.h"

namespace hyperwright::server {

class KubernetesDoor {
 public:
  using WallTime = std::chrono::steady_clock::time_point;
  using RunOnOwner = std::function<void(std::function<void()>)>;

  static constexpr std::chrono::seconds kBookmarkInterval{30};
  static constexpr std::chrono::seconds kWatchTimeout{3600};  // for clients that name none

  // `api` outlives every task that was handed to `run_on_owner`. `now` is called on the owner's
  // thread.
  KubernetesDoor(sim::KubernetesApi& api, std::function<Time()> now, RunOnOwner run_on_owner);

  // The server's handler; any thread.
  void handle(HttpRequest request, HttpReply reply);
  // On the owner's thread, after changes that did not come through this door.
  void notify();
  // Any thread.
  void tick(WallTime wall);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hyperwright::server
