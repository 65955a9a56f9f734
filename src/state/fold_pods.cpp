// How pods are folded into the picture: who counts on which node, and who waits for a place.
#include <algorithm>

#include "state/cluster_state.h"
#include "state/echo.h"

namespace hyperwright::state {
namespace {

bool counts_on_node(const kube::Pod& pod) {
  return !pod.node_name.empty() && !kube::is_terminal(pod);
}

}  // namespace

void ClusterState::put(const kube::Pod& pod, Time now) {
  const kube::ObjectKey key{pod.meta.namespace_, pod.meta.name};
  auto it = pods_.find(key);
  if (it != pods_.end() && it->second.pod.meta.uid != pod.meta.uid) {
    erase_pod(key, now);
    it = pods_.end();
  }
  if (it != pods_.end() && is_echo(it->second.pod.meta, pod.meta)) return;
  const bool is_new = it == pods_.end();
  if (is_new) {
    it = pods_.try_emplace(key).first;
    pods_by_uid_.set(pod.meta.uid, &it->first);
  }
  PodRecord& record = it->second;
  const bool had_ended = !is_new && !kube::is_active(record.pod);
  const bool was_bound = counts_on_node(record.pod);
  if (!is_new) {
    unbind(record);
    index_daemon_pod(record.pod, false);
  }
  record.pod = pod;
  index_daemon_pod(pod, true);
  const PodClassId pod_class = pod_classes_.intern(pod);
  // Kubernetes labels a pod with its node's zone and region as it binds it: of one class are the
  // pods that waited alike.
  const PodClassId waited_as = is_new ? pod_class : record.pod_class;
  if (waited_as != pod_class) {
    // Labels and tolerations may change while a pod waits: the verdict was about another pod.
    record.verdict_version = 0;
    record.verdict.clear();
    if (pending_pods_.contains(key)) mark(Key::Of::PendingPods);
  }
  record.pod_class = pod_class;
  bind(record);
  if (!was_bound && counts_on_node(pod)) {
    forget_misfit(record, waited_as, now);
    trade_places(record, waited_as, now);
    clear_nomination(record);
  } else if (!kube::is_reschedulable(pod)) {
    clear_nomination(record);
  }
  // Pods that found no room may fit where this one left.
  if (was_bound && !counts_on_node(pod)) solver_inputs_changed(now);
  // Before the first list is complete, every pod looks new: that must not restart consolidateAfter.
  const bool is_event = was_bound != counts_on_node(pod) || had_ended == kube::is_active(pod);
  if (synced_[static_cast<std::size_t>(Kind::Pod)] && is_event && !pod.node_name.empty() &&
      !kube::is_owned_by_daemon_set(pod)) {
    note_pod_event(pod.node_name, now);
  }
  set_pending(record, now);
}

void ClusterState::erase_pod(const kube::ObjectKey& key, Time now) {
  const auto it = pods_.find(key);
  if (it == pods_.end()) return;
  PodRecord& record = it->second;
  const std::string node = record.pod.node_name;
  if (counts_on_node(record.pod)) solver_inputs_changed(now);
  unbind(record);
  if (!node.empty() && !kube::is_owned_by_daemon_set(record.pod)) note_pod_event(node, now);
  clear_nomination(record);
  if (pending_pods_.erase(key) > 0) mark(Key::Of::PendingPods);
  unplaced_pods_.erase(key);
  pods_by_uid_.erase(record.pod.meta.uid);
  index_daemon_pod(record.pod, false);
  waits_.erase({Target::Of::Pod, key.namespace_ + '/' + key.name});
  pods_.erase(it);
  forget_usage(node);
}

void ClusterState::index_daemon_pod(const kube::Pod& pod, bool is_there) {
  const kube::OwnerReference* owner = pod.meta.controller();
  if (owner == nullptr || owner->kind != "DaemonSet" || !kube::is_active(pod)) return;
  const std::tuple entry(pod.meta.creation_time, pod.meta.name,
                         kube::ObjectKey{pod.meta.namespace_, pod.meta.name});
  if (is_there) {
    daemon_pods_[owner->uid].insert(entry);
  } else if (const auto pods = daemon_pods_.find(owner->uid); pods != daemon_pods_.end()) {
    pods->second.erase(entry);
    if (pods->second.empty()) daemon_pods_.erase(pods);
  }
}

const kube::Pod* ClusterState::newest_daemon_pod(std::string_view uid) const {
  const auto pods = daemon_pods_.find(uid);
  return pods == daemon_pods_.end() ? nullptr : &pods_.at(std::get<2>(*pods->second.rbegin())).pod;
}

// Marks the node even where its usage is the same: of a pod that had ended before it went.
void ClusterState::note_pod_event(const std::string& node, Time now) {
  usage_[node].last_pod_event = now;
  mark(Key::Of::Node, node);
}

// A node's usage is kept as long as the node or a pod on it is known.
void ClusterState::forget_usage(const std::string& node) {
  const auto it = usage_.find(node);
  if (it != usage_.end() && it->second.pods.empty() && !nodes_.contains(node)) usage_.erase(it);
}

void ClusterState::unbind(const PodRecord& record) {
  if (!counts_on_node(record.pod)) return;
  NodeUsage& usage = usage_[record.pod.node_name];
  std::erase(usage.pods, &record);
  usage.requested -= record.pod.scheduling.requests;
  if (kube::is_owned_by_daemon_set(record.pod))
    usage.daemon_requested -= record.pod.scheduling.requests;
  if (kube::is_reschedulable(record.pod) && --usage.reschedulable == 0)
    index_claim_of_node(record.pod.node_name);
  mark(Key::Of::Node, record.pod.node_name);
}

void ClusterState::bind(const PodRecord& record) {
  if (!counts_on_node(record.pod)) return;
  NodeUsage& usage = usage_[record.pod.node_name];
  const auto place = std::ranges::lower_bound(
      usage.pods, std::pair(record.pod.meta.namespace_, record.pod.meta.name), {},
      [](const PodRecord* other) {
        return std::pair(other->pod.meta.namespace_, other->pod.meta.name);
      });
  usage.pods.insert(place, &record);
  usage.requested += record.pod.scheduling.requests;
  if (kube::is_owned_by_daemon_set(record.pod))
    usage.daemon_requested += record.pod.scheduling.requests;
  if (kube::is_reschedulable(record.pod) && ++usage.reschedulable == 1)
    index_claim_of_node(record.pod.node_name);
  mark(Key::Of::Node, record.pod.node_name);
}

// A nomination is kept when the pod stops to wait without a place, as when the scheduler notes a
// node that it expects: it may take that back.
void ClusterState::set_pending(PodRecord& record, Time now) {
  const kube::ObjectKey key{record.pod.meta.namespace_, record.pod.meta.name};
  const bool waits = kube::is_provisionable(record.pod) && kube::is_active(record.pod);
  if (waits == pending_pods_.contains(key)) return;
  mark(Key::Of::PendingPods);
  if (waits) {
    pending_pods_.insert(key);
    record.pending_since = now;
    return index_unplaced(record);
  }
  pending_pods_.erase(key);
  unplaced_pods_.erase(key);
  record.pending_since = Time{};
  record.verdict_version = 0;
  record.verdict.clear();
}

}  // namespace hyperwright::state
