#include "runtime/node_calls.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"

namespace hyperwright::runtime {
namespace json = boost::json;
namespace {

std::string node_path(std::string_view name) {
  return fmt::format("{}/{}", collection_path(state::Kind::Node), name);
}

KubernetesCall change(const service::NodeToChange& change, const kube::Node& node) {
  json::object labels;
  for (const auto& [key, value] : change.set_labels) labels[key] = value;
  for (const std::string& key : change.removed_labels) labels[key] = nullptr;
  std::vector<kube::Taint> taints = node.taints;
  std::erase_if(taints, [&](const kube::Taint& taint) {
    return kube::contains_taint(change.removed_taints, taint);
  });
  kube::merge_taints(taints, change.set_taints);
  json::object metadata{{"labels", std::move(labels)},
                        {"resourceVersion", std::to_string(node.meta.resource_version)}};
  json::object body{{"metadata", std::move(metadata)},
                    {"spec", json::object{{"taints", kube::encode(taints)}}}};
  return {"PATCH", node_path(change.name), "application/merge-patch+json", std::move(body)};
}

}  // namespace

std::vector<KubernetesCall> node_calls(const service::Output& output, const ReadNode& read) {
  if (const auto* node = std::get_if<service::NodeToRegister>(&output)) {
    json::value body = kube::encode(node->node);
    // A kubelet's Node has no version, uid or creation time yet.
    for (const char* key : {"uid", "resourceVersion", "generation", "creationTimestamp"})
      body.at("metadata").as_object().erase(key);
    return {{"POST", std::string(collection_path(state::Kind::Node)), "application/json",
             std::move(body)}};
  }
  if (const auto* gone = std::get_if<service::NodeToRemove>(&output)) {
    return {{"DELETE", node_path(gone->name), "application/json",
             json::object{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}}}};
  }
  const auto& changed = std::get<service::NodeToChange>(output);
  const auto known = read(changed.name);
  if (!known) return {};
  const auto node = kube::decode_node(*known);
  if (!node) return {};
  return {change(changed, *node)};
}

}  // namespace hyperwright::runtime
