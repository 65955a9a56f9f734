#include "server/hyperpod_door.h"

#include <utility>

#include "server/hyperpod_http.h"

namespace hyperwright::server {

struct HyperPodDoor::State {
  service::HyperPodService& service;
  std::function<Time()> now;
  RunOnOwner run_on_owner;
  std::function<void()> after_call;
};

HyperPodDoor::HyperPodDoor(service::HyperPodService& service, std::function<Time()> now,
                           RunOnOwner run_on_owner, std::function<void()> after_call)
    : state_(std::make_shared<State>(
          State{service, std::move(now), std::move(run_on_owner), std::move(after_call)})) {}

// By value, as every door.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void HyperPodDoor::handle(HttpRequest request, HttpReply reply) {
  auto read = read_hyperpod_request(request);
  if (auto* response = std::get_if<HttpResponse>(&read)) {
    reply.send(std::move(*response));
    return;
  }
  state_->run_on_owner([state = state_, call = std::move(std::get<HyperPodRequest>(read)),
                        reply = std::move(reply)] {
    const service::Answer answer = state->service.call(call.operation, call.body, state->now());
    reply.send(write_hyperpod_answer(answer, call.protocol));
    state->after_call();
  });
}

}  // namespace hyperwright::server
