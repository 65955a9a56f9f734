#include "client/aws_client.h"

#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/aws_operation.h"
#include "client/call_rate.h"
#include "client/clock.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// One call with its attempts. It answers when it is destroyed at the latest: a timer that is
// dropped at the end of the HTTP client takes the call with it.
struct Call {
  Call(std::string name, AwsClient::Done whom)
      : operation(std::move(name)), done(std::move(whom)) {}
  ~Call() {
    if (done)
      answer(fail(ErrorCode::Unavailable, fmt::format("{}: given up at the end", operation)));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // After an attempt that may have taken effect no other's failure says that nothing happened.
  void answer(Result<json::value> result) {
    if (!result && is_uncertain)
      result = fail(ErrorCode::Unknown, result.error().text(), result.error().remedy());
    std::exchange(done, nullptr)(std::move(result));
  }

  std::string operation;
  AwsClient::Done done;
  AwsCall made{};
  std::int32_t attempts = 0;
  Time ends = Time::max();         // set when it is sent first
  std::int32_t quota_taken = 0;    // by the last retry
  AwsCredentials keys{};           // of the last attempt
  std::optional<Error> refusal{};  // of its keys, until it goes on with others
  bool may_renew_keys = true;
  bool is_uncertain = false;  // AWS failed in the midst of an attempt, and it is no reading
};

// Calls that wait for keys, which come on a thread that does not know when the HTTP client ends. A
// timer that is never due holds the room open: when the client drops it, the room is closed, and
// whoever is in it is answered there and then.
class WaitingRoom {
 public:
  struct Guest {
    std::shared_ptr<Call> call;
    std::shared_ptr<void> core;  // lives as long as it has calls
  };

  // nullopt: it is closed.
  std::optional<std::uint64_t> enter(const Guest& guest) {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return std::nullopt;
    guests_.emplace(++last_, guest);
    return last_;
  }

  // Lets the guest go on, while the HTTP client is sure to be there.
  template <typename GoOn>
  void leave(std::uint64_t ticket, const GoOn& go_on) {
    Guest guest;  // ends outside the lock: what it owns may come back here
    const std::lock_guard lock(mutex_);
    const auto at = guests_.find(ticket);
    if (at == guests_.end()) return;
    guest = std::move(at->second);
    guests_.erase(at);
    go_on(guest.call);
  }

  template <typename What>
  void if_open(const What& what) {
    const std::lock_guard lock(mutex_);
    if (is_open_) what();
  }

  void close() {
    std::map<std::uint64_t, Guest> left;
    {
      const std::lock_guard lock(mutex_);
      is_open_ = false;
      left.swap(guests_);
    }
  }

 private:
  std::mutex mutex_;
  bool is_open_ = true;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Guest> guests_;
};

class RoomHold {
 public:
  explicit RoomHold(std::shared_ptr<WaitingRoom> room) : room_(std::move(room)) {}
  ~RoomHold() { room_->close(); }
  RoomHold(const RoomHold&) = delete;
  RoomHold& operator=(const RoomHold&) = delete;

 private:
  std::shared_ptr<WaitingRoom> room_;
};

}  // namespace

