#include "sim/workload_job.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_job_pods.h"
#include "sim/workload_objects.h"
#include "sim/workload_replica_set.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kJobs = "jobs.batch";
constexpr std::string_view kComponent = "job-controller";
constexpr std::int64_t kBurst = 500;
constexpr Duration kRetryAfter = Duration::seconds(15);
constexpr Duration kBackoffFirst = Duration::seconds(10);
constexpr Duration kBackoffMax = Duration::minutes(10);

bool is_finished(const json::object& job) {
  return has_condition(job, "Complete", "True") || has_condition(job, "Failed", "True");
}

bool is_suspended(const json::object& job) { return bool_field(job, {"spec", "suspend"}); }

// A pod that is being deleted is given up for lost, unless its end is to be judged.
bool waits_for_the_end_of_pods(const json::object& job) {
  return find_field(job, {"spec", "podFailurePolicy"}) != nullptr ||
         text_field(job, {"spec", "podReplacementPolicy"}) == "Failed";
}

std::optional<std::int64_t> completions_of(const json::object& job) {
  const json::value* completions = find_field(job, {"spec", "completions"});
  if (completions == nullptr || !completions->is_int64()) return std::nullopt;
  return completions->get_int64();
}

void write_count(json::object& status, const char* field, std::int64_t value) {
  if (value != 0) {
    status[field] = value;
  } else {
    erase_field(status, field);
  }
}

}  // namespace

void JobController::step(Time now) {
  for (const Change& change : jobs_.take().changes) {
    if (change.kind == ChangeKind::Deleted) {
      dirty_.merge(pods_.follow());
      release(uid_of(*change.object), now);
      backoffs_.erase(std::string(uid_of(*change.object)));
    } else {
      dirty_.insert(object_name(*change.object));
    }
  }
  dirty_.merge(pods_.follow());
  for (const ObjectName& name : due_.take_due(now)) dirty_.insert(name);
  for (const ObjectName& name : std::exchange(dirty_, {})) reconcile(name, now);
}

void JobController::reconcile(const ObjectName& name, Time now) {
  const ObjectPtr job = api_.find(kJobs, name.ns, name.name);
  if (job == nullptr) return;
  if (is_deleting(*job)) {
    release(uid_of(*job), now);
    return;
  }
  const json::object* old = object_field(*job, {"status"});
  json::object status = old == nullptr ? json::object{} : *old;
  const bool was_finished = is_finished(*job);
  if (!was_finished) {
    if (is_suspended(*job)) {
      if (set_condition(status, {"Suspended", "True", "JobSuspended", "Job suspended"}, now)) {
        erase_field(status, "startTime");
        events_.record(*job,
                       {.reason = "Suspended", .message = "Job suspended", .component = kComponent},
                       now);
      }
    } else {
      if (has_condition(*job, "Suspended", "True")) {
        set_condition(status, {"Suspended", "False", "JobResumed", "Job resumed"}, now);
        events_.record(
            *job, {.reason = "Resumed", .message = "Job resumed", .component = kComponent}, now);
      }
      set_default(status, "startTime", time_value(now));
    }
  }
  Ending ending = count_pods(*job, status, now);
  if (!was_finished) {
    if (!ending.is_over()) ending = ending_of(*job, status, now);
    if (ending.is_over()) {
      end(*job, status, ending, now);
    } else {
      manage_pods(*job, status, now);
    }
  }
  pods_.follow();  // what was just written counts
  const PodsOfOwner& owned = pods_.of(uid_of(*job));
  write_count(status, "active", owned.active);
  status["ready"] = owned.ready;
  status["terminating"] = owned.terminating;
  set_default(status, "uncountedTerminatedPods", json::object{});
  if (ending.is_over() && owned.active == 0 && owned.terminating == 0) {
    set_condition(status, {ending.condition, "True", ending.reason, ending.message}, now);
    if (ending.condition == "Complete") status["completionTime"] = time_value(now);
  }
  write_status(*job, std::move(status), now);
  if (was_finished) remove_when_expired(*job, now);
}

