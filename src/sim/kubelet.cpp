#include "sim/kubelet.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubelet_node_status.h"
#include "sim/kubelet_pod_status.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_job_pods.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr Duration kRestartFirst = Duration::seconds(10);
constexpr Duration kRestartMax = Duration::minutes(5);

// A container that failed waits 10 s, 20 s, … 5 minutes before it runs again.
Duration restart_delay(std::int64_t restarts) {
  Duration delay = kRestartFirst;
  for (std::int64_t i = 1; i < restarts && delay < kRestartMax; ++i) delay = delay * 2;
  return std::min(delay, kRestartMax);
}

Time started_at(const json::object& pod) {
  Time latest;
  if (const json::array* statuses = array_field(pod, {"status", "containerStatuses"})) {
    for (const json::value& status : *statuses) {
      latest = std::max(latest, time_field(status.as_object(), {"state", "running", "startedAt"}));
    }
  }
  return latest;
}

std::string address_of(const json::object& node) {
  const json::array* addresses = array_field(node, {"status", "addresses"});
  if (addresses == nullptr) return {};
  for (const json::value& item : *addresses) {
    if (text_field(item.as_object(), {"type"}) == "InternalIP") {
      return std::string(text_field(item.as_object(), {"address"}));
    }
  }
  return {};
}

}  // namespace

void Kubelets::step(Time now) {
  follow_nodes(now);
  follow_pods(now);
  for (const std::string& node : boots_.take_due(now)) boot(node, now);
  for (const std::string& node : silences_.take_due(now)) fall_silent(node, now);
  for (const std::string& node : startup_taints_.take_due(now)) remove_startup_taints(node, now);
  for (const ObjectName& pod : stops_.take_due(now)) stop(pod, now);
  for (const ObjectName& pod : ends_.take_due(now)) end(pod, now);
  for (const ObjectName& pod : starts_.take_due(now)) start(pod, now);
}

Time Kubelets::next_wake() const {
  return std::min({boots_.next(), silences_.next(), startup_taints_.next(), starts_.next(),
                   ends_.next(), stops_.next()});
}

bool Kubelets::kill(std::string_view node, Time now) {
  const auto it = machines_.find(node);
  if (it == machines_.end() || it->second.is_dead) return false;
  it->second.is_dead = true;
  it->second.is_ready = false;
  boots_.erase(it->first);
  startup_taints_.erase(it->first);
  silences_.set(it->first, now + options_.silence);
  const auto pods = pods_of_node_.find(node);
  if (pods != pods_of_node_.end()) {
    for (const ObjectName& pod : pods->second) forget_pod(pod);
  }
  return true;
}

bool Kubelets::revive(std::string_view node, Time now) {
  const auto it = machines_.find(node);
  if (it == machines_.end() || !it->second.is_dead) return false;
  it->second.is_dead = false;
  silences_.erase(it->first);
  boots_.set(it->first, now + options_.boot);
  return true;
}

void Kubelets::follow_nodes(Time now) {
  const ChangeFollower::News news = nodes_.take();
  if (news.is_relist) {
    std::vector<std::string> gone;
    for (const auto& [name, machine] : machines_) {
      if (api_.find("nodes", "", name) == nullptr) gone.push_back(name);
    }
    for (const std::string& name : gone) forget_node(name);
  }
  for (const Change& change : news.changes) {
    if (change.kind == ChangeKind::Deleted) {
      const auto it = machines_.find(name_of(*change.object));
      if (it != machines_.end() && it->second.uid == uid_of(*change.object)) forget_node(it->first);
    } else {
      take_in_node(*change.object, now);
    }
  }
}

void Kubelets::take_in_node(const json::object& node, Time now) {
  const std::string name(name_of(node));
  const auto known = machines_.find(name);
  if (known != machines_.end() && known->second.uid != uid_of(node)) forget_node(name);
  if (!machines_.contains(name)) {
    if (!is_simulated_node(node)) return;
    Machine& machine = machines_[name];
    machine.uid = uid_of(node);
    machine.address = address_of(node);
    if (machine.address.empty()) machine.address = next_address(0, machine_count_);
    if (has_condition(node, "Ready", "True")) {
      machine.is_ready = true;
      look_at_pods_of(name, now);
    } else {
      const auto jitter = static_cast<std::uint64_t>(options_.boot_jitter.in_milliseconds());
      boots_.set(name,
                 now + options_.boot +
                     Duration::milliseconds(static_cast<std::int64_t>(random_.below(jitter + 1))));
    }
  }
  const Machine& machine = machines_[name];
  if (machine.is_ready && has_startup_taint(node) && !startup_taints_.contains(name)) {
    startup_taints_.set(name, now + options_.startup_taints);
  }
}

