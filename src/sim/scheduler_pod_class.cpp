#include "sim/scheduler_pod_class.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "kube/json.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kNumbers[] = {"batch.kubernetes.io/job-completion-index",
                                         "apps.kubernetes.io/pod-index",
                                         "statefulset.kubernetes.io/pod-name"};

void append(std::string& key, const json::object& spec, std::string_view field) {
  key += '|';
  if (const json::value* value = find_field(spec, {field})) key += json::serialize(*value);
}

void append_containers(std::string& key, const json::object& spec, std::string_view list) {
  key += '|';
  const json::array* containers = array_field(spec, {list});
  if (containers == nullptr) return;
  for (const json::value& item : *containers) {
    if (!item.is_object()) continue;
    for (const std::string_view field : {"resources", "ports", "restartPolicy"})
      append(key, item.get_object(), field);
    key += ';';
  }
}

void append_labels(std::string& key, const json::object& pod) {
  const json::object* labels = object_field(pod, {"metadata", "labels"});
  if (labels == nullptr) return;
  for (const auto& [name, value] : *labels) {
    if (std::ranges::find(kNumbers, std::string_view(name.data(), name.size())) !=
        std::end(kNumbers))
      continue;
    key.append(name.data(), name.size());
    key += '=';
    if (value.is_string()) key.append(value.get_string().data(), value.get_string().size());
    key += ',';
  }
}

const json::array* node_terms(const json::object& spec) {
  return array_field(spec, {"affinity", "nodeAffinity",
                            "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
}

// The one node that every alternative names; nullopt: there is none.
std::optional<std::string> pin_of(const json::object& spec) {
  const json::array* terms = node_terms(spec);
  if (terms == nullptr) return std::nullopt;
  std::optional<std::string> pin;
  for (const json::value& term : *terms) {
    const json::array* fields =
        term.is_object() ? array_field(term.get_object(), {"matchFields"}) : nullptr;
    if (fields == nullptr || fields->size() != 1 || !fields->front().is_object())
      return std::nullopt;
    const json::object& field = fields->front().get_object();
    const json::array* values = array_field(field, {"values"});
    if (text_field(field, {"key"}) != "metadata.name" || text_field(field, {"operator"}) != "In" ||
        values == nullptr || values->size() != 1 || !values->front().is_string()) {
      return std::nullopt;
    }
    std::string name(values->front().get_string());
    if (pin && *pin != name) return std::nullopt;
    pin = std::move(name);
  }
  return pin;
}

}  // namespace

PodClassKey pod_class_key(const json::object& pod) {
  PodClassKey key;
  key.text = namespace_of(pod);
  key.text += '|';
  append_labels(key.text, pod);
  const json::object* found = object_field(pod, {"spec"});
  if (found == nullptr) return key;
  const json::object& spec = *found;
  key.pin = pin_of(spec);
  if (key.pin) {
    json::object view{{"affinity", spec.at("affinity")}};
    for (json::value& term : *const_cast<json::array*>(node_terms(view))) {
      erase_field(term.get_object(), "matchFields");
    }
    append(key.text, view, "affinity");
    key.text += "|pinned";
  } else {
    append(key.text, spec, "affinity");
  }
  for (const std::string_view field : {"nodeSelector", "tolerations", "topologySpreadConstraints",
                                       "overhead", "resources", "priority", "hostNetwork"}) {
    append(key.text, spec, field);
  }
  append_containers(key.text, spec, "containers");
  append_containers(key.text, spec, "initContainers");
  return key;
}

PodClass make_pod_class(const PodClassKey& key, const json::object& pod) {
  PodClass made;
  made.key = key.text;
  made.ns = namespace_of(pod);
  auto decoded = kube::decode_pod(json::value(pod));
  if (!decoded) {
    made.problem = decoded.error().text();
    return made;
  }
  made.labels = std::move(decoded->meta.labels);
  for (const std::string_view number : kNumbers) made.labels.erase(number);
  made.scheduling = std::move(decoded->scheduling);
  if (key.pin) {
    // What is left of a term that only named the node asks for nothing.
    bool any_is_free = false;
    for (kube::NodeSelectorTerm& term : made.scheduling.required_node_terms) {
      term.match_fields.clear();
      any_is_free = any_is_free || term.match_expressions.empty();
    }
    if (any_is_free) made.scheduling.required_node_terms.clear();
  }
  made.score_cpu = std::max(std::int64_t{100}, made.scheduling.requests.get(kube::Resource::Cpu));
  made.score_memory =
      std::max(std::int64_t{200'000'000}, made.scheduling.requests.get(kube::Resource::Memory));
  made.has_topology =
      !made.scheduling.required_pod_affinity.empty() ||
      !made.scheduling.required_pod_anti_affinity.empty() ||
      std::ranges::any_of(
          made.scheduling.topology_spread, [](const kube::TopologySpreadConstraint& constraint) {
            return constraint.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule;
          });
  return made;
}

}  // namespace hyperwright::sim