JobController::Ending JobController::count_pods(const json::object& job, json::object& status,
                                                Time now) {
  Ending ending;
  std::int64_t succeeded = int_field(status, {"succeeded"});
  std::int64_t failed = int_field(status, {"failed"});
  std::set<std::int64_t> done = parse_indexes(text_field(status, {"completedIndexes"}));
  Backoff& backoff = backoffs_[std::string(uid_of(job))];
  const PodsOfOwner& owned = pods_.of(uid_of(job));
  const bool waits = waits_for_the_end_of_pods(job);
  if (owned.succeeded + owned.failed + owned.terminating == 0) return ending;
  std::vector<ObjectPtr> counted;
  for (const auto& [name, pod] : owned.pods) {
    const bool is_over = pod.is_succeeded || pod.is_failed || (pod.is_terminating && !waits);
    if (is_over && is_tracked(*pod.object)) counted.push_back(pod.object);
  }
  for (const ObjectPtr& pod : counted) {
    // Released first: what could not be released is counted the next time, once.
    const auto released = api_.update("pods", without_tracking(*pod), now);
    if (!released && released.error().code != 404) {
      due_.set_earliest(object_name(job), now + kRetryAfter);
      continue;
    }
    // Suspending a Job is no failure of its pods.
    if (is_suspended(job) && !is_terminal_pod(*pod)) continue;
    if (text_field(*pod, {"status", "phase"}) == "Succeeded") {
      const auto index = completion_index(*pod);
      const bool is_new = !is_indexed(job) || (index && *index < completions_of(job).value_or(0) &&
                                               done.insert(*index).second);
      succeeded += is_new ? 1 : 0;
      backoff = {};
    } else {
      const FailureAction action = failure_action(job, *pod);
      if (action != FailureAction::Ignore) {
        failed += 1;
        backoff = {.failures = backoff.failures + 1, .last_failure = now};
      }
      if (action == FailureAction::FailJob && !ending.is_over()) {
        ending = {.condition = "Failed",
                  .reason = "PodFailurePolicy",
                  .message = fmt::format("Pod {}/{} failed and matched a FailJob rule",
                                         namespace_of(*pod), name_of(*pod))};
      }
    }
  }
  write_count(status, "succeeded", succeeded);
  write_count(status, "failed", failed);
  if (is_indexed(job)) status["completedIndexes"] = indexes_text(done);
  if (is_indexed(job) && done.empty()) erase_field(status, "completedIndexes");
  pods_.follow();
  return ending;
}

JobController::Ending JobController::ending_of(const json::object& job, const json::object& status,
                                               Time now) const {
  // An ending that was decided earlier waits for the pods to go.
  const json::object view{{"status", status}};
  for (const auto& [target, condition] :
       {std::pair<std::string_view, std::string_view>{"FailureTarget", "Failed"},
        {"SuccessCriteriaMet", "Complete"}}) {
    const json::object* decided = find_condition(view, target);
    if (decided != nullptr && text_field(*decided, {"status"}) == "True") {
      // The sentences are the controller's own constants or live in the Job's status.
      static constexpr std::string_view kReasons[] = {"BackoffLimitExceeded", "DeadlineExceeded",
                                                      "PodFailurePolicy", "CompletionsReached"};
      const auto* reason = std::ranges::find(kReasons, text_field(*decided, {"reason"}));
      if (reason == std::end(kReasons)) continue;
      return {condition, *reason, std::string(text_field(*decided, {"message"}))};
    }
  }
  const PodsOfOwner& owned = pods_.of(uid_of(job));
  const std::int64_t limit = int_field(job, {"spec", "backoffLimit"}, 6);
  std::int64_t restarts = 0;
  if (text_field(job, {"spec", "template", "spec", "restartPolicy"}) == "OnFailure") {
    for (const auto& [name, pod] : owned.pods)
      restarts += pod.is_active ? restart_count(*pod.object) : 0;
  }
  if (int_field(status, {"failed"}) > limit || (restarts > 0 && restarts >= limit)) {
    return {"Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"};
  }
  const std::int64_t deadline = int_field(job, {"spec", "activeDeadlineSeconds"});
  const Time started = time_field(status, {"startTime"});
  if (deadline > 0 && !started.is_zero() && started + Duration::seconds(deadline) <= now) {
    return {"Failed", "DeadlineExceeded", "Job was active longer than specified deadline"};
  }
  const auto completions = completions_of(job);
  const std::int64_t succeeded = int_field(status, {"succeeded"});
  const bool is_complete =
      completions ? succeeded >= *completions : succeeded > 0 && owned.active == 0;
  if (is_complete)
    return {"Complete", "CompletionsReached", "Reached expected number of succeeded pods"};
  return {};
}

void JobController::end(const json::object& job, json::object& status, const Ending& ending,
                        Time now) {
  const bool is_failure = ending.condition == "Failed";
  if (set_condition(status,
                    {is_failure ? "FailureTarget" : "SuccessCriteriaMet", "True", ending.reason,
                     ending.message},
                    now)) {
    events_.record(job,
                   {.type = is_failure ? "Warning" : "Normal",
                    .reason = is_failure ? ending.reason : "Completed",
                    .message = is_failure ? std::string_view(ending.message)
                                          : std::string_view("Job completed"),
                    .component = kComponent},
                   now);
  }
  delete_pods(job, pods_.of(uid_of(job)).active, now);
}

