// What the HyperPod control plane does to the Kubernetes cluster, done: a Node is registered,
// changed or removed.
#pragma once

#include "base/time.h"
#include "service/output.h"
#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

void apply_to_kubernetes(KubernetesApi& api, const service::Output& output, Time now);

}  // namespace hyperwright::sim
