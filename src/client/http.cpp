#include "client/http.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <curl/curl.h>

#include "client/http_transfer.h"
#include "client/thread.h"

namespace hyperwright::client {
namespace {

using Clock = std::chrono::steady_clock;

// More at once would be a loop of ours gone wrong, or an API server buried.
constexpr std::size_t kTransfersMax = 10'000;
constexpr long kConnectionsPerHostMax = 128;
constexpr const char* kClosed = "nothing is sent any more";

void start_libcurl_once() {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(kStarted == CURLE_OK, "libcurl starts");
}

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

// What callers ask for waits in `asked_`, under the mutex; all else belongs to the thread alone.
class HttpClient::Loop {
 public:
  Loop() {
    start_libcurl_once();
    multi_.reset(curl_multi_init());
    check(multi_ != nullptr, "libcurl gives a multi handle");
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, kConnectionsPerHostMax);
    // Also without SIGPIPE: a write to a closed socket must not end the process.
    thread_ = start_thread([this] { run(); });
  }

  ~Loop() {
    check(std::this_thread::get_id() != thread_.get_id(), "no callback destroys its HTTP client");
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Id start(Result<HttpRequest> request, OnLine on_line, Done done) {
    auto transfer =
        std::make_unique<HttpTransfer>(std::move(request), std::move(on_line), std::move(done));
    return ask({.transfer = std::move(transfer)});
  }
  Id after(Duration delay, std::function<void()> what) {
    return ask({.timer = std::move(what),
                .due = Clock::now() + std::chrono::microseconds(delay.in_microseconds())});
  }
  void cancel(Id id) { ask({.cancelled = id}); }
  void close() {
    std::unique_lock lock(mutex_);
    closing_ = true;
    curl_multi_wakeup(multi_.get());
    if (is_own_thread()) return;  // a callback: the thread closes when it has returned
    has_closed_.wait(lock, [this] { return is_closed_; });
  }

  void keep_open_for(Duration left) {
    ends_at_ = Clock::now() + std::chrono::microseconds(left.in_microseconds());
  }

  [[nodiscard]] bool is_closed() const {
    const std::lock_guard lock(mutex_);
    return closing_;
  }

  [[nodiscard]] bool is_own_thread() const {
    return std::this_thread::get_id() == thread_.get_id();
  }

 private:
  struct Asked {
    Id id = 0;
    std::unique_ptr<HttpTransfer> transfer{};
    std::function<void()> timer{};
    Clock::time_point due{};
    Id cancelled = 0;
  };

  Id ask(Asked asked) {
    Id id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = asked.id = ++last_id_;
      asked_.push_back(std::move(asked));
    }
    curl_multi_wakeup(multi_.get());
    return id;
  }

  void run() {
    while (take_what_was_asked()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_transfers();
      call_due_timers();
      curl_multi_poll(multi_.get(), nullptr, 0, milliseconds_to_next_timer(), nullptr);
    }
    // What callbacks start in answer to this is refused too, and each round can only be an answer
    // to the one before: a request's `done` that starts the next at once would go on for ever.
    constexpr int kRoundsMax = 100;
    for (int round = 0; round < kRoundsMax && end_everything(); ++round) {
    }
  }

  // False: it is time to stop.
  bool take_what_was_asked() {
    std::vector<Asked> asked;
    bool closes = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      asked.swap(asked_);
      closes = closing_ && !is_closed_;
    }
    if (closes) close_now();
    for (Asked& one : asked) {
      if (one.transfer) {
        begin(one.id, std::move(one.transfer));
      } else if (one.timer) {
        timers_.emplace(std::pair(one.due, one.id), std::move(one.timer));
      } else {
        end(one.cancelled);
      }
    }
    return true;
  }

  // Who waits for it may go on before the answers of what is ended here.
  void close_now() {
    const auto transfers = std::exchange(transfers_, {});
    for (const auto& [id, transfer] : transfers) {
      curl_multi_remove_handle(multi_.get(), transfer->handle());
    }
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    has_closed_.notify_all();
    for (const auto& [id, transfer] : transfers) transfer->give_up(kClosed);
  }

