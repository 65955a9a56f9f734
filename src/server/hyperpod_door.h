// The HTTP front door of the HyperPod service. The model lives on its owner's thread: requests come
// in on the server's thread, are handed over by `run_on_owner`, and are answered from there at the
// time that `now` gives.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"
#include "server/http_server.h"
#include "service/hyperpod_service.h"

namespace hyperwright::server {

class HyperPodDoor {
 public:
  using RunOnOwner = std::function<void(std::function<void()>)>;

  // `service` outlives every task that was handed to `run_on_owner`. `now` and `after_call` are
  // called on the owner's thread; after_call is where the owner takes the service's outputs and its
  // next wake.
  HyperPodDoor(service::HyperPodService& service, std::function<Time()> now,
               RunOnOwner run_on_owner, std::function<void()> after_call);

  // The server's handler; any thread.
  void handle(HttpRequest request, HttpReply reply);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hyperwright::server
