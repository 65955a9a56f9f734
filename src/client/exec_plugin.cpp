#include "client/exec_plugin.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "client/clock.h"
#include "client/stop.h"
#include "client/thread.h"

namespace hyperwright::client {
namespace {

constexpr Duration kDeadline = Duration::minutes(1);
constexpr Duration kRest = Duration::seconds(5);

}  // namespace

class ExecPlugin::Core {
 public:
  Core(ExecPluginSettings settings, Run run, Clock clock)
      : settings_(std::move(settings)), run_(std::move(run)), clock_(std::move(clock)) {}

  static void start(const std::shared_ptr<Core>& core) {
    core->thread_ = start_thread([core] { core->work(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_.stop();
      waiting_.clear();
    }
    wanted_.notify_all();
    // Who was called with a credential may have been the last one to hold the plugin.
    if (thread_.get_id() == std::this_thread::get_id()) return thread_.detach();
    thread_.join();
  }

  void get(Then then) {
    Result<Credential> known = Credential();
    {
      const std::lock_guard lock(mutex_);
      const Time now = clock_();
      if (credential_ && now >= credential_->expires) credential_.reset();
      if (credential_) {
        known = credential_;
      } else if (is_resting(now)) {
        known = fail(*failure_);
      } else {
        waiting_.push_back(std::move(then));
        wanted_.notify_one();
        return;
      }
    }
    then(std::move(known));
  }

  void reject(const Credential& credential) {
    const std::lock_guard lock(mutex_);
    if (credential_ != credential) return;
    credential_.reset();
    const Time now = clock_();
    if (now < fetched_at_ || now >= fetched_at_ + kRest) return;
    failure_ = Error(ErrorCode::Forbidden,
                     fmt::format("{}: the API server does not accept what {} brings",
                                 settings_.where, settings_.command),
                     "look at who that is in the cluster: `aws sts get-caller-identity`, and the "
                     "access entries of the EKS cluster");
    failed_at_ = now;
  }

 private:
  // A clock that was set back ends the rest.
  [[nodiscard]] bool is_resting(Time now) const {
    return failure_ && now >= failed_at_ && now < failed_at_ + kRest;
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wanted_.wait(lock, [this] { return stop_.is_stopped() || !waiting_.empty(); });
      if (stop_.is_stopped()) return;
      lock.unlock();
      Result<Credential> fetched = fetch();
      lock.lock();
      if (stop_.is_stopped()) return;
      failure_.reset();
      if (fetched) {
        credential_ = *fetched;
        fetched_at_ = clock_();
      } else {
        failure_ = fetched.error();
        failed_at_ = clock_();
      }
      const std::vector<Then> answered = std::exchange(waiting_, {});
      lock.unlock();
      for (const Then& then : answered) then(fetched);
      lock.lock();
    }
  }

  Result<Credential> fetch() {
    ChildProcess child{.program = settings_.command,
                       .arguments = settings_.arguments,
                       .environment = settings_.environment,
                       .deadline = kDeadline,
                       .stop_descriptor = stop_.descriptor()};
    child.environment.emplace_back("KUBERNETES_EXEC_INFO",
                                   exec_info(settings_.api_version, settings_.cluster_json));
    const auto output = run_(child);
    if (!output) return fail(failed_run(output.error()), settings_.where);
    if (output->exit_code != 0) {
      const std::string said = without_secrets(output->err);
      return fail(ErrorCode::Unavailable,
                  fmt::format("{}: {} ended with exit code {}{}{}", settings_.where,
                              settings_.command, output->exit_code, said.empty() ? "" : ": ", said),
                  "run the command by hand, as the user that this process runs as");
    }
    auto credential = decode_exec_credential(output->out, settings_.api_version);
    if (!credential) {
      return fail(credential.error(), fmt::format("{}: {}", settings_.where, settings_.command));
    }
    if (clock_() >= credential->expires) {
      return fail(ErrorCode::Unavailable,
                  fmt::format("{}: {}: what it printed expired at {}", settings_.where,
                              settings_.command, format_time(credential->expires)),
                  "look at the clocks of this machine and of who makes the credentials");
    }
    return std::make_shared<const ExecCredential>(*std::move(credential));
  }

  [[nodiscard]] Error failed_run(const Error& error) const {
    if (error.code() != ErrorCode::NotFound && error.code() != ErrorCode::Forbidden) return error;
    return {ErrorCode::Invalid, error.text(),
            settings_.install_hint.empty()
                ? "install it, or write its path as the user's exec.command"
                : settings_.install_hint};
  }

  const ExecPluginSettings settings_;
  const Run run_;
  const Clock clock_;
  Stop stop_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::vector<Then> waiting_;
  Credential credential_;  // null: the program must run
  Time fetched_at_;
  std::optional<Error> failure_;
  Time failed_at_;
  std::thread thread_;
};

ExecPlugin::ExecPlugin(ExecPluginSettings settings)
    : ExecPlugin(std::move(settings), run_child, wall_now) {}

ExecPlugin::ExecPlugin(ExecPluginSettings settings, Run run, Clock clock)
    : core_(std::make_shared<Core>(std::move(settings), std::move(run), std::move(clock))) {
  Core::start(core_);
}

ExecPlugin::~ExecPlugin() { core_->stop(); }

void ExecPlugin::get(Then then) { core_->get(std::move(then)); }

void ExecPlugin::reject(const Credential& credential) { core_->reject(credential); }

}  // namespace hyperwright::client