  void begin(Id id, std::unique_ptr<HttpTransfer> transfer) {
    if (is_closed_ || Clock::now() >= ends_at_.load())
      return transfer->refuse(Error(ErrorCode::Unavailable, kClosed));
    if (transfers_.size() >= kTransfersMax) {
      return transfer->refuse(
          Error(ErrorCode::Unavailable, "too many HTTP requests are open at once"));
    }
    if (const Status ready = transfer->set_up(); !ready) return transfer->refuse(ready.error());
    check(curl_multi_add_handle(multi_.get(), transfer->handle()) == CURLM_OK,
          "libcurl takes a transfer");
    transfers_.emplace(id, std::move(transfer));
  }

  void end(Id id) {
    if (const auto it = transfers_.find(id); it != transfers_.end()) {
      const auto transfer = std::move(it->second);
      transfers_.erase(it);
      curl_multi_remove_handle(multi_.get(), transfer->handle());
      transfer->give_up("cancelled");
      return;
    }
    std::erase_if(timers_, [&](const auto& timer) { return timer.first.second == id; });
  }

  void finish_transfers() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* const handle = message->easy_handle;
      const auto it = std::ranges::find_if(
          transfers_, [&](const auto& entry) { return entry.second->handle() == handle; });
      check(it != transfers_.end(), "libcurl ends only transfers that were begun");
      const auto transfer = std::move(it->second);
      transfers_.erase(it);
      curl_multi_remove_handle(multi_.get(), handle);
      transfer->finish(code);
    }
  }

  void call_due_timers() {
    const auto now = Clock::now();
    while (!timers_.empty() && timers_.begin()->first.first <= now) {
      const auto timer = timers_.extract(timers_.begin());
      timer.mapped()();
    }
  }

  [[nodiscard]] int milliseconds_to_next_timer() const {
    constexpr std::int64_t kLongest = 60'000;
    if (timers_.empty()) return kLongest;
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, kLongest));
  }

  // False: nothing was left.
  bool end_everything() {
    constexpr const char* kWhy = "the HTTP client is shutting down";
    std::vector<Asked> asked;
    {
      const std::lock_guard lock(mutex_);
      asked.swap(asked_);
    }
    const auto transfers = std::exchange(transfers_, {});
    timers_.clear();
    for (const auto& [id, transfer] : transfers) {
      curl_multi_remove_handle(multi_.get(), transfer->handle());
      transfer->give_up(kWhy);
    }
    for (const Asked& one : asked) {
      if (one.transfer) one.transfer->give_up(kWhy);
    }
    return !transfers.empty() || !asked.empty();
  }

  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::map<Id, std::unique_ptr<HttpTransfer>> transfers_;
  std::map<std::pair<Clock::time_point, Id>, std::function<void()>> timers_;

  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  Id last_id_ = 0;
  bool stopping_ = false;
  bool closing_ = false;
  bool is_closed_ = false;  // written by the thread alone, under the mutex
  std::condition_variable has_closed_;
  std::atomic<Clock::time_point> ends_at_ = Clock::time_point::max();

  std::thread thread_;  // last: it uses all of the above
};

HttpClient::HttpClient() : loop_(std::make_unique<Loop>()) {}
HttpClient::~HttpClient() = default;

HttpClient::Id HttpClient::start(Result<HttpRequest> request, Done done) {
  return loop_->start(std::move(request), {}, std::move(done));
}

HttpClient::Id HttpClient::stream(Result<HttpRequest> request, OnLine on_line, Done done) {
  return loop_->start(std::move(request), std::move(on_line), std::move(done));
}

HttpClient::Id HttpClient::after(Duration delay, std::function<void()> what) {
  return loop_->after(delay, std::move(what));
}

void HttpClient::cancel(Id id) { loop_->cancel(id); }

void HttpClient::close() { loop_->close(); }

bool HttpClient::is_closed() const { return loop_->is_closed(); }

bool HttpClient::is_own_thread() const { return loop_->is_own_thread(); }

void HttpClient::keep_open_for(Duration left) { loop_->keep_open_for(left); }

Result<HttpResponse> HttpClient::send(HttpRequest request) {
  check(!is_own_thread(), "no callback waits for an HTTP answer");
  std::promise<Result<HttpResponse>> answer;
  start(std::move(request),
        [&](Result<HttpResponse> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

}  // namespace hyperwright::client
