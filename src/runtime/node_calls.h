// What the HyperPod control plane does to a Kubernetes cluster, as calls: a Node is registered when
// its kubelet joins, changed with its group's KubernetesConfig, removed when its instance is gone.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/calls.h"
#include "service/output.h"

namespace hyperwright::runtime {

// The Node as it is now; nullopt: there is none.
using ReadNode = std::function<std::optional<boost::json::value>(std::string_view name)>;

// A Node that is there already answers a registration with 409, one that is gone a removal with
// 404: both are as they should be. A change reads the Node first, because its taints are written as
// a whole.
std::vector<KubernetesCall> node_calls(const service::Output& output, const ReadNode& read);

}  // namespace hyperwright::runtime
