#include "sim/workload_daemon_pods.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

std::vector<kube::Toleration> daemon_tolerations(bool uses_host_network) {
  const auto tolerate = [](std::string_view name, kube::TaintEffect effect) {
    return kube::Toleration{.key = fmt::format("node.kubernetes.io/{}", name),
                            .op = kube::TolerationOperator::Exists,
                            .value = {},
                            .effect = effect,
                            .toleration_seconds = std::nullopt};
  };
  using kube::TaintEffect;
  std::vector<kube::Toleration> out{tolerate("not-ready", TaintEffect::NoExecute),
                                    tolerate("unreachable", TaintEffect::NoExecute),
                                    tolerate("disk-pressure", TaintEffect::NoSchedule),
                                    tolerate("memory-pressure", TaintEffect::NoSchedule),
                                    tolerate("pid-pressure", TaintEffect::NoSchedule),
                                    tolerate("unschedulable", TaintEffect::NoSchedule)};
  if (uses_host_network) out.push_back(tolerate("network-unavailable", TaintEffect::NoSchedule));
  return out;
}

json::object daemon_pod(const json::object& daemon_set, std::string_view node,
                        std::string_view hash) {
  json::object pod = pod_from_template(*object_field(daemon_set, {"spec", "template"}), daemon_set);
  json::object& metadata = object_at(pod, {"metadata"});
  metadata["generateName"] = fmt::format("{}-", name_of(daemon_set));
  json::object& labels = object_at(metadata, {"labels"});
  labels["controller-revision-hash"] = text_value(hash);
  labels["pod-template-generation"] =
      std::to_string(int_field(daemon_set, {"metadata", "generation"}, 1));

  // Each alternative of the template's own affinity is tied to the node; without one, a term that
  // only names it.
  json::object& spec = object_at(pod, {"spec"});
  const json::object tie{
      {"key", "metadata.name"}, {"operator", "In"}, {"values", json::array{text_value(node)}}};
  json::array& terms =
      array_at(spec, {"affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution",
                      "nodeSelectorTerms"});
  if (terms.empty()) terms.push_back(json::object{});
  for (json::value& term : terms) {
    if (term.is_object()) term.get_object()["matchFields"] = json::array{tie};
  }

  json::array& tolerations = array_at(spec, {"tolerations"});
  for (const kube::Toleration& toleration : daemon_tolerations(bool_field(spec, {"hostNetwork"}))) {
    json::object written{{"key", toleration.key},
                         {"operator", "Exists"},
                         {"effect", text_value(kube::to_string(*toleration.effect))}};
    if (std::ranges::find(tolerations, json::value(written)) == tolerations.end())
      tolerations.push_back(written);
  }
  return pod;
}

std::string daemon_node(const json::object& pod) {
  const std::string_view bound = text_field(pod, {"spec", "nodeName"});
  if (!bound.empty()) return std::string(bound);
  const json::array* terms =
      array_field(pod, {"spec", "affinity", "nodeAffinity",
                        "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
  if (terms == nullptr) return {};
  for (const json::value& term : *terms) {
    const json::array* fields =
        term.is_object() ? array_field(term.get_object(), {"matchFields"}) : nullptr;
    if (fields == nullptr) continue;
    for (const json::value& field : *fields) {
      if (!field.is_object() || text_field(field.get_object(), {"key"}) != "metadata.name")
        continue;
      const json::array* values = array_field(field.get_object(), {"values"});
      if (values != nullptr && !values->empty() && values->front().is_string()) {
        return std::string(values->front().get_string());
      }
    }
  }
  return {};
}

}  // namespace hyperwright::sim
