#include "sim/kubelet_node_status.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/well_known.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kStartupTaints = "startup.hyperwright.dev/";

bool is_startup_taint(const json::value& taint) {
  return taint.is_object() && text_field(taint.get_object(), {"key"}).starts_with(kStartupTaints);
}

void set_label(json::object& labels, std::string_view key, std::string_view value) {
  set_default(labels, key, text_value(value));
}

// Kubelets also say when they last said it.
void set_node_condition(json::object& status, const ConditionText& text, Time now) {
  set_condition(status, text, now);
  for (json::value& item : *array_field(status, {"conditions"})) {
    json::object& condition = item.get_object();
    if (text_field(condition, {"type"}) == text.type)
      condition["lastHeartbeatTime"] = time_value(now);
  }
}

}  // namespace

bool is_simulated_node(const json::object& node) {
  return text_field(node, {"metadata", "labels", kube::kComputeType}) == "hyperpod" ||
         text_field(node, {"metadata", "annotations", "hyperwright.dev/simulated"}) == "true";
}

json::object ready_node(const json::object& node, const std::string& address,
                        std::string_view kubelet_version, Time now) {
  json::object out = node;
  json::object& labels = object_at(out, {"metadata", "labels"});
  set_label(labels, kube::kHostname, name_of(node));
  set_label(labels, kube::kOs, "linux");
  set_label(labels, kube::kArch, "amd64");
  const std::string arch(text_field(labels, {kube::kArch}));

  json::object& status = object_at(out, {"status"});
  if (array_field(status, {"addresses"}) == nullptr) {
    status["addresses"] =
        json::array{json::object{{"type", "InternalIP"}, {"address", address}},
                    json::object{{"type", "Hostname"}, {"address", text_value(name_of(node))}}};
  }
  if (const json::object* capacity = object_field(status, {"capacity"})) {
    set_default(status, "allocatable", json::object(*capacity));
  }
  std::string id;  // one machine, one id
  for (const char c : uid_of(node)) {
    if (c != '-') id += c;
  }
  status["nodeInfo"] = json::object{
      {"machineID", id},
      {"systemUUID", text_value(uid_of(node))},
      {"bootID", text_value(uid_of(node))},
      {"kernelVersion",
       fmt::format("6.1.158-178.288.amzn2023.{}", arch == "arm64" ? "aarch64" : "x86_64")},
      {"osImage", "Amazon Linux 2023.9.20251117"},
      {"containerRuntimeVersion", "containerd://2.1.4"},
      {"kubeletVersion", text_value(kubelet_version)},
      {"kubeProxyVersion", ""},
      {"operatingSystem", "linux"},
      {"architecture", arch}};
  status["daemonEndpoints"] = json::object{{"kubeletEndpoint", {{"Port", 10250}}}};
  set_node_condition(status,
                     {"MemoryPressure", "False", "KubeletHasSufficientMemory",
                      "kubelet has sufficient memory available"},
                     now);
  set_node_condition(
      status, {"DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
      now);
  set_node_condition(
      status,
      {"PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
      now);
  set_node_condition(status, {"Ready", "True", "KubeletReady", "kubelet is posting ready status"},
                     now);
  return out;
}

json::object silent_node(const json::object& node, Time now) {
  json::object out = node;
  json::object& status = object_at(out, {"status"});
  const bool was_heard = find_condition(node, "Ready") != nullptr;
  for (const std::string_view type : {"MemoryPressure", "DiskPressure", "PIDPressure", "Ready"}) {
    set_condition(
        status,
        {type, "Unknown", was_heard ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
         was_heard ? "Kubelet stopped posting node status." : "Kubelet never posted node status."},
        now);
  }
  return out;
}

json::object started_node(const json::object& node) {
  json::object out = node;
  json::array kept;
  for (const json::value& taint : array_at(out, {"spec", "taints"})) {
    if (!is_startup_taint(taint)) kept.push_back(taint);
  }
  json::object& spec = object_at(out, {"spec"});
  if (kept.empty()) {
    erase_field(spec, "taints");
  } else {
    spec["taints"] = std::move(kept);
  }
  return out;
}

bool has_startup_taint(const json::object& node) {
  const json::array* taints = array_field(node, {"spec", "taints"});
  return taints != nullptr && std::ranges::any_of(*taints, is_startup_taint);
}

}  // namespace hyperwright::sim
