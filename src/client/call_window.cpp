#include "client/call_window.h"

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace hyperwright::client {

class CallWindow::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(KubernetesClient& client, Limits limits) : client_(client), limits_(limits) {}

  void ask(Rank rank, KubernetesRequest request, HttpClient::Done done) {
    {
      const std::lock_guard lock(mutex_);
      waiting(rank).push_back({rank, std::move(request), std::move(done)});
    }
    begin_what_may();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    for (auto& calls : waiting_) calls.clear();
    is_stopped_ = true;
  }

 private:
  struct Call {
    Rank rank;
    KubernetesRequest request;
    HttpClient::Done done;
  };

  std::deque<Call>& waiting(Rank rank) { return waiting_[static_cast<std::size_t>(rank)]; }
  std::size_t& open(Rank rank) { return open_[static_cast<std::size_t>(rank)]; }

  void begin_what_may() {
    while (auto next = take_next()) begin(*std::move(next));
  }

  std::optional<Call> take_next() {
    const std::lock_guard lock(mutex_);
    if (is_stopped_ || open(Rank::Act) + open(Rank::Tell) >= limits_.at_once) return std::nullopt;
    const Rank rank = waiting(Rank::Act).empty() ? Rank::Tell : Rank::Act;
    if (waiting(rank).empty()) return std::nullopt;
    if (rank == Rank::Tell && open(Rank::Tell) >= limits_.tells_at_once) return std::nullopt;
    Call call = std::move(waiting(rank).front());
    waiting(rank).pop_front();
    ++open(rank);
    return call;
  }

  // The place is free before `done` runs, so that it counts nowhere what it asks for itself.
  void begin(Call call) {
    client_.call(call.request, [self = shared_from_this(), rank = call.rank,
                                done = std::move(call.done)](Result<HttpResponse> answer) {
      {
        const std::lock_guard lock(self->mutex_);
        --self->open(rank);
      }
      done(std::move(answer));
      self->begin_what_may();
    });
  }

  KubernetesClient& client_;
  const Limits limits_;
  std::mutex mutex_;
  std::array<std::deque<Call>, 2> waiting_;
  std::array<std::size_t, 2> open_{};
  bool is_stopped_ = false;
};

CallWindow::CallWindow(KubernetesClient& client, Limits limits)
    : core_(std::make_shared<Core>(client, limits)) {}

CallWindow::~CallWindow() { core_->stop(); }

void CallWindow::call(Rank rank, KubernetesRequest request, HttpClient::Done done) {
  core_->ask(rank, std::move(request), std::move(done));
}

}  // namespace hyperwright::client