void Kubelets::forget_node(const std::string& name) {
  // The caller's may be in what is erased.
  const std::string node = name;  // NOLINT(performance-unnecessary-copy-initialization)
  boots_.erase(node);
  silences_.erase(node);
  startup_taints_.erase(node);
  machines_.erase(node);
  const auto pods = pods_of_node_.find(node);
  if (pods == pods_of_node_.end()) return;
  for (const ObjectName& pod : pods->second) forget_pod(pod);
}

void Kubelets::forget_pod(const ObjectName& pod) {
  starts_.erase(pod);
  ends_.erase(pod);
  stops_.erase(pod);
}

void Kubelets::follow_pods(Time now) {
  const ChangeFollower::News news = pods_.take();
  if (news.is_relist) pods_of_node_.clear();
  for (const Change& change : news.changes) {
    const std::string_view node = text_field(*change.object, {"spec", "nodeName"});
    if (node.empty()) continue;
    const ObjectName name = object_name(*change.object);
    const auto it = pods_of_node_.find(node);
    if (change.kind == ChangeKind::Deleted) {
      if (it != pods_of_node_.end()) {
        it->second.erase(name);
        if (it->second.empty()) pods_of_node_.erase(it);
      }
      forget_pod(name);
      continue;
    }
    if (it == pods_of_node_.end()) {
      pods_of_node_.emplace(std::string(node), ObjectNames{name});
    } else {
      it->second.insert(name);
    }
    look_at(*change.object, now);
  }
}

void Kubelets::look_at_pods_of(const std::string& node, Time now) {
  const auto pods = pods_of_node_.find(node);
  if (pods == pods_of_node_.end()) return;
  for (const ObjectName& name : pods->second) {
    if (const ObjectPtr pod = api_.find("pods", name.ns, name.name)) look_at(*pod, now);
  }
}

void Kubelets::look_at(const json::object& pod, Time now) {
  const auto machine = machines_.find(text_field(pod, {"spec", "nodeName"}));
  if (machine == machines_.end() || !machine->second.is_ready) return;
  const ObjectName name = object_name(pod);
  if (is_deleting(pod)) {
    starts_.erase(name);
    ends_.erase(name);
    // Over and deleted already: only a finalizer holds it.
    if (is_terminal_pod(pod) && int_field(pod, {"metadata", "deletionGracePeriodSeconds"}) == 0)
      return;
    stops_.set_earliest(name, now + stop_time(pod));
    return;
  }
  if (is_terminal_pod(pod)) {
    forget_pod(name);
    return;
  }
  if (text_field(pod, {"status", "phase"}) != "Running") {
    if (!starts_.contains(name)) {
      const bool is_new = find_field(pod, {"status", "startTime"}) == nullptr;
      starts_.set(name, now + (is_new ? Duration{} : options_.container_start));
    }
    return;
  }
  if (ends_by_itself(pod) && !ends_.contains(name)) {
    const std::int64_t restarts = restart_count(pod);
    const Duration waits = restarts == 0 ? Duration{} : restart_delay(restarts);
    ends_.set(name, std::max(now, started_at(pod) + run_time(pod) + waits));
  }
}

