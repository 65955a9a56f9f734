#include "sim/workload_node_lifecycle.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

struct TaintName {
  std::string_view key;
  std::string_view effect;
  bool operator==(const TaintName&) const = default;
};

constexpr std::string_view kNotReady = "node.kubernetes.io/not-ready";
constexpr std::string_view kUnreachable = "node.kubernetes.io/unreachable";

constexpr TaintName kOurs[] = {{kNotReady, "NoSchedule"},
                               {kUnreachable, "NoSchedule"},
                               {"node.kubernetes.io/memory-pressure", "NoSchedule"},
                               {"node.kubernetes.io/disk-pressure", "NoSchedule"},
                               {"node.kubernetes.io/pid-pressure", "NoSchedule"},
                               {"node.kubernetes.io/network-unavailable", "NoSchedule"},
                               {"node.kubernetes.io/unschedulable", "NoSchedule"},
                               {kNotReady, "NoExecute"},
                               {kUnreachable, "NoExecute"}};

std::vector<TaintName> wanted_taints(const json::object& node, bool was_ready) {
  std::vector<TaintName> wanted;
  const bool is_known = find_condition(node, "Ready") != nullptr;
  const std::string_view lost = has_condition(node, "Ready", "False")     ? kNotReady
                                : has_condition(node, "Ready", "Unknown") ? kUnreachable
                                                                          : std::string_view{};
  if (!is_known) wanted.push_back({kNotReady, "NoSchedule"});
  if (!lost.empty()) wanted.push_back({lost, "NoSchedule"});
  static constexpr std::pair<std::string_view, std::string_view> kPressures[] = {
      {"MemoryPressure", "node.kubernetes.io/memory-pressure"},
      {"DiskPressure", "node.kubernetes.io/disk-pressure"},
      {"PIDPressure", "node.kubernetes.io/pid-pressure"},
      {"NetworkUnavailable", "node.kubernetes.io/network-unavailable"}};
  for (const auto& [condition, key] : kPressures) {
    if (has_condition(node, condition, "True")) wanted.push_back({key, "NoSchedule"});
  }
  if (bool_field(node, {"spec", "unschedulable"}))
    wanted.push_back({"node.kubernetes.io/unschedulable", "NoSchedule"});
  if (!lost.empty() && was_ready) wanted.push_back({lost, "NoExecute"});
  return wanted;
}

// The node's taints as they should be: those of others stay, and ours that stay keep their date.
json::array settled_taints(const json::object& node, std::vector<TaintName> wanted, Time now) {
  json::array out;
  if (const json::array* taints = array_field(node, {"spec", "taints"})) {
    for (const json::value& item : *taints) {
      const TaintName name{text_field(item.as_object(), {"key"}),
                           text_field(item.as_object(), {"effect"})};
      const auto it = std::ranges::find(wanted, name);
      if (it != wanted.end()) {
        wanted.erase(it);
        out.push_back(item);
      } else if (std::ranges::find(kOurs, name) == std::end(kOurs)) {
        out.push_back(item);
      }
    }
  }
  for (const TaintName& name : wanted) {
    out.push_back(json::object{{"key", text_value(name.key)},
                               {"effect", text_value(name.effect)},
                               {"timeAdded", time_value(now)}});
  }
  return out;
}

}  // namespace

void NodeLifecycleController::step(Time now) {
  std::set<std::string> changed;
  const ChangeFollower::News nodes = nodes_.take();
  for (const Change& change : nodes.changes) {
    if (change.kind == ChangeKind::Deleted) {
      were_ready_.erase(std::string(uid_of(*change.object)));
    } else {
      changed.insert(std::string(name_of(*change.object)));
    }
  }
  follow_pods(now);
  for (const std::string& name : changed) reconcile(name, now);
  eviction_.step(now);
}

void NodeLifecycleController::follow_pods(Time now) {
  const ChangeFollower::News pods = pods_.take();
  if (pods.is_relist) pods_of_node_.clear();
  for (const Change& change : pods.changes) {
    const std::string_view node = text_field(*change.object, {"spec", "nodeName"});
    if (node.empty()) continue;
    const ObjectName name = object_name(*change.object);
    if (change.kind == ChangeKind::Deleted) {
      const auto it = pods_of_node_.find(node);
      if (it != pods_of_node_.end()) {
        it->second.erase(name);
        if (it->second.empty()) pods_of_node_.erase(it);
      }
      eviction_.forget(name);
      continue;
    }
    const auto it = pods_of_node_.find(node);
    if (it == pods_of_node_.end()) {
      pods_of_node_.emplace(std::string(node), ObjectNames{name});
    } else {
      it->second.insert(name);
    }
    if (const ObjectPtr found = api_.find("nodes", "", node))
      eviction_.look_at(*change.object, *found, now);
  }
}

void NodeLifecycleController::reconcile(const std::string& name, Time now) {
  ObjectPtr node = api_.find("nodes", "", name);
  if (node == nullptr) return;
  const std::string uid(uid_of(*node));
  const bool was_ready = were_ready_.contains(uid);
  const bool is_lost =
      has_condition(*node, "Ready", "False") || has_condition(*node, "Ready", "Unknown");
  if (has_condition(*node, "Ready", "True")) were_ready_.insert(uid);

  json::array taints = settled_taints(*node, wanted_taints(*node, was_ready), now);
  const json::array* before = array_field(*node, {"spec", "taints"});
  if (before == nullptr ? !taints.empty() : *before != taints) {
    json::object changed = *node;
    json::object& spec = object_at(changed, {"spec"});
    if (taints.empty()) {
      erase_field(spec, "taints");
    } else {
      spec["taints"] = std::move(taints);
    }
    const auto written = api_.update("nodes", std::move(changed), now);
    check(written.has_value(), "the taints of a node can be written");
    node = *written;
  }
  if (is_lost && was_ready) mark_pods_not_ready(name, now);
  const auto pods = pods_of_node_.find(name);
  if (pods == pods_of_node_.end()) return;
  for (const ObjectName& pod : pods->second) {
    if (const ObjectPtr found = api_.find("pods", pod.ns, pod.name))
      eviction_.look_at(*found, *node, now);
  }
}

void NodeLifecycleController::mark_pods_not_ready(const std::string& node, Time now) {
  const auto pods = pods_of_node_.find(node);
  if (pods == pods_of_node_.end()) return;
  for (const ObjectName& name : pods->second) {
    const ObjectPtr pod = api_.find("pods", name.ns, name.name);
    if (pod == nullptr || !is_ready_pod(*pod)) continue;
    json::object changed = *pod;
    set_condition(object_at(changed, {"status"}), {"Ready", "False", {}, {}}, now);
    const auto written = api_.update_status("pods", std::move(changed), now);
    check(written.has_value(), "the status of a pod can be written");
  }
}

}  // namespace hyperwright::sim
