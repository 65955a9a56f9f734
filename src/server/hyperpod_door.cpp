#include "server/hyperpod_door.h"

#include <utility>

#include "server/hyperpod_http.h"

namespace hyperwright::server {

struct HyperPodDoor::State {
  struct Waiting {
    HttpReply reply;
    service::Answer answer;
    HyperPodProtocol protocol;
  };
  service::HyperPodService& service;
  std::function<Time()> now;
  RunOnOwner run_on_owner;
  std::vector<Waiting> waiting{};
};

HyperPodDoor::HyperPodDoor(service::HyperPodService& service, std::function<Time()> now,
                           RunOnOwner run_on_owner)
    : state_(std::make_shared<State>(State{service, std::move(now), std::move(run_on_owner)})) {}

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
    state->waiting.push_back(
        {.reply = reply,
         .answer = state->service.call(call.operation, call.body, state->now()),
         .protocol = call.protocol});
  });
}

void HyperPodDoor::release() {
  for (const State::Waiting& call : std::exchange(state_->waiting, {}))
    call.reply.send(write_hyperpod_answer(call.answer, call.protocol));
}

void HyperPodDoor::refuse(const service::Answer& instead) {
  for (const State::Waiting& call : std::exchange(state_->waiting, {}))
    call.reply.send(write_hyperpod_answer(instead, call.protocol));
}

}  // namespace hyperwright::server
