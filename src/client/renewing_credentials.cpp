#include "client/renewing_credentials.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "client/renewal.h"
#include "client/thread.h"

namespace hyperwright::client {
namespace {

// Keys that AWS refuses just after they came are not helped by others of the same source.
constexpr Duration kRefusalQuiet = Duration::seconds(10);

}  // namespace

class RenewingCredentials::State {
 public:
  State(Search search, Clock clock, std::uint64_t seed)
      : search_(std::move(search)), clock_(std::move(clock)), random_(seed) {}

  void get(Done done) {
    std::unique_lock lock(mutex_);
    const Time now = clock_();
    const bool is_quiet = now < not_before_;
    if (works(now)) {
      if (now >= times_.early && !is_quiet) want();
      if (now < times_.late || is_quiet) {
        const AwsCredentials keys = current_->keys;
        lock.unlock();
        return done(keys);
      }
    } else if (is_quiet && error_) {
      const Error error = *error_;
      lock.unlock();
      return done(fail(error));
    }
    waiting_.push_back(std::move(done));
    want();
  }

  void refuse(const AwsCredentials& keys) {
    const std::lock_guard lock(mutex_);
    if (!current_ || current_->keys != keys || clock_() - obtained_ < kRefusalQuiet) return;
    is_refused_ = true;
    not_before_ = Time();
  }

  void on_renewal(OnRenewal told) {
    const std::lock_guard lock(mutex_);
    told_ = std::move(told);
  }

  void start(const std::shared_ptr<State>& self) {
    thread_ = start_thread([self] { self->run(); });
  }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      stop_.stop();
    }
    wanted_changed_.notify_all();
    // The last owner may be a callback on the thread itself: that ends when it returns.
    if (thread_.get_id() == std::this_thread::get_id()) return thread_.detach();
    thread_.join();
  }

 private:
  // Requires the mutex.
  [[nodiscard]] bool works(Time now) const {
    return current_ && !is_refused_ && now < current_->expires;
  }
  void want() {
    wanted_ = true;
    wanted_changed_.notify_all();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wanted_changed_.wait(lock, [&] { return wanted_ || stop_.is_stopped(); });
      if (stop_.is_stopped()) break;
      wanted_ = false;
      lock.unlock();
      Result<ObtainedKeys> found = search_(stop_);
      lock.lock();
      if (stop_.is_stopped()) break;
      wanted_ = false;  // who came during the search is served by it
      found = take(std::move(found));
      answer(lock, found);
    }
    const auto left = std::exchange(waiting_, {});
    lock.unlock();
    for (const Done& done : left)
      done(fail(ErrorCode::Unavailable, "keys for AWS: given up at the end"));
  }

  // Keeps what was found, or why nothing was.
  Result<ObtainedKeys> take(Result<ObtainedKeys> found) {
    const Time now = clock_();
    if (found && found->expires <= now) {
      found = fail(ErrorCode::Forbidden,
                   fmt::format("the keys of {} ({}) expired at {}", found->source, found->detail,
                               format_time(found->expires)),
                   "renew them there");
    }
    if (found) {
      current_ = *found;
      obtained_ = now;
      times_ = renewal_times(now, found->expires, random_);
      is_refused_ = false;
      failures_ = 0;
      not_before_ = Time();
      error_.reset();
    } else {
      not_before_ = now + wait_after_failures(++failures_, random_);
      error_ = found.error();
    }
    return found;
  }

  void answer(std::unique_lock<std::mutex>& lock, const Result<ObtainedKeys>& found) {
    const auto waiting = std::exchange(waiting_, {});
    const OnRenewal told = told_;
    Result<AwsCredentials> keys = [&]() -> Result<AwsCredentials> {
      if (works(clock_())) return current_->keys;
      return fail(found ? Error(ErrorCode::Forbidden, "the keys were refused") : found.error());
    }();
    lock.unlock();
    if (told) told(found);
    for (const Done& done : waiting) done(keys);
    lock.lock();
  }

  const Search search_;
  const Clock clock_;
  Stop stop_;
  std::mutex mutex_;
  std::condition_variable wanted_changed_;
  bool wanted_ = false;
  std::vector<Done> waiting_;
  std::optional<ObtainedKeys> current_;
  Time obtained_;
  RenewalTimes times_;
  bool is_refused_ = false;
  std::int32_t failures_ = 0;
  Time not_before_;  // no search before this, but after a refusal
  std::optional<Error> error_;
  OnRenewal told_;
  Random random_;
  std::thread thread_;
};

RenewingCredentials::RenewingCredentials(Search search, Clock clock, std::uint64_t seed)
    : state_(std::make_shared<State>(std::move(search), std::move(clock), seed)) {
  state_->start(state_);
}

RenewingCredentials::~RenewingCredentials() { state_->end(); }

void RenewingCredentials::get(Done done) { state_->get(std::move(done)); }
void RenewingCredentials::refuse(const AwsCredentials& keys) { state_->refuse(keys); }
void RenewingCredentials::on_renewal(OnRenewal told) { state_->on_renewal(std::move(told)); }

}  // namespace hyperwright::client
