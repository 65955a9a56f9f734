#include "sim/autoscaler.h"

#include <algorithm>

#include <boost/json.hpp>

#include "runtime/calls.h"
#include "runtime/journal.h"
#include "sim/in_process_calls.h"

namespace hyperwright::sim {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, state::kKindCount> kResources = {
    "pods",
    "nodes",
    "nodepools.karpenter.sh",
    "nodeclaims.karpenter.sh",
    "hyperpodnodeclasses.karpenter.sagemaker.amazonaws.com",
    "daemonsets.apps",
    "poddisruptionbudgets.policy",
    "persistentvolumes",
    "persistentvolumeclaims",
    "storageclasses.storage.k8s.io",
    "csinodes.storage.k8s.io",
    "namespaces",
    "services",
    "replicasets.apps",
    "statefulsets.apps",
    "replicationcontrollers",
    "deployments.apps",
    "podtemplates",
    "nodeoverlays.karpenter.sh",
    "capacitybuffers.autoscaling.x-k8s.io"};

}  // namespace

Autoscaler::Autoscaler(KubernetesApi& kubernetes, service::HyperPodService& hyperpod,
                       state::Options options, hyperpod::InstanceTypes types, std::uint64_t seed,
                       Latency latency, Network* network,
                       std::span<const controllers::Controller> controllers)
    : kubernetes_(kubernetes),
      hyperpod_(hyperpod),
      loop_(state::ClusterState(std::move(options), std::move(types)), seed, controllers),
      latency_(latency),
      network_(network) {}

// --- watches ---

void Autoscaler::read_watches(std::vector<state::Event>& events, Time now) {
  for (std::size_t i = 0; i < state::kKindCount; ++i) {
    const auto kind = static_cast<state::Kind>(i);
    if (!loop_.state().options().watches(kind)) continue;
    WatchPosition& watch = watches_[i];
    if (now >= watch.down_until) {
      watch.down_until = Time{};
      if (watch.is_listed) {
        follow(kind, watch, events, now);
      } else if (kubernetes_.find_type(kResources[i]) != nullptr) {
        list(kind, watch, events);
      } else if (state::may_be_missing(kind) && !watch.is_told_missing) {  // no CRD yet
        events.emplace_back(state::Synced{kind});
        watch.is_told_missing = true;
      }
    }
    while (!watch.coming.empty() && watch.coming.front().first <= now) {
      tell(watch, std::move(watch.coming.front().second), events);
      watch.coming.pop_front();
    }
  }
}

void Autoscaler::tell(WatchPosition& watch, state::Event event, std::vector<state::Event>& events) {
  if (network_ != nullptr) {
    if (const auto* gone = std::get_if<state::Gone>(&event)) {
      watch.known.erase(gone->key);
    } else {
      const kube::ObjectMeta& meta = state::meta_of(std::get<state::Changed>(event).object);
      watch.known[{meta.namespace_, meta.name}] = meta.uid;
    }
  }
  events.push_back(std::move(event));
}

// What is there, and of what was known what is not there any more.
void Autoscaler::list(state::Kind kind, WatchPosition& watch, std::vector<state::Event>& events) {
  watch.is_listed = true;
  watch.resource_version = kubernetes_.resource_version();
  std::map<kube::ObjectKey, std::string> gone = std::move(watch.known);
  watch.known.clear();
  for (const ObjectPtr& object : kubernetes_.list(kResources[static_cast<std::size_t>(kind)])) {
    auto event = runtime::changed_event(kind, json::value(*object));
    if (!event) continue;
    const kube::ObjectMeta& meta = state::meta_of(std::get<state::Changed>(*event).object);
    gone.erase({meta.namespace_, meta.name});
    tell(watch, std::move(*event), events);
  }
  for (auto& [key, uid] : gone)
    events.emplace_back(state::Gone{kind, key, std::move(uid), watch.resource_version});
  events.emplace_back(state::Synced{kind});
}

namespace {

std::optional<state::Event> event_of(state::Kind kind, const Change& change) {
  auto event = runtime::changed_event(kind, json::value(*change.object));
  if (!event) return std::nullopt;
  if (change.kind != ChangeKind::Deleted) return std::move(*event);
  const kube::ObjectMeta& meta = state::meta_of(std::get<state::Changed>(*event).object);
  return state::Gone{kind, {meta.namespace_, meta.name}, meta.uid, change.resource_version};
}

}  // namespace