void JobController::manage_pods(const json::object& job, const json::object& status, Time now) {
  const PodsOfOwner& owned = pods_.of(uid_of(job));
  if (is_suspended(job)) {
    delete_pods(job, owned.active, now);
    return;
  }
  const std::int64_t deadline = int_field(job, {"spec", "activeDeadlineSeconds"});
  if (deadline > 0) {
    due_.set_earliest(object_name(job),
                      time_field(status, {"startTime"}) + Duration::seconds(deadline));
  }
  const std::int64_t parallelism = int_field(job, {"spec", "parallelism"}, 1);
  const std::int64_t succeeded = int_field(status, {"succeeded"});
  const auto completions = completions_of(job);
  std::int64_t wanted = parallelism;
  if (completions) {
    wanted = std::min(parallelism, *completions - succeeded);
  } else if (succeeded > 0) {
    wanted = std::min(parallelism, owned.active);  // the queue is empty: no more are started
  }
  if (owned.active > wanted) {
    delete_pods(job, owned.active - wanted, now);
    return;
  }
  const std::int64_t held_back = waits_for_the_end_of_pods(job) ? owned.terminating : 0;
  const std::int64_t missing = wanted - owned.active - held_back;
  if (missing <= 0) return;
  const auto backoff = backoffs_.find(uid_of(job));
  if (backoff != backoffs_.end() && backoff->second.failures > 0) {
    Duration wait = kBackoffFirst;
    for (std::int64_t i = 1; i < backoff->second.failures && wait < kBackoffMax; ++i)
      wait = wait * 2;
    const Time next = backoff->second.last_failure + std::min(wait, kBackoffMax);
    if (next > now) {
      due_.set_earliest(object_name(job), next);
      return;
    }
  }
  create_pods(job, status, missing, now);
}

void JobController::create_pods(const json::object& job, const json::object& status,
                                std::int64_t count, Time now) {
  std::set<std::int64_t> taken;
  if (is_indexed(job)) {
    taken = parse_indexes(text_field(status, {"completedIndexes"}));
    for (const auto& [name, pod] : pods_.of(uid_of(job)).pods) {
      const auto index = completion_index(*pod.object);
      const bool is_there = pod.is_active || (pod.is_terminating && waits_for_the_end_of_pods(job));
      if (index && is_there) taken.insert(*index);
    }
  }
  std::int64_t index = 0;
  for (std::int64_t i = 0; i < std::min(count, kBurst); ++i) {
    while (taken.contains(index)) ++index;
    if (is_indexed(job) && index >= completions_of(job).value_or(0)) break;
    const auto created = api_.create(
        "pods", job_pod(job, is_indexed(job) ? std::optional(index) : std::nullopt), now);
    ++index;
    if (!created) {
      events_.record(job,
                     {.type = "Warning",
                      .reason = "FailedCreate",
                      .message = fmt::format("Error creating: {}", created.error().message),
                      .component = kComponent},
                     now);
      due_.set_earliest(object_name(job), now + kRetryAfter);
      return;
    }
    events_.record(job,
                   {.reason = "SuccessfulCreate",
                    .message = fmt::format("Created pod: {}", name_of(**created)),
                    .component = kComponent},
                   now);
  }
  if (count > kBurst) dirty_.insert(object_name(job));
}

void JobController::delete_pods(const json::object& job, std::int64_t count, Time now) {
  for (const std::string& pod : pods_missed_least(pods_.of(uid_of(job)), count)) {
    const auto removed = api_.remove("pods", namespace_of(job), pod, now);
    if (!removed && removed.error().code != 404)
      due_.set_earliest(object_name(job), now + kRetryAfter);
    events_.record(job,
                   {.reason = "SuccessfulDelete",
                    .message = fmt::format("Deleted pod: {}", pod),
                    .component = kComponent},
                   now);
  }
}

// Nobody counts these pods any more: they may go.
void JobController::release(std::string_view job_uid, Time now) {
  std::vector<ObjectPtr> tracked;
  for (const auto& [name, pod] : pods_.of(job_uid).pods) {
    if (is_tracked(*pod.object)) tracked.push_back(pod.object);
  }
  for (const ObjectPtr& pod : tracked) {
    const auto released = api_.update("pods", without_tracking(*pod), now);
    check(released || released.error().code == 404 || released.error().code == 409,
          "a finalizer of ours can be taken off a pod");
  }
}

void JobController::remove_when_expired(const json::object& job, Time now) {
  const json::value* ttl = find_field(job, {"spec", "ttlSecondsAfterFinished"});
  if (ttl == nullptr || !ttl->is_int64()) return;
  const json::object* ended =
      find_condition(job, has_condition(job, "Complete", "True") ? "Complete" : "Failed");
  const Time expires =
      time_field(*ended, {"lastTransitionTime"}) + Duration::seconds(ttl->get_int64());
  if (expires > now) {
    due_.set_earliest(object_name(job), expires);
    return;
  }
  const auto removed =
      api_.remove(kJobs, namespace_of(job), name_of(job), now, {.uid = std::string(uid_of(job))});
  if (!removed && removed.error().code != 404)
    due_.set_earliest(object_name(job), now + kRetryAfter);
}

void JobController::write_status(const json::object& job, json::object status, Time now) {
  const json::object* old = object_field(job, {"status"});
  if (old != nullptr && *old == status) return;
  json::object changed = job;
  changed["status"] = std::move(status);
  const auto written = api_.update_status(kJobs, std::move(changed), now);
  if (!written) due_.set_earliest(object_name(job), now + kRetryAfter);
}

}  // namespace hyperwright::sim
