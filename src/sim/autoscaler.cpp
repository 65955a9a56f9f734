#include "sim/autoscaler.h"

#include <boost/json.hpp>

#include "runtime/calls.h"
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
                       Latency latency)
    : kubernetes_(kubernetes),
      hyperpod_(hyperpod),
      loop_(state::ClusterState(std::move(options), std::move(types)), seed,
            controllers::all_controllers()),
      latency_(latency) {}

void Autoscaler::read_watches(std::vector<state::Event>& events) {
  for (std::size_t i = 0; i < state::kKindCount; ++i) {
    const auto kind = static_cast<state::Kind>(i);
    if (!loop_.state().options().watches(kind)) continue;
    WatchPosition& watch = watches_[i];
    if (!watch.is_listed) {
      if (kubernetes_.find_type(kResources[i]) == nullptr) {  // the CRD is not there yet
        if (state::may_be_missing(kind) && !watch.is_told_missing)
          events.emplace_back(state::Synced{kind});
        watch.is_told_missing = true;
        continue;
      }
      watch.is_listed = true;
      watch.resource_version = kubernetes_.resource_version();
      for (const ObjectPtr& object : kubernetes_.list(kResources[i])) {
        if (auto event = runtime::changed_event(kind, json::value(*object)))
          events.push_back(std::move(*event));
      }
      events.emplace_back(state::Synced{kind});
      continue;
    }
    const auto changes = kubernetes_.changes_since(kResources[i], watch.resource_version);
    check(changes.has_value(),
          "the autoscaler of the simulated world reads its watches at every instant");
    for (const Change& change : *changes) {
      watch.resource_version = change.resource_version;
      auto event = runtime::changed_event(kind, json::value(*change.object));
      if (!event) continue;
      if (change.kind != ChangeKind::Deleted) {
        events.push_back(std::move(*event));
        continue;
      }
      const kube::ObjectMeta& meta = state::meta_of(std::get<state::Changed>(*event).object);
      events.emplace_back(
          state::Gone{kind, {meta.namespace_, meta.name}, meta.uid, change.resource_version});
    }
  }
}

bool Autoscaler::step(Time now) {
  std::vector<state::Event> events;
  read_watches(events);
  while (!answers_.empty() && answers_.begin()->first.first <= now) {
    if (on_answer) on_answer(answers_.begin()->second, now);
    events.emplace_back(std::move(answers_.begin()->second));
    answers_.erase(answers_.begin());
  }
  if (events.empty() && loop_.next_wake() > now) return false;
  for (const state::Effect& effect : loop_.turn(events, now)) {
    const bool is_call = state::is_answered(effect.action);
    is_dead_ = is_dead_ || (dying_ && is_call);
    if (dying_ && is_call && dying_->below(2) == 0) continue;
    if (on_effect) on_effect(effect, now);
    if (is_call) carry_out(effect, now);
  }
  return true;
}

void Autoscaler::carry_out(const state::Effect& effect, Time now) {
  if (const auto call = runtime::kubernetes_call(effect, now)) {
    const KubernetesAnswer answer = sim::carry_out(kubernetes_, *call, now);
    answers_.emplace(std::pair(now + latency_.kubernetes, effect.id),
                     runtime::kubernetes_answer(effect, answer.status, answer.body));
    return;
  }
  const auto call = runtime::hyperpod_call(effect, loop_.state().options().cluster);
  check(call.has_value(), "an effect that is answered is a call to Kubernetes or to HyperPod");
  answers_.emplace(std::pair(now + latency_.hyperpod, effect.id),
                   runtime::hyperpod_answer(effect, sim::carry_out(hyperpod_, *call, now)));
}

Time Autoscaler::next_wake() const {
  const Time answer = answers_.empty() ? Time::max() : answers_.begin()->first.first;
  return std::min(answer, loop_.next_wake());
}

}  // namespace hyperwright::sim