class AwsClient::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(HttpClient& http, AwsSettings settings, std::uint64_t seed)
      : http_(http),
        settings_(std::move(settings)),
        rates_{rate(), rate(), rate(), rate(), rate()},
        random_(seed) {
    constexpr Duration kNever = Duration::hours(std::int64_t{24} * 365 * 100);
    timer_ = http_.after(kNever, [hold = std::make_shared<RoomHold>(room_)] {});
  }
  ~Core() {
    room_->if_open([&] { http_.cancel(timer_); });
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  void begin(const std::string& operation, const json::value& body, Done done) {
    auto call = std::make_shared<Call>(operation, std::move(done));
    auto made = make_aws_call(operation, body, settings_);
    if (!made) return refuse(std::move(call), made.error());
    call->made = *std::move(made);
    wait_and_send(std::move(call), Duration());
  }

  [[nodiscard]] const AwsSettings& settings() const { return settings_; }
  [[nodiscard]] const HttpClient& http() const { return http_; }

 private:
  [[nodiscard]] CallRate rate() const { return {settings_.calls_per_second, settings_.burst}; }
  CallRate& rate_of(const Call& call) {
    return rates_[static_cast<std::size_t>(service_of(call.operation))];
  }

  // Answers on the HTTP client's thread, as every other answer is.
  void refuse(std::shared_ptr<Call> call, const Error& error) {
    http_.start(fail(error), [call = std::move(call)](const Result<HttpResponse>& refused) {
      call->answer(fail(refused.error()));
    });
  }

  void wait_and_send(std::shared_ptr<Call> call, Duration back_off) {
    if (back_off > Duration()) {
      http_.after(back_off, [core = shared_from_this(), call = std::move(call)] {
        core->wait_and_send(call, Duration());
      });
      return;
    }
    Duration wait;
    {
      const std::lock_guard lock(mutex_);
      wait = rate_of(*call).take(steady_now());
    }
    if (wait == Duration()) return find_keys(std::move(call));
    http_.after(wait,
                [core = shared_from_this(), call = std::move(call)] { core->find_keys(call); });
  }

  void find_keys(std::shared_ptr<Call> call) {
    const auto ticket = room_->enter({call, shared_from_this()});
    if (!ticket) {
      return refuse(call, Error(ErrorCode::Unavailable,
                                fmt::format("{}: given up at the end", call->operation)));
    }
    call.reset();
    settings_.credentials->get([core = this, room = room_, ticket](Result<AwsCredentials> keys) {
      room->leave(*ticket, [&](const std::shared_ptr<Call>& waited) {
        core->send(waited, std::move(keys));
      });
    });
  }

  void send(const std::shared_ptr<Call>& call, Result<AwsCredentials> keys) {
    if (!keys) return refuse(call, Error(keys.error(), call->operation));
    // Nobody has others.
    if (call->refusal && *keys == call->keys) return refuse(call, *call->refusal);
    const Time now = steady_now();
    if (call->attempts++ == 0) call->ends = now + settings_.call_deadline;
    if (now >= call->ends) {  // the wait for its turn, or for keys, took all of its time
      return refuse(
          call,
          call->refusal.value_or(Error(
              ErrorCode::Unavailable,
              fmt::format("{}: its time was over before its next attempt", call->operation))));
    }
    call->keys = *std::move(keys);
    call->refusal.reset();
    HttpRequest request = call->made.request;
    request.deadline =
        std::max(Duration::milliseconds(1), std::min(request.deadline, call->ends - now));
    request.aws_signing = AwsSigning{call->keys, call->made.region,
                                     std::string(signing_name(service_of(call->operation)))};
    http_.start(std::move(request),
                [core = shared_from_this(), call](const Result<HttpResponse>& response) {
                  core->take(call, response);
                });
  }

  void take(const std::shared_ptr<Call>& call, const Result<HttpResponse>& response) {
    Result<json::value> result = decode_aws_answer(call->operation, response);
    const Time now = steady_now();
    if (response && response->status >= 500 && !is_read(call->operation)) call->is_uncertain = true;
    if (response && !result && call->may_renew_keys && is_refusal_of_keys(*response)) {
      call->may_renew_keys = false;
      call->refusal = result.error();
      settings_.credentials->refuse(call->keys);
      return find_keys(call);
    }
    std::optional<Duration> wait;
    {
      const std::lock_guard lock(mutex_);
      if (response) note(rate_of(*call), result, now);
      if (result) quota_.give_back(call->quota_taken);
      if (!result) wait = next_try(*call, result.error().code(), response, now);
    }
    if (!wait) return call->answer(std::move(result));
    wait_and_send(call, *wait);
  }

  static void note(CallRate& rate, const Result<json::value>& result, Time now) {
    const bool is_throttled = !result && result.error().code() == ErrorCode::Throttled;
    is_throttled ? rate.throttled(now) : rate.passed(now);
  }

  // nullopt: there is none. Requires the mutex.
  std::optional<Duration> next_try(Call& call, ErrorCode code, const Result<HttpResponse>& response,
                                   Time now) {
    std::optional<Duration> retry_after;
    if (response) {
      const std::string* header = response->header("Retry-After");
      if (header != nullptr) retry_after = parse_retry_after(*header);
    }
    const auto wait = wait_before_retry(settings_.retry, call.attempts, code, retry_after, random_);
    if (!wait || now + *wait >= call.ends) return std::nullopt;
    const auto taken = quota_.take(code);
    if (!taken) return std::nullopt;
    call.quota_taken = *taken;
    return wait;
  }

  HttpClient& http_;
  const AwsSettings settings_;
  const std::shared_ptr<WaitingRoom> room_ = std::make_shared<WaitingRoom>();
  HttpClient::Id timer_ = 0;
  std::mutex mutex_;
  std::array<CallRate, kAwsServices> rates_;
  RetryQuota quota_;
  Random random_;
};

AwsClient::AwsClient(HttpClient& http, AwsSettings settings, std::uint64_t seed)
    : core_(std::make_shared<Core>(http, std::move(settings), seed)) {}

AwsClient::~AwsClient() = default;

void AwsClient::call(const std::string& operation, const json::value& body, Done done) {
  core_->begin(operation, body, std::move(done));
}

Result<json::value> AwsClient::call_and_wait(const std::string& operation,
                                             const json::value& body) {
  check(!core_->http().is_own_thread(), "no callback waits for an answer of AWS");
  std::promise<Result<json::value>> answer;
  // A copy goes over, in memory of its own: that of an answer belongs to the thread that reads it.
  call(operation, body, [&](const Result<json::value>& result) {
    answer.set_value(result ? Result<json::value>(json::value(*result, {}))
                            : Result<json::value>(fail(result.error())));
  });
  return answer.get_future().get();
}

const AwsSettings& AwsClient::settings() const { return core_->settings(); }

}  // namespace hyperwright::client
