// What admission does to a new object before it is validated and stored, for the plugins that a
// node autoscaler meets: NamespaceLifecycle, ServiceAccount (the name only),
// DefaultTolerationSeconds, Priority, RuntimeClass (overhead), TaintNodesByCondition and
// DefaultStorageClass.
//
// Source: Kubernetes, Reference > Admission Control.
#pragma once

#include <optional>

#include <boost/json/fwd.hpp>

#include "base/random.h"
#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

// Changes `object`; the error, if any, refuses it. Addresses of services are drawn from `random`.
std::optional<ApiError> admit_new(const KubernetesStore& store, const ResourceType& type,
                                  boost::json::object& object, Random& random);
// A pod that loses its tolerations of a lost node gets them back.
void admit_update(const ResourceType& type, boost::json::object& object);

}  // namespace hyperwright::sim
