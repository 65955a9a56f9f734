#include "client/kubernetes_watch.h"

#include <chrono>
#include <mutex>
#include <utility>

namespace hyperwright::client {
namespace {

using Clock = std::chrono::steady_clock;

Duration since(Clock::time_point start) {
  return Duration::microseconds(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count());
}

}  // namespace

// The mutex is held around the reflector and around the sink's calls: who destroys the watch waits
// for the call that runs, and none comes after.
class KubernetesWatch::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(KubernetesClient& client, std::string path, ListOptions options, ObjectSink& sink,
       std::uint64_t seed)
      : client_(client), reflector_(std::move(path), std::move(options), sink, seed) {}

  void go_on() {
    const std::lock_guard lock(mutex_);
    schedule();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    client_.cancel(call_);
    client_.http().cancel(timer_);
  }

 private:
  // With the HTTP client closed there is no next request, and its end is nobody's failure.
  [[nodiscard]] bool is_over() const { return is_stopped_ || client_.http().is_closed(); }

  void schedule() {
    if (is_stopped_) return;
    KubernetesReflector::Step step = reflector_.next();
    const Duration wait = step.wait;
    if (wait == Duration()) return send(step);
    timer_ = client_.http().after(wait, [self = shared_from_this(), step = std::move(step)] {
      const std::lock_guard lock(self->mutex_);
      if (!self->is_stopped_) self->send(step);
    });
  }

  void send(const KubernetesReflector::Step& step) {
    auto self = shared_from_this();
    if (!step.is_watch) {
      call_ = client_.call(step.request, [self](const Result<HttpResponse>& page) {
        const std::lock_guard lock(self->mutex_);
        if (self->is_over()) return;
        self->reflector_.take_page(page);
        self->schedule();
      });
      return;
    }
    call_ = client_.stream(
        step.request, [self](std::string_view line) { self->take_line(line); },
        [self, start = Clock::now()](const Result<HttpResponse>& end) {
          const std::lock_guard lock(self->mutex_);
          if (self->is_over()) return;
          self->reflector_.take_end_of_stream(end, since(start));
          self->schedule();
        });
  }

  void take_line(std::string_view line) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    const bool was_done = reflector_.is_stream_done();
    reflector_.take_line(line);
    if (!was_done && reflector_.is_stream_done()) client_.cancel(call_);
  }

  KubernetesClient& client_;
  std::mutex mutex_;
  KubernetesReflector reflector_;
  // The last of each, which has ended or is the one that runs; 0: there was none.
  KubernetesClient::Id call_ = 0;
  HttpClient::Id timer_ = 0;
  bool is_stopped_ = false;
};

KubernetesWatch::KubernetesWatch(KubernetesClient& client, std::string collection_path,
                                 ListOptions options, ObjectSink& sink, std::uint64_t seed)
    : core_(std::make_shared<Core>(client, std::move(collection_path), std::move(options), sink,
                                   seed)) {
  core_->go_on();
}

KubernetesWatch::~KubernetesWatch() { core_->stop(); }

}  // namespace hyperwright::client
