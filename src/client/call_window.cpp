#include "client/call_window.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "client/clock.h"
#include "client/json_text.h"
#include "client/retry.h"

namespace hyperwright::client {
namespace {

constexpr int kRefusalsMax = 5;
constexpr Duration kPauseMax = Duration::seconds(30);

}  // namespace

class CallWindow::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(KubernetesClient& client, Limits limits)
      : client_(client), limits_(limits), bucket_(limits.per_second, limits.burst) {}

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
    int refusals = 0;
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
    if (!may_begin(steady_now())) return std::nullopt;
    Call call = std::move(waiting(rank).front());
    waiting(rank).pop_front();
    ++open(rank);
    return call;
  }

  // A token is taken when a call wants to begin, and kept for whichever is the first one when its
  // moment comes.
  bool may_begin(Time now) {
    if (!begins_at_) begins_at_ = now + bucket_.take(now);
    const Time due = std::max(*begins_at_, paused_until_);
    if (due <= now) {
      begins_at_.reset();
      return true;
    }
    if (wakes_at_ && *wakes_at_ <= due) return false;
    wakes_at_ = due;
    client_.http().after(due - now, [self = shared_from_this(), due] { self->wake(due); });
    return false;
  }

  void wake(Time due) {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopped_) return;
      if (wakes_at_ == due) wakes_at_.reset();
    }
    begin_what_may();
  }

  void begin(Call call) {
    const auto sent = std::make_shared<Call>(std::move(call));
    client_.call(sent->request, [self = shared_from_this(), sent](Result<HttpResponse> answer) {
      self->take(std::move(*sent), std::move(answer));
    });
  }

  // The place is free before `done` runs, so that it counts nowhere what it asks for itself.
  void take(Call call, Result<HttpResponse> answer) {
    const auto pause = answer ? overload_pause(call.request, *answer) : std::nullopt;
    bool goes_again = false;
    {
      const std::lock_guard lock(mutex_);
      --open(call.rank);
      if (pause) paused_until_ = std::max(paused_until_, steady_now() + *pause);
      goes_again = pause && !is_stopped_ && ++call.refusals < kRefusalsMax;
      if (goes_again) waiting(call.rank).push_front(std::move(call));
    }
    if (!goes_again) call.done(std::move(answer));
    begin_what_may();
  }

  KubernetesClient& client_;
  const Limits limits_;
  std::mutex mutex_;
  TokenBucket bucket_;
  std::optional<Time> begins_at_;  // of the token that is taken and not used
  Time paused_until_;
  std::optional<Time> wakes_at_;  // a timer runs until then
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

std::optional<Duration> overload_pause(const KubernetesRequest& request,
                                       const HttpResponse& answer) {
  const std::string* const header = answer.header("Retry-After");
  if (answer.status != 429 || header == nullptr) return std::nullopt;
  const auto wait = parse_retry_after(*header);
  if (!wait) return std::nullopt;
  if (request.path.ends_with("/eviction")) {
    // A budget's refusal is a Status; the server's own flow control answers with a plain sentence.
    const auto body = parse_json(answer.body);
    if (body && text_at(*body, "kind") == "Status") return std::nullopt;
  }
  return std::min(*wait, kPauseMax);
}

}  // namespace hyperwright::client
