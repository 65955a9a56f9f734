#include "server/kubernetes_door.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sim/kubernetes_http.h"

namespace hyperwright::server {
namespace {

struct OpenWatch {
  sim::Watch watch;
  HttpReply reply;
  KubernetesDoor::WallTime ends;
  KubernetesDoor::WallTime next_bookmark;
};

HttpResponse to_http(sim::ApiResponse response) {
  return {.status = response.status,
          .content_type = std::move(response.content_type),
          .headers = std::move(response.headers),
          .body = std::move(response.body)};
}

}  // namespace

// Touched on the owner's thread only, but for `run_on_owner`.
struct KubernetesDoor::State {
  sim::KubernetesApi& api;
  std::function<Time()> now;
  RunOnOwner run_on_owner;
  std::vector<OpenWatch> watches;
  std::uint64_t told = 0;  // every watch has seen the changes up to this resource version

  void answer(const sim::ApiRequest& request, const HttpReply& reply);
  void push(OpenWatch& watch) {
    std::string lines = watch.watch.next_lines(api, now());
    if (!lines.empty()) watch.reply.write(std::move(lines));
  }
  void push_all() {
    if (told == api.resource_version()) return;
    told = api.resource_version();
    for (OpenWatch& watch : watches) push(watch);
    drop_finished();
  }
  void drop_finished() {
    std::erase_if(watches, [](const OpenWatch& watch) {
      if (watch.watch.is_over()) watch.reply.finish();
      return watch.watch.is_over() || !watch.reply.is_open();
    });
  }
  void tick(WallTime wall);
};

void KubernetesDoor::State::answer(const sim::ApiRequest& request, const HttpReply& reply) {
  sim::Handled handled = sim::handle(api, request, now());
  if (!handled.watch) {
    reply.send(to_http(std::move(handled.response)));
    push_all();
    return;
  }
  push_all();
  const auto timeout = handled.watch->options().timeout_seconds;
  const WallTime wall = std::chrono::steady_clock::now();
  const std::chrono::seconds lasts = timeout && *timeout > 0
                                         ? std::min(std::chrono::seconds(*timeout), kWatchTimeout)
                                         : kWatchTimeout;
  OpenWatch watch{*std::move(handled.watch), reply, wall + lasts, wall + kBookmarkInterval};
  HttpResponse head = to_http(std::move(handled.response));
  head.body = watch.watch.next_lines(api, now());
  reply.start_stream(std::move(head));
  watches.push_back(std::move(watch));
  drop_finished();
}

void KubernetesDoor::State::tick(WallTime wall) {
  for (OpenWatch& watch : watches) {
    const bool is_ending = wall >= watch.ends;
    if (!is_ending && wall < watch.next_bookmark) continue;
    watch.next_bookmark = wall + kBookmarkInterval;
    push(watch);
    // The last bookmark lets the client begin its next watch where this one ended.
    watch.reply.write(watch.watch.bookmark(api));
    if (is_ending) watch.reply.finish();
  }
  std::erase_if(watches, [&](const OpenWatch& watch) { return wall >= watch.ends; });
  drop_finished();
}

KubernetesDoor::KubernetesDoor(sim::KubernetesApi& api, std::function<Time()> now,
                               RunOnOwner run_on_owner)
    : state_(std::make_shared<State>(State{api, std::move(now), std::move(run_on_owner), {}, 0})) {}

void KubernetesDoor::handle(HttpRequest request, HttpReply reply) {
  sim::ApiRequest asked{.method = std::move(request.method),
                        .path = std::move(request.path),
                        .query = std::move(request.query),
                        .content_type = std::string(request.header("content-type")),
                        .accept = std::string(request.header("accept")),
                        .body = std::move(request.body)};
  state_->run_on_owner([state = state_, asked = std::move(asked), reply = std::move(reply)] {
    state->answer(asked, reply);
  });
}

void KubernetesDoor::notify() { state_->push_all(); }

void KubernetesDoor::tick(WallTime wall) {
  state_->run_on_owner([state = state_, wall] { state->tick(wall); });
}

}  // namespace hyperwright::server
