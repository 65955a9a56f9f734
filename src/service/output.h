// What the control plane does to the Kubernetes cluster, for the shell to carry out.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "kube/node.h"
#include "kube/string_map.h"
#include "kube/taint.h"

namespace hyperwright::service {

// A kubelet registers: create this Node. It is not ready, and its kubelet says so until it is.
struct NodeToRegister {
  std::string cluster{};  // the HyperPod cluster's name
  kube::Node node{};
  bool operator==(const NodeToRegister&) const = default;
};

// The instance is gone: delete the Node; it is no error where it is gone already.
struct NodeToRemove {
  std::string cluster{};
  std::string name{};
  bool operator==(const NodeToRemove&) const = default;
};

// The group's KubernetesConfig changed: set and remove these on the Node, leave the rest.
struct NodeToChange {
  std::string cluster{};
  std::string name{};
  kube::StringMap set_labels{};
  std::vector<std::string> removed_labels{};
  std::vector<kube::Taint> set_taints{};
  std::vector<kube::Taint> removed_taints{};
  bool operator==(const NodeToChange&) const = default;
};

using Output = std::variant<NodeToRegister, NodeToRemove, NodeToChange>;

}  // namespace hyperwright::service