void Kubelets::boot(const std::string& name, Time now) {
  const ObjectPtr node = api_.find("nodes", "", name);
  const auto machine = machines_.find(name);
  if (node == nullptr || machine == machines_.end()) return;
  const auto written = api_.update_status(
      "nodes", ready_node(*node, machine->second.address, options_.version, now), now);
  check(written.has_value(), "a kubelet can write its Node's status");
  machine->second.is_ready = true;
  events_.record(**written,
                 {.reason = "NodeReady",
                  .message = fmt::format("Node {} status is now: NodeReady", name),
                  .component = "kubelet"},
                 now);
  if (has_startup_taint(**written)) startup_taints_.set(name, now + options_.startup_taints);
  look_at_pods_of(name, now);
  // On a machine that has booted again its containers run again.
  const auto pods = pods_of_node_.find(name);
  if (pods == pods_of_node_.end()) return;
  for (const ObjectName& pod : pods->second) {
    const ObjectPtr found = api_.find("pods", pod.ns, pod.name);
    const bool is_down = found != nullptr && text_field(*found, {"status", "phase"}) == "Running" &&
                         !is_ready_pod(*found);
    if (is_down && !is_deleting(*found)) {
      write_pod(running_pod(*found, std::string(text_field(*found, {"status", "podIP"})), now),
                now);
    }
  }
}

void Kubelets::fall_silent(const std::string& name, Time now) {
  const ObjectPtr node = api_.find("nodes", "", name);
  if (node == nullptr) return;
  const auto written = api_.update_status("nodes", silent_node(*node, now), now);
  check(written.has_value(), "the status of a Node can be written");
  events_.record(**written,
                 {.reason = "NodeNotReady",
                  .message = fmt::format("Node {} status is now: NodeNotReady", name),
                  .component = "node-controller"},
                 now);
}

void Kubelets::remove_startup_taints(const std::string& name, Time now) {
  const ObjectPtr node = api_.find("nodes", "", name);
  if (node == nullptr || !has_startup_taint(*node)) return;
  const auto written = api_.update("nodes", started_node(*node), now);
  check(written.has_value(), "the taints of a Node can be written");
}

void Kubelets::start(const ObjectName& name, Time now) {
  const ObjectPtr pod = api_.find("pods", name.ns, name.name);
  if (pod == nullptr || is_deleting(*pod)) return;
  const auto machine = machines_.find(text_field(*pod, {"spec", "nodeName"}));
  if (machine == machines_.end()) return;
  if (find_field(*pod, {"status", "startTime"}) == nullptr) {
    write_pod(creating_pod(*pod, machine->second.address, now), now);
    starts_.set(name, now + options_.container_start);
    return;
  }
  const bool uses_host_network = bool_field(*pod, {"spec", "hostNetwork"});
  write_pod(
      running_pod(*pod, uses_host_network ? machine->second.address : next_address(128, pod_count_),
                  now),
      now);
}

void Kubelets::end(const ObjectName& name, Time now) {
  const ObjectPtr pod = api_.find("pods", name.ns, name.name);
  if (pod == nullptr || is_deleting(*pod) || is_terminal_pod(*pod)) return;
  if (!is_to_fail(*pod)) {
    write_pod(ended_pod(*pod, 0, now), now);
  } else if (text_field(*pod, {"spec", "restartPolicy"}) == "OnFailure") {
    write_pod(restarted_pod(*pod, now), now);
  } else {
    write_pod(ended_pod(*pod, 1, now), now);
  }
}

void Kubelets::stop(const ObjectName& name, Time now) {
  const ObjectPtr pod = api_.find("pods", name.ns, name.name);
  if (pod == nullptr || !is_deleting(*pod)) return;
  // Whoever holds it with a finalizer wants to know how it ended: by SIGTERM.
  if (!is_terminal_pod(*pod) && is_tracked(*pod)) write_pod(ended_pod(*pod, 143, now), now);
  const auto removed = api_.remove("pods", name.ns, name.name, now,
                                   {.grace_period_seconds = 0, .uid = std::string(uid_of(*pod))});
  check(removed || removed.error().code == 404, "a kubelet can remove a pod that it has stopped");
}

void Kubelets::write_pod(json::object pod, Time now) {
  const auto written = api_.update_status("pods", std::move(pod), now);
  check(written.has_value(), "a kubelet can write the status of its pod");
}

std::string Kubelets::next_address(int network, std::uint32_t& count) {
  const std::uint32_t n = ++count + 9;
  return fmt::format("10.{}.{}.{}", static_cast<std::uint32_t>(network) + ((n >> 16U) & 127U),
                     (n >> 8U) & 255U, n & 255U);
}

}  // namespace hyperwright::sim
