// What admission does to a new object before it is validated and stored, for the plugins that a node
// autoscaler meets: NamespaceLifecycle, ServiceAccount (the name only), DefaultTolerationSeconds, Priority,
// RuntimeClass (overhead), TaintNodesByCondition and DefaultStorageClass.
//
// Source: Kubernetes, Reference > Admission Control.
#pragma once

#include <optional>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

// Changes `object`; the error, if any, refuses it.
std::optional<ApiError> admit_new(const KubernetesStore& store, const ResourceType& type,
                                  boost::json::object& object);

}  // namespace hyperwright::sim
