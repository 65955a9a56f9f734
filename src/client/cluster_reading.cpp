#include "client/cluster_reading.h"

#include <algorithm>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/effector.h"
#include "client/json_text.h"
#include "controllers/controllers.h"
#include "runtime/calls.h"
#include "runtime/inbox.h"
#include "runtime/loop.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// The loop, with the one controller that only asks.
std::span<const controllers::Controller> observation() {
  static const std::vector<controllers::Controller> kOnly = [] {
    std::vector<controllers::Controller> only;
    for (const controllers::Controller& each : controllers::all_controllers()) {
      if (each.reconcile == controllers::hyperpod_observation) only.push_back(each);
    }
    return only;
  }();
  return kOnly;
}

bool need_not_be_installed(state::Kind kind) {
  return kind == state::Kind::NodeOverlay || kind == state::Kind::CapacityBuffer;
}

class Reading {
 public:
  Reading(KubernetesClient& kubernetes, AwsClient& aws, ClusterQuestion question)
      : kubernetes_(kubernetes),
        aws_(aws),
        question_(std::move(question)),
        loop_(state::ClusterState(question_.options, question_.types), 1, observation()) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  // Answers go to the inbox, which must be there until the last of them has come.
  ~Reading() {
    while (unanswered_ > 0) count_answers(inbox_.take(Duration::minutes(1)));
  }

  Status read() {
    std::vector<state::Event> events;
    for (std::size_t i = 0; i < state::kKindCount; ++i) {
      const auto kind = static_cast<state::Kind>(i);
      if (!question_.options.watches(kind)) continue;
      if (auto listed = list(kind, events); !listed) return listed;
    }
    return ask_hyperpod(std::move(events));
  }

  [[nodiscard]] const runtime::Loop& loop() const { return loop_; }
  std::vector<Error> take_problems() { return std::exchange(problems_, {}); }

 private:
  Status list(state::Kind kind, std::vector<state::Event>& events) {
    const std::string path(runtime::collection_path(kind));
    const auto items = kubernetes_.list_and_wait(path, {});
    if (!items && !(items.error().code() == ErrorCode::NotFound && need_not_be_installed(kind)))
      return fail(items.error(), fmt::format("Kubernetes at {}", kubernetes_.access().server));
    if (items) {
      for (const json::value& item : *items) {
        auto event = runtime::changed_event(kind, item);
        if (event) {
          events.push_back(std::move(*event));
        } else {
          problems_.emplace_back(event.error(), fmt::format("{} is left out", to_string(kind)));
        }
      }
    }
    events.emplace_back(state::Synced{kind});
    return {};
  }

  // The loop's turns, until nothing is left to ask.
  Status ask_hyperpod(std::vector<state::Event> events) {
    ClusterEffector effector(kubernetes_, aws_, inbox_, question_.options.cluster, question_.clock,
                             question_.zones);
    Time now = question_.clock();
    const Time ends = now + question_.deadline;
    while (true) {
      for (const state::Event& event : events) {
        if (auto good = look_at(event); !good) return good;
      }
      for (const state::Effect& effect : loop_.turn(events, now)) {
        const auto targets = state::targets_of(effect.action);
        check(targets.size() == 1 && targets.front().of == state::Target::Of::Reading,
              "who only looks changes nothing");
        ++unanswered_;
        effector.carry_out(effect);
      }
      if (is_complete()) return {};
      if (now >= ends) {
        return fail(ErrorCode::Unavailable,
                    fmt::format("HyperPod did not say all of cluster {} within {}",
                                question_.options.cluster, format_duration(question_.deadline)),
                    "try again");
      }
      events = inbox_.take(std::min(ends, loop_.next_wake()) - now);
      count_answers(events);
      now = std::max(now, question_.clock());
    }
  }

  // The core goes on after a failure and asks again; somebody who waits wants to know.
  Status look_at(const state::Event& event) {
    const auto* answered = std::get_if<state::Answered>(&event);
    if (answered == nullptr || answered->outcome == state::Outcome::Done) return {};
    const auto& pending = loop_.state().pending();
    const auto asked = pending.find(answered->effect);
    if (asked == pending.end()) return {};
    const std::string_view call = state::name_of(asked->second.action);
    const std::string what = fmt::format("{}: {}", call, answered->message);
    if (call == "DescribeCluster" || call == "ListClusterNodes")
      return fail(ErrorCode::Unavailable, what);
    problems_.emplace_back(ErrorCode::Unavailable, what);
    return {};
  }

  void count_answers(const std::vector<state::Event>& events) {
    unanswered_ -= static_cast<std::size_t>(std::ranges::count_if(
        events, [](const auto& event) { return std::holds_alternative<state::Answered>(event); }));
  }

  [[nodiscard]] bool is_complete() const {
    const state::ClusterState& state = loop_.state();
    return state.is_synced() && !state.hyperpod().nodes_listed_at().is_zero() &&
           state.pending().empty();
  }

  KubernetesClient& kubernetes_;
  AwsClient& aws_;
  ClusterQuestion question_;
  runtime::Inbox inbox_;
  runtime::Loop loop_;
  std::size_t unanswered_ = 0;
  std::vector<Error> problems_;
};

}  // namespace

Result<ClusterReading> read_cluster(KubernetesClient& kubernetes, AwsClient& aws,
                                    ClusterQuestion question) {
  const auto reading = std::make_shared<Reading>(kubernetes, aws, std::move(question));
  if (auto read = reading->read(); !read) return fail(read.error());
  // The picture stays where it is: much of it points into it.
  return ClusterReading{
      std::shared_ptr<const state::ClusterState>(reading, &reading->loop().state()),
      reading->take_problems()};
}

std::optional<Told> last_told(KubernetesClient& kubernetes, const kube::ObjectMeta& pod) {
  ListOptions options;
  options.field_selector = fmt::format("involvedObject.uid={},reason=FailedScheduling", pod.uid);
  const auto events = kubernetes.list_and_wait(
      fmt::format("/api/v1/namespaces/{}/events", pod.namespace_), options);
  std::optional<Told> last;
  if (!events) return last;
  for (const json::value& event : *events) {
    if (text_at(event, "reportingInstance") != "hyperwright") continue;
    const auto at = parse_time(text_at(event, "lastTimestamp"));
    if (!at || (last && last->at > *at)) continue;
    last = Told{*at, std::string(text_at(event, "message"))};
  }
  return last;
}

}  // namespace hyperwright::client
