// Which fold a change or an end goes to, by its kind; and the fold of the kinds that are only read,
// which is the same for all of them.
#include <string>
#include <type_traits>

#include "state/cluster_state.h"
#include "state/echo.h"

namespace hyperwright::state {
namespace {

// Whether two versions differ in what a plan reads. By default that is everything but the metadata:
// annotations and managed labels change all the time.
template <typename T>
bool changes_plan(const T& known, const T& came) {
  if (known.meta.is_deleting() != came.meta.is_deleting()) return true;
  T with_same_meta = known;
  with_same_meta.meta = came.meta;
  return with_same_meta != came;
}
// Evictions read it when they are made.
bool changes_plan(const kube::PodDisruptionBudget&, const kube::PodDisruptionBudget&) {
  return false;
}
bool changes_plan(const kube::Namespace& known, const kube::Namespace& came) {
  return known.meta.labels != came.meta.labels;
}
// An overlay is in force once its status says that it is valid.
bool changes_plan(const kube::NodeOverlay& known, const kube::NodeOverlay& came) {
  return known.meta.generation != came.meta.generation || known.conditions != came.conditions ||
         known.meta.is_deleting() != came.meta.is_deleting();
}
// Its status is ours.
bool changes_plan(const kube::CapacityBuffer& known, const kube::CapacityBuffer& came) {
  return known.meta.generation != came.meta.generation ||
         known.meta.is_deleting() != came.meta.is_deleting();
}

template <typename T>
constexpr bool kIsScalable =
    std::is_same_v<T, kube::Deployment> || std::is_same_v<T, kube::StatefulSet> ||
    std::is_same_v<T, kube::ReplicaSet>;

// The buffer takes its template or its replicas from this object.
template <typename T>
bool refers_to(const kube::CapacityBuffer& buffer, const T& object) {
  if (buffer.meta.namespace_ != object.meta.namespace_) return false;
  if constexpr (std::is_same_v<T, kube::PodTemplate>) {
    return buffer.pod_template == object.meta.name;
  } else {
    return buffer.scalable && buffer.scalable->kind == to_string(kind_of(Object(T{}))) &&
           buffer.scalable->name == object.meta.name;
  }
}

const kube::ObjectMeta& meta_in(const PodRecord& record) { return record.pod.meta; }
const kube::ObjectMeta& meta_in(const NodeRecord& record) { return record.node.meta; }
const kube::ObjectMeta& meta_in(const ClaimRecord& record) { return record.claim.meta; }
const kube::ObjectMeta& meta_in(const auto& object) { return object.meta; }

// A successor of the same name may be known already, and objects of others never were.
bool is_known_in(const auto& map, const auto& key, const Gone& gone) {
  const auto it = map.find(key);
  return it != map.end() && (gone.uid.empty() || meta_in(it->second).uid == gone.uid);
}

}  // namespace

void ClusterState::fold_changed(const Object& object, Time now) {
  std::visit([&](const auto& typed) { put(typed, now); }, object);
}

template <typename T>
void ClusterState::put(const T& object, Time now) {
  auto [it, is_new] = objects_.of<T>().try_emplace({object.meta.namespace_, object.meta.name});
  T& known = it->second;
  const bool is_other = is_new || known.meta.uid != object.meta.uid;
  if (!is_other && is_echo(known.meta, object.meta)) return;
  const bool matters = is_other || changes_plan(known, object);
  known = object;
  object_changed(known, matters, now);
}

template <typename T>
void ClusterState::erase(const Gone& gone, Time now) {
  auto& objects = objects_.of<T>();
  if (!is_known_in(objects, gone.key, gone)) return;
  const auto node = objects.extract(gone.key);
  object_changed(node.mapped(), /*matters=*/true, now);
}

template <typename T>
void ClusterState::object_changed(const T& object, bool matters, Time now) {
  if constexpr (std::is_same_v<T, kube::PodDisruptionBudget>) return;
  [[maybe_unused]] const kube::ObjectMeta& meta = object.meta;
  if constexpr (std::is_same_v<T, kube::NodeOverlay>) {
    release({Target::Of::NodeOverlay, meta.name}, meta.resource_version);
    mark(Key::Of::NodeOverlays);
  }
  if constexpr (std::is_same_v<T, kube::CapacityBuffer>) {
    const std::string name = meta.namespace_ + '/' + meta.name;
    if (matters) remake_buffer_pods({meta.namespace_, meta.name});
    release({Target::Of::CapacityBuffer, name}, meta.resource_version);
    mark(Key::Of::CapacityBuffer, name);
  }
  if (!matters) return;
  if constexpr (std::is_same_v<T, kube::PodTemplate> || kIsScalable<T>) {
    bool is_copied = false;
    for (const auto& [key, buffer] : objects<kube::CapacityBuffer>()) {
      if (!refers_to(buffer, object)) continue;
      is_copied = true;
      remake_buffer_pods(key);
      mark(Key::Of::CapacityBuffer, key.namespace_ + '/' + key.name);
    }
    // Without a buffer, a workload is read for the selector of its default spread alone.
    if (!is_copied && options_.default_spread.empty()) return;
  }
  if constexpr (std::is_same_v<T, kube::DaemonSet>) return expectations_changed(now);
  // What nodes that are coming will have rests on overlays, too.
  if constexpr (std::is_same_v<T, kube::NodeOverlay>) return expectations_changed(now);
  solver_inputs_changed(now);
}

void ClusterState::fold_gone(const Gone& gone, Time now) {
  const std::string& name = gone.key.name;
  switch (gone.kind) {
    case Kind::Pod:
      if (is_known_in(pods_, gone.key, gone)) erase_pod(gone.key, now);
      return;
    case Kind::Node:
      if (is_known_in(nodes_, name, gone)) erase_node(name, now);
      return;
    case Kind::NodeClaim:
      if (is_known_in(foreign_claims_, name, gone)) {
        foreign_claims_.erase(name);
        solver_inputs_changed(now);
      }
      if (is_known_in(claims_, name, gone)) erase_claim(name, now);
      return;
    case Kind::NodePool:
      if (!is_known_in(pools_, name, gone)) return;
      pools_.erase(name);
      creation_failures_.erase(name);
      mark(Key::Of::NodePool, name);
      return offerings_changed(now);
    case Kind::NodeClass:
      if (!is_known_in(classes_, name, gone)) return;
      classes_.erase(name);
      seen_capacity_.erase(name);
      mark(Key::Of::NodeClass, name);
      for (const auto& [pool_name, pool] : pools_) {
        if (pool.template_spec.node_class_ref.name == name) mark(Key::Of::NodePool, pool_name);
      }
      return expectations_changed(now);
    case Kind::DaemonSet:
      return erase<kube::DaemonSet>(gone, now);
    case Kind::PodDisruptionBudget:
      return erase<kube::PodDisruptionBudget>(gone, now);
    case Kind::PersistentVolume:
      return erase<kube::PersistentVolume>(gone, now);
    case Kind::PersistentVolumeClaim:
      return erase<kube::PersistentVolumeClaim>(gone, now);
    case Kind::StorageClass:
      return erase<kube::StorageClass>(gone, now);
    case Kind::CsiNode:
      return erase<kube::CsiNode>(gone, now);
    case Kind::Namespace:
      return erase<kube::Namespace>(gone, now);
    case Kind::Service:
      return erase<kube::Service>(gone, now);
    case Kind::ReplicaSet:
      return erase<kube::ReplicaSet>(gone, now);
    case Kind::StatefulSet:
      return erase<kube::StatefulSet>(gone, now);
    case Kind::ReplicationController:
      return erase<kube::ReplicationController>(gone, now);
    case Kind::Deployment:
      return erase<kube::Deployment>(gone, now);
    case Kind::PodTemplate:
      return erase<kube::PodTemplate>(gone, now);
    case Kind::NodeOverlay:
      return erase<kube::NodeOverlay>(gone, now);
    case Kind::CapacityBuffer:
      return erase<kube::CapacityBuffer>(gone, now);
  }
}

}  // namespace hyperwright::state
