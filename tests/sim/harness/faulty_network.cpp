#include "tests/sim/harness/faulty_network.h"

namespace hyperwright::swarm {
namespace {

using Way = sim::ChangeFate::Way;

constexpr Duration kKubernetesLatency = Duration::milliseconds(5);
constexpr Duration kHyperPodLatency = Duration::milliseconds(200);
// Less than what lies between a leader's last act and its successor's first one.
constexpr Duration kSlowest = Duration::seconds(3);
// A caller that hears nothing gives up after this.
constexpr Duration kPatience = Duration::seconds(10);

bool is_reading(const state::Action& action) {
  for (const state::Target& target : state::targets_of(action)) {
    if (target.of == state::Target::Of::Reading) return true;
  }
  return false;
}

// Of the object that it is meant for: 409 says that it is another one now.
bool has_uid(const state::Action& action) {
  return std::holds_alternative<state::DeleteNodeClaim>(action) ||
         std::holds_alternative<state::DeleteNode>(action) ||
         std::holds_alternative<state::DeletePod>(action);
}

bool has_version(const state::Action& action) {
  return std::holds_alternative<state::PatchNode>(action) ||
         std::holds_alternative<state::PatchNodeClaim>(action) ||
         std::holds_alternative<state::UpdateNodeClaimStatus>(action) ||
         std::holds_alternative<state::UpdateNodePoolStatus>(action) ||
         std::holds_alternative<state::UpdateNodeClassStatus>(action);
}

// What an admission webhook, or a right that is missing for a moment, refuses.
bool may_be_refused(const state::Action& action) {
  return std::holds_alternative<state::CreateNodeClaim>(action) ||
         std::holds_alternative<state::EvictPod>(action) || has_uid(action);
}

}  // namespace

Duration FaultyNetwork::up_to(Duration longest) {
  return Duration::microseconds(static_cast<std::int64_t>(
      random_.below(static_cast<std::uint64_t>(longest.in_microseconds()) + 1)));
}

sim::CallFate FaultyNetwork::fate_of(const state::Effect& effect, Time /*now*/) {
  const bool is_kubernetes = !sim::is_for_hyperpod(effect.action);
  const Duration latency = is_kubernetes ? kKubernetesLatency : kHyperPodLatency;
  const sim::CallFate good{.until_carried_out = latency / 2, .until_answered = latency / 2};
  if (is_healed_) return good;
  const Rates& rates = is_kubernetes ? swarm_.kubernetes : swarm_.hyperpod;
  sim::CallFate fate = draw(rates, is_kubernetes, good);
  // A call that was refused for its version was not carried out; others know no conflict.
  if (is_kubernetes && has_version(effect.action) && random_.chance(rates.conflict)) {
    fate.is_carried_out = false;
    fate.failure = sim::CallFate::Failure{ErrorCode::Conflict, 409};
  }
  // Where none are drawn the generator is not asked, so that those seeds stay what they were.
  if (is_kubernetes && rates.refused > 0 && may_be_refused(effect.action) &&
      random_.chance(rates.refused)) {
    static constexpr int kStatuses[] = {403, 422, 409};
    fate.is_carried_out = false;
    fate.failure = sim::CallFate::Failure{ErrorCode::Invalid,
                                          kStatuses[random_.below(has_uid(effect.action) ? 3 : 2)]};
  }
  // What only reads changes nothing: its caller asks again by itself, and hears that it failed.
  if (fate.failure && fate.failure->code == ErrorCode::Unknown && is_reading(effect.action))
    fate.failure = sim::CallFate::Failure{ErrorCode::Unavailable, 0};
  return fate;
}

sim::CallFate FaultyNetwork::draw(const Rates& rates, bool is_kubernetes, sim::CallFate fate) {
  using Failure = sim::CallFate::Failure;
  if (random_.chance(rates.slow)) {
    fate.until_carried_out = fate.until_carried_out + up_to(kSlowest);
    fate.until_answered = fate.until_answered + up_to(kSlowest);
  }
  const bool is_carried_out = random_.below(2) == 0;
  if (random_.chance(rates.lost)) {
    fate.is_carried_out = is_carried_out;
    fate.until_answered = kPatience;
    fate.failure = Failure{ErrorCode::Unknown, 0};
  } else if (random_.chance(rates.broken)) {
    static constexpr int kStatuses[] = {500, 502, 503, 504};
    const int status = kStatuses[random_.below(4)];
    // 503 of Kubernetes: nobody was there to take it. Of all others nobody knows.
    fate.is_carried_out = is_carried_out && !(is_kubernetes && status == 503);
    fate.failure = Failure{ErrorCode::Unknown, is_kubernetes ? status : 0};
  } else if (random_.chance(rates.throttled)) {
    fate.is_carried_out = false;
    fate.failure = Failure{ErrorCode::Throttled, is_kubernetes ? 429 : 0};
  } else if (!is_kubernetes && random_.chance(rates.forbidden)) {
    fate.is_carried_out = false;
    fate.failure = Failure{ErrorCode::Forbidden, 0};
  }
  return fate;
}

sim::ChangeFate FaultyNetwork::fate_of(state::Kind /*kind*/, Time /*now*/) {
  if (is_healed_) return {};
  const WatchRates& rates = swarm_.watches;
  const auto at_least_a_moment = [&](Duration longest) {
    return Duration::milliseconds(1) + up_to(longest);
  };
  if (random_.chance(rates.forgotten)) return {Way::IsForgotten, at_least_a_moment(rates.down_max)};
  if (random_.chance(rates.breaks)) return {Way::Breaks, at_least_a_moment(rates.down_max)};
  sim::ChangeFate fate;
  if (random_.chance(rates.twice)) fate.way = Way::ComesTwice;
  if (random_.chance(rates.late)) fate.late = up_to(rates.late_max);
  return fate;
}

}  // namespace hyperwright::swarm
