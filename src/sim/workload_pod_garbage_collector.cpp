#include "sim/workload_pod_garbage_collector.h"

#include <utility>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr Duration kQuarantine = Duration::seconds(40);

}  // namespace

void PodGarbageCollector::step(Time now) {
  const ChangeFollower::News pods = pods_.take();
  if (pods.is_relist) pods_of_node_.clear();
  for (const Change& change : pods.changes) {
    const std::string_view node = text_field(*change.object, {"spec", "nodeName"});
    if (node.empty()) continue;
    if (change.kind == ChangeKind::Deleted) {
      const auto it = pods_of_node_.find(node);
      if (it == pods_of_node_.end()) continue;
      it->second.erase(object_name(*change.object));
      if (it->second.empty()) pods_of_node_.erase(it);
      continue;
    }
    if (change.previous != nullptr && text_field(*change.previous, {"spec", "nodeName"}) == node)
      continue;
    pods_of_node_[std::string(node)].insert(object_name(*change.object));
    if (api_.find("nodes", "", node) == nullptr)
      due_.set_earliest(std::string(node), now + kQuarantine);
  }
  for (const Change& change : nodes_.take().changes) {
    const std::string name(name_of(*change.object));
    if (change.kind == ChangeKind::Deleted) {
      due_.set_earliest(name, now + kQuarantine);
    } else {
      due_.erase(name);
    }
  }
  for (const std::string& node : due_.take_due(now)) collect(node, now);
}

void PodGarbageCollector::collect(const std::string& node, Time now) {
  const auto it = pods_of_node_.find(node);
  if (it == pods_of_node_.end() || api_.find("nodes", "", node) != nullptr) return;
  for (const ObjectName& name : ObjectNames(it->second)) {
    const ObjectPtr pod = api_.find("pods", name.ns, name.name);
    if (pod == nullptr) continue;
    if (!is_terminal_pod(*pod)) {
      json::object changed = *pod;
      json::object& status = object_at(changed, {"status"});
      status["phase"] = "Failed";
      set_condition(status,
                    {"DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists"},
                    now);
      const auto failed = api_.update_status("pods", std::move(changed), now);
      check(failed.has_value(), "the status of a pod can be written");
    }
    const auto removed = api_.remove("pods", name.ns, name.name, now, {.grace_period_seconds = 0});
    check(removed || removed.error().code == 404, "a pod without a node can be removed");
  }
}

}  // namespace hyperwright::sim
