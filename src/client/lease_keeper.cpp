#include "client/lease_keeper.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/clock.h"
#include "client/kubernetes_client.h"
#include "client/thread.h"

namespace hyperwright::client {

class LeaseKeeper::Core {
 public:
  Core(KubernetesAccess access, LeaseOptions options, const runtime::Log& log,
       std::function<void()> on_started, std::function<void()> on_lost)
      : client_(http_, std::move(access)),
        options_(std::move(options)),
        log_(log),
        on_started_(std::move(on_started)),
        on_lost_(std::move(on_lost)),
        leadership_(options_.identity, options_.timings),
        thread_(start_thread([this] { run(); })) {}

  ~Core() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

 private:
  [[nodiscard]] std::string collection() const {
    return fmt::format("/apis/coordination.k8s.io/v1/namespaces/{}/leases",
                       options_.namespace_name);
  }

  // Rounded up, because no time at all would mean no limit to who counts in milliseconds.
  [[nodiscard]] Duration patience(Duration longest) const {
    return leadership_.patience(longest, steady_now()) + Duration::milliseconds(1);
  }

  // The Lease as it is; a value without a Lease inside: there is none.
  Result<std::optional<runtime::LeaseRecord>> read() {
    KubernetesRequest request = get_request(collection() + "/" + options_.name);
    request.deadline = patience(options_.timings.retry * 2);
    auto answer = client_.call_and_wait(request);
    if (!answer && answer.error().code() == ErrorCode::NotFound)
      return std::optional<runtime::LeaseRecord>{};
    if (!answer) return fail(answer.error());
    auto record = runtime::decode_lease(*answer);
    if (!record) return fail(record.error());
    return std::optional(std::move(*record));
  }

  Status write(const runtime::LeaseRecord& record) {
    const auto lease = runtime::encode_lease(record, options_.namespace_name, options_.name);
    KubernetesRequest request =
        record.resource_version.empty()
            ? create_request(collection(), lease)
            : merge_patch_request(collection() + "/" + options_.name, lease);
    request.deadline = patience(options_.timings.retry * 2);
    auto answer = client_.call_and_wait(request);
    if (!answer) return fail(answer.error());
    return {};
  }

  // Takes the Lease, renews it, or sees that another holds it.
  Status step() {
    const auto seen = read();
    if (!seen) return failed("lease cannot be read", seen.error());
    // Decided by the steady clock: Leases are compared between machines, but only for change. The
    // times in them are for people to read.
    auto wanted = leadership_.want(*seen, steady_now());
    if (!wanted) {
      if (leadership_.holder_seen() != told_holder_) {
        told_holder_ = leadership_.holder_seen();
        log_.write(runtime::LogLevel::Info, "waiting for the lease",
                   {{"lease", options_.name}, {"holder", told_holder_}});
      }
      return {};
    }
    const bool is_renewal = *seen && (**seen).holder == options_.identity;
    wanted->renewed = wall_now();
    if (!is_renewal) wanted->acquired = wanted->renewed;
    const Time asked_at = steady_now();
    const auto written = write(*wanted);
    if (written) {
      leadership_.renewed(*wanted, asked_at);
      if (options_.on_renewed) {
        options_.on_renewed(options_.timings.renew_deadline - (steady_now() - asked_at));
      }
    } else if (written.error().code() != ErrorCode::Conflict &&
               written.error().code() != ErrorCode::AlreadyExists) {
      return failed("lease cannot be written", written.error());
    }
    return {};
  }

  Status failed(const char* what, const Error& error) {
    log_.error(what, error, {{"lease", options_.name}});
    return fail(error, what);
  }

  void run() {
    bool is_leading = false;
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      lock.unlock();
      const Status looked = step();
      const bool leads = leadership_.is_leader(steady_now());
      if (!leads && !is_leading && options_.on_waiting) options_.on_waiting(looked);
      if (leads && !is_leading) {
        is_leading = true;
        log_.write(runtime::LogLevel::Info, "acquired the lease",
                   {{"lease", options_.name}, {"identity", options_.identity}});
        on_started_();
      } else if (is_leading && !leads) {
        log_.write(runtime::LogLevel::Error, "lost the lease",
                   {{"lease", options_.name}, {"holder", leadership_.holder_seen()}});
        on_lost_();
        return;
      }
      lock.lock();
      const Duration rest = patience(options_.timings.retry);
      wake_.wait_for(lock, std::chrono::microseconds(rest.in_microseconds()),
                     [this] { return stopped_; });
    }
    lock.unlock();
    if (!is_leading) return;
    const auto seen = read();
    if (!seen) return;
    if (const auto released = leadership_.release(*seen, wall_now())) {
      if (const auto written = write(*released); !written)
        log_.error("lease cannot be released", written.error(), {{"lease", options_.name}});
    }
  }

  HttpClient http_;
  KubernetesClient client_;
  LeaseOptions options_;
  const runtime::Log& log_;
  std::function<void()> on_started_, on_lost_;
  runtime::Leadership leadership_;
  std::string told_holder_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;  // last: it starts when all of the above is there
};

LeaseKeeper::LeaseKeeper(KubernetesAccess access, LeaseOptions options, const runtime::Log& log,
                         std::function<void()> on_started, std::function<void()> on_lost)
    : core_(std::make_unique<Core>(std::move(access), std::move(options), log,
                                   std::move(on_started), std::move(on_lost))) {}

LeaseKeeper::~LeaseKeeper() = default;

}  // namespace hyperwright::client