void Autoscaler::follow(state::Kind kind, WatchPosition& watch, std::vector<state::Event>& events,
                        Time now) {
  const std::uint64_t current = kubernetes_.resource_version();
  if (watch.resource_version == current) return;
  const auto changes =
      kubernetes_.changes_since(kResources[static_cast<std::size_t>(kind)], watch.resource_version);
  if (!changes) {  // 410 Gone
    check(network_ != nullptr, "without a network, the watches are read at every change");
    watch.coming.clear();
    return list(kind, watch, events);
  }
  for (const Change& change : *changes) {
    const ChangeFate fate = network_ == nullptr ? ChangeFate{} : network_->fate_of(kind, now);
    if (fate.way == ChangeFate::Way::Breaks || fate.way == ChangeFate::Way::IsForgotten) {
      watch.down_until = now + fate.late;
      if (fate.way == ChangeFate::Way::IsForgotten) {
        watch.is_listed = false;
        watch.coming.clear();
      }
      return;
    }
    watch.resource_version = change.resource_version;
    auto event = event_of(kind, change);
    if (!event) continue;
    const Time comes = std::max(watch.last_comes, now + fate.late);
    if (comes <= now && watch.coming.empty()) {
      if (fate.way == ChangeFate::Way::ComesTwice) tell(watch, *event, events);
      tell(watch, std::move(*event), events);
      continue;
    }
    watch.last_comes = comes;
    if (fate.way == ChangeFate::Way::ComesTwice) watch.coming.emplace_back(comes, *event);
    watch.coming.emplace_back(comes, std::move(*event));
  }
  watch.resource_version = current;
}

// --- turns and calls ---

bool Autoscaler::step(Time now) {
  bool did_something = false;
  while (!sent_.empty() && sent_.begin()->first.first <= now) {
    const Sent sent = std::move(sent_.begin()->second);
    sent_.erase(sent_.begin());
    arrive(sent, now);
    did_something = true;
  }
  std::vector<state::Event> events;
  read_watches(events, now);
  while (!answers_.empty() && answers_.begin()->first.first <= now) {
    if (on_answer) on_answer(answers_.begin()->second, now);
    events.emplace_back(std::move(answers_.begin()->second));
    answers_.erase(answers_.begin());
  }
  if (events.empty() && loop_.next_wake() > now) return did_something;
  if (journal != nullptr) journal->before_turn(loop_, events, now);
  std::vector<state::Effect> effects = loop_.turn(events, now);
  if (journal != nullptr) journal->after_turn(loop_, effects);
  if (after_turn) after_turn(effects, loop_);
  for (const state::Effect& effect : effects) {
    const bool is_call = state::is_answered(effect.action);
    is_dead_ = is_dead_ || (dying_ && is_call);
    if (dying_ && is_call && dying_->below(2) == 0) continue;
    if (on_effect) on_effect(effect, now);
    if (is_call) send(effect, now);
  }
  return true;
}

void Autoscaler::send(const state::Effect& effect, Time now) {
  Sent sent{.effect = effect, .fate = {}};
  if (network_ != nullptr) {
    sent.fate = network_->fate_of(effect, now);
  } else {
    sent.fate.until_answered =
        is_for_hyperpod(effect.action) ? latency_.hyperpod : latency_.kubernetes;
  }
  if (sent.fate.until_carried_out == Duration{}) return arrive(sent, now);
  const Time at = now + sent.fate.until_carried_out;
  sent_.emplace(When(at, effect.id), std::move(sent));
}

// As the API server says it: without its Status a 409 would say nothing of the object.
static json::object drawn_status(int status) {
  json::object body = {{"kind", "Status"}, {"message", "a drawn fault"}, {"code", status}};
  if (status == 409) body["reason"] = "Conflict";
  return body;
}

void Autoscaler::arrive(const Sent& sent, Time now) {
  check(sent.fate.is_carried_out || sent.fate.failure, "a call that never arrives fails");
  state::Answered answered{.effect = sent.effect.id};
  if (sent.fate.is_carried_out) {
    if (on_arrival) on_arrival(sent.effect, now);
    answered = carry_out(sent.effect, now);
  }
  if (const auto& failure = sent.fate.failure) {
    answered = failure->status == 0
                   ? runtime::failed_answer(sent.effect, Error(failure->code, "a drawn fault"))
                   : runtime::kubernetes_answer(sent.effect, failure->status,
                                                drawn_status(failure->status));
  }
  answers_.emplace(When(now + sent.fate.until_answered, sent.effect.id), std::move(answered));
}

state::Answered Autoscaler::carry_out(const state::Effect& effect, Time now) {
  if (const auto call = runtime::kubernetes_call(effect, now)) {
    const KubernetesAnswer answer = sim::carry_out(kubernetes_, *call, now);
    return runtime::kubernetes_answer(effect, answer.status, answer.body);
  }
  const auto call = runtime::hyperpod_call(effect, loop_.state().options().cluster);
  check(call.has_value(), "an effect that is answered is a call to Kubernetes or to HyperPod");
  return runtime::hyperpod_answer(effect, sim::carry_out(hyperpod_, *call, now));
}

void Autoscaler::end(Random random, Time now) {
  for (const auto& [when, sent] : sent_) {
    if (sent.fate.is_carried_out && random.below(2) == 0) {
      if (on_arrival) on_arrival(sent.effect, now);
      carry_out(sent.effect, now);
    }
  }
  sent_.clear();
}

Time Autoscaler::next_wake() const {
  Time next = loop_.next_wake();
  if (!answers_.empty()) next = std::min(next, answers_.begin()->first.first);
  if (network_ == nullptr) return next;
  if (!sent_.empty()) next = std::min(next, sent_.begin()->first.first);
  for (const WatchPosition& watch : watches_) {
    if (!watch.coming.empty()) next = std::min(next, watch.coming.front().first);
    if (!watch.down_until.is_zero()) next = std::min(next, watch.down_until);
  }
  return next;
}

}  // namespace hyperwright::sim
