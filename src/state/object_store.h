// The objects of the kinds that are only read: one map a kind, by namespace and name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "state/event.h"

namespace hyperwright::state {

class ObjectStore {
 public:
  // Cluster-wide kinds have the namespace "".
  template <typename T>
  [[nodiscard]] const std::map<kube::ObjectKey, T>& of() const {
    return std::get<std::map<kube::ObjectKey, T>>(maps_);
  }
  template <typename T>
  [[nodiscard]] std::map<kube::ObjectKey, T>& of() {
    return std::get<std::map<kube::ObjectKey, T>>(maps_);
  }
  template <typename T>
  [[nodiscard]] const T* find(std::string_view namespace_name, std::string_view name) const {
    const auto it = of<T>().find({std::string(namespace_name), std::string(name)});
    return it == of<T>().end() ? nullptr : &it->second;
  }

 private:
  template <typename... Ts>
  using Maps = std::tuple<std::map<kube::ObjectKey, Ts>...>;
  Maps<kube::DaemonSet, kube::PodDisruptionBudget, kube::PersistentVolume,
       kube::PersistentVolumeClaim, kube::StorageClass, kube::CsiNode, kube::Namespace,
       kube::Service, kube::ReplicaSet, kube::StatefulSet, kube::ReplicationController,
       kube::Deployment, kube::PodTemplate, kube::NodeOverlay, kube::CapacityBuffer>
      maps_;
};

}  // namespace hyperwright::state
