// The HTTP front door of the HyperPod service. The model lives on its owner's thread: requests come
// in on the server's thread, are handed over by `run_on_owner`, and are called there at the time
// that `now` gives. The answers wait for the owner's word, release() or refuse(): an owner that
// keeps the model on disk writes once for all calls that came in together, and nobody is told what
// is not written yet.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "server/http_server.h"
#include "service/hyperpod_service.h"

namespace hyperwright::server {

class HyperPodDoor {
 public:
  using RunOnOwner = std::function<void(std::function<void()>)>;

  // `service` outlives every task that was handed to `run_on_owner`. `now` is called on the owner's
  // thread.
  HyperPodDoor(service::HyperPodService& service, std::function<Time()> now,
               RunOnOwner run_on_owner);

  // The server's handler; any thread.
  void handle(HttpRequest request, HttpReply reply);

  // The owner: sends the answers that wait, or `instead` of each of them.
  void release();
  void refuse(const service::Answer& instead);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hyperwright::server
