// Claims that will not become nodes go, so that their pods are planned again.
//
//   no capacity       HyperPod says so, or names no instance within 10 minutes of the logical id:
//                     the offering is left out of plans for a while, and the next best is tried
//   lifecycle script  it fails on every instance, and each try is billed: the whole group backs
//                     off, doubling
//   not registered    no Node within 30 minutes of the instance; the clock stands still in a deep
//                     health check
//
// Source: Karpenter v1, NodeClaim lifecycle, liveness (time-outs of 5 and 15 minutes from creation
// there); HyperPod, continuous provisioning: failures are retried for ever.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "controllers/back_off.h"
#include "controllers/launch_failure.h"
#include "controllers/lifecycle_step.h"
#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_claim_condition;

constexpr std::size_t kMessageMax = 300;  // as in Karpenter
constexpr BackOffLengths kScriptBackOff{.first = Duration::minutes(5),
                                        .longest = Duration::hours(4)};

std::string cut(const std::string& text) {
  return text.size() <= kMessageMax ? text : std::string(first_bytes(text, kMessageMax)) + "...";
}

// The pool tells that its nodes do not come up. Says whether that is written, or under way.
bool tell_pool(LifecycleStep& step, std::string_view reason, const std::string& message) {
  constexpr std::string_view kType = kube::node_pool_condition::kNodeRegistrationHealthy;
  const kube::NodePool* pool = step.context.state.find_node_pool(step.claim().node_pool());
  if (pool == nullptr || kube::is_false(pool->conditions, kType)) return true;
  kube::NodePool next = *pool;
  kube::ConditionWriter writer(next.conditions, kube::node_pool_condition::kDependents,
                               pool->meta.generation, pool->meta.creation_time, step.context.now);
  writer.set_false(kType, reason, message);
  if (step.decision.emit(state::UpdateNodePoolStatus{std::move(next)}, "status")) return true;
  step.decision.look_again(step.context.now + Duration::seconds(1));
  return false;
}

bool end(LifecycleStep& step, std::string_view reason) {
  return step.decision.emit(deletion_of(step.claim()), std::string(reason));
}

bool end_without_capacity(LifecycleStep& step, const std::string& why) {
  if (!end(step, "insufficient_capacity")) return true;
  const state::Options& options = step.context.state.options();
  step.decision.emit(state::MarkUnavailable{step.record.launch->offering(),
                                            step.context.now + options.unavailable_for},
                     "insufficient_capacity");
  step.decision.emit(
      warning(step.claim(), "InsufficientCapacityError",
              fmt::format("NodeClaim {} event: {}", step.claim().meta.name, cut(why))),
      "insufficient_capacity");
  return true;
}

Time transition_of(const kube::NodeClaim& claim, std::string_view type) {
  const kube::Condition* found = kube::find_condition(claim.conditions, type);
  return found == nullptr ? claim.meta.creation_time : found->last_transition_time;
}

// HyperPod's clock starts when it has named the logical id: until then the call was refused, or
// throttled, which says nothing about capacity.
Time waits_for_instance_since(const LifecycleStep& step) {
  const Time since = transition_of(step.next, condition::kLaunched);
  const auto named = parse_time(step.claim().meta.annotations.get(kube::kLogicalIdStoredAt));
  return named ? std::max(since, *named) : since;
}

bool end_if_not_launched(LifecycleStep& step, const LaunchFailure& failure) {
  const Duration timeout = step.context.state.options().capacity_timeout;
  const Time late = waits_for_instance_since(step) + timeout;
  if (late > step.context.now) {
    step.decision.look_again(late);
    return false;
  }
  const std::string waited =
      fmt::format("HyperPod named no instance within {}", format_duration(timeout));
  if (step.record.logical_id.empty()) {
    if (tell_pool(step, "LaunchFailed", waited)) end(step, "launch_timeout");
    return true;
  }
  return end_without_capacity(
      step, failure.message.empty() ? waited : fmt::format("{}: {}", waited, failure.message));
}

bool end_if_not_registered(LifecycleStep& step, const LaunchFailure& failure) {
  if (step.instance != nullptr &&
      step.instance->node.status == hyperpod::InstanceStatus::DeepHealthCheckInProgress)
    return false;
  const Duration timeout = step.context.state.options().registration_timeout;
  // From the instance on; or from the loss of the Node, where one was registered before.
  const Time late = std::max(transition_of(step.next, condition::kLaunched),
                             transition_of(step.next, condition::kRegistered)) +
                    timeout;
  if (late > step.context.now) {
    step.decision.look_again(late);
    return false;
  }
  std::string message =
      fmt::format("Failed to register node: none joined the cluster within {} of its instance",
                  format_duration(timeout));
  if (!failure.message.empty()) message += fmt::format("; HyperPod says: {}", cut(failure.message));
  if (tell_pool(step, "RegistrationFailed", message) && end(step, "registration_timeout")) {
    step.decision.emit(warning(step.claim(), "RegistrationFailed", message),
                       "registration_timeout");
  }
  return true;
}

}  // namespace

bool end_if_failed(LifecycleStep& step) {
  if (kube::is_true(step.next.conditions, condition::kRegistered) || step.node != nullptr)
    return false;
  if (!step.record.launch && step.record.logical_id.empty())
    return false;  // a user's own: told, and left alone
  const LaunchFailure failure = launch_failure(step.context.state, step.record);
  if (failure.kind == LaunchFailureKind::Capacity && step.record.launch)
    return end_without_capacity(step, failure.message);
  if (failure.kind == LaunchFailureKind::LifecycleScript && step.record.launch) {
    if (tell_pool(step, "RegistrationFailed", cut(failure.message)) &&
        end(step, "lifecycle_script_failed")) {
      back_off(step.context, step.record, "lifecycle_script_failed", cut(failure.message),
               kScriptBackOff, step.decision);
    }
    return true;
  }
  if (failure.kind == LaunchFailureKind::Other && !failure.message.empty()) {
    step.decision.emit(warning(step.claim(), "LaunchFailed",
                               fmt::format("NodeClaim {} event: {}; HyperPod tries again",
                                           step.claim().meta.name, cut(failure.message)),
                               Duration::minutes(30)),
                       "launch_failed");
  }
  if (!kube::is_true(step.next.conditions, condition::kLaunched))
    return end_if_not_launched(step, failure);
  return end_if_not_registered(step, failure);
}

}  // namespace hyperwright::controllers
