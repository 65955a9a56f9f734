// The simulated Kubernetes API server as a pure state machine: no socket, no clock, no thread. The
// time is an argument of each call, uids and generated names come from the generator that was
// passed in, so the same calls give the same objects, to the byte.
//
// It has two doors. In-process readers (the simulated scheduler, kubelets and workload controllers,
// and the autoscaler's own door) call the verbs below and follow `changes_since`; HTTP clients come
// through kubernetes_http.h. Both see the same objects and the same refusals.
//
// What it does as a real API server does: defaulting, optimistic locking by resource version,
// status and scale subresources, patches, server-side apply (merges by force, tracks no field
// owners), graceful deletion, finalizers, evictions against PodDisruptionBudgets, bindings,
// CustomResourceDefinitions with structural schemas (defaults, pruning, validation; CEL rules are
// not evaluated).
//
// What controllers do in a real cluster is not done here, with one exception: a namespace that is
// deleted takes its objects along, and a CustomResourceDefinition its custom resources. Objects
// whose owners are gone are collected by kubernetes_garbage.h, when its caller says so.
//
// Resources are named plural.group ("pods", "deployments.apps"); `ns` is empty for cluster-scoped
// ones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/random.h"
#include "base/time.h"
#include "sim/kubernetes_resource_types.h"
#include "sim/kubernetes_selectors.h"
#include "sim/kubernetes_status.h"
#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

enum class Subresource : std::uint8_t { None, Status };

struct WriteOptions {
  Subresource subresource = Subresource::None;
  bool dry_run = false;  // check and answer, store nothing
  bool strict = false;   // fields that the schema does not know are refused instead of dropped
};

enum class PatchType : std::uint8_t { Json, Merge, StrategicMerge, Apply };

enum class Propagation : std::uint8_t { Background, Foreground, Orphan };

struct DeleteOptions {
  std::optional<std::int64_t> grace_period_seconds;
  std::optional<std::string> uid;               // precondition
  std::optional<std::string> resource_version;  // precondition
  Propagation propagation = Propagation::Background;
  bool dry_run = false;
};

struct ListOptions {
  std::string ns;  // empty: all
  LabelSelector labels;
  FieldSelector fields;
};

class KubernetesApi {
 public:
  // Starts with the namespaces that every cluster has: default, kube-node-lease, kube-public,
  // kube-system, and the priority classes system-cluster-critical and system-node-critical.
  // `log_length`: how many changes of each resource a reader may be behind.
  KubernetesApi(Random random, Time now, std::size_t log_length = KubernetesStore::kLogLength);

  // Types.
  [[nodiscard]] const ResourceType* find_type(std::string_view resource) const {
    return store_.find_type(resource);
  }
  [[nodiscard]] std::vector<const ResourceType*> types() const { return store_.types(); }

  // Reading. `find` and `list` answer nothing where `get` says why.
  [[nodiscard]] ObjectPtr find(std::string_view resource, std::string_view ns,
                               std::string_view name) const;
  [[nodiscard]] ApiResult<ObjectPtr> get(std::string_view resource, std::string_view ns,
                                         std::string_view name) const;
  [[nodiscard]] std::vector<ObjectPtr> list(std::string_view resource,
                                            const ListOptions& options = {}) const;
  // All objects of a resource by (namespace, name), for readers that walk them; nullptr: no such
  // resource.
  [[nodiscard]] const ObjectMap* objects(std::string_view resource) const {
    return store_.objects(resource);
  }

  // Following. Start with `list` and `resource_version`, then ask for what came after.
  [[nodiscard]] std::uint64_t resource_version() const { return store_.resource_version(); }
  // Resources that had changes after this version, or were first served after it, by name.
  [[nodiscard]] std::vector<std::string_view> changed_since(std::uint64_t resource_version) const {
    return store_.changed_since(resource_version);
  }
  // nullopt: no longer known, list again.
  [[nodiscard]] std::optional<std::vector<Change>> changes_since(
      std::string_view resource, std::uint64_t resource_version) const {
    return store_.changes_since(resource, resource_version);
  }

  // Writing. The answer is the object as stored. A write that changes nothing stores nothing.
  // A namespaced object without metadata.namespace goes to "default".
  ApiResult<ObjectPtr> create(std::string_view resource, boost::json::object object, Time now,
                              const WriteOptions& options = {});
  // Refused with Conflict when the object carries a resource version that is not the current one.
  ApiResult<ObjectPtr> update(std::string_view resource, boost::json::object object, Time now,
                              const WriteOptions& options = {});
  ApiResult<ObjectPtr> update_status(std::string_view resource, boost::json::object object,
                                     Time now);
  ApiResult<ObjectPtr> patch(std::string_view resource, std::string_view ns, std::string_view name,
                             PatchType type, const boost::json::value& patch, Time now,
                             const WriteOptions& options = {});
  ApiResult<ObjectPtr> patch_status(std::string_view resource, std::string_view ns,
                                    std::string_view name, PatchType type,
                                    const boost::json::value& patch, Time now);

  // Deletes, or starts to: the answer is the last state of what is gone, or the object that still
  // waits for its finalizers, its grace period or its kubelet (which deletes with grace period 0).
  ApiResult<ObjectPtr> remove(std::string_view resource, std::string_view ns, std::string_view name,
                              Time now, const DeleteOptions& options = {});

  // Subresources of pods.
  ApiResult<ObjectPtr> bind(std::string_view ns, std::string_view pod, std::string_view node,
                            Time now, bool dry_run = false);
  ApiResult<ObjectPtr> evict(std::string_view ns, std::string_view pod, Time now,
                             const DeleteOptions& options = {});

  // The Scale object of what can be scaled, and setting its replicas.
  [[nodiscard]] ApiResult<boost::json::object> get_scale(std::string_view resource,
                                                         std::string_view ns,
                                                         std::string_view name) const;
  ApiResult<boost::json::object> update_scale(std::string_view resource, std::string_view ns,
                                              std::string_view name,
                                              const boost::json::object& scale, Time now,
                                              bool dry_run = false);

 private:
  ApiResult<ObjectPtr> store_new(const ResourceType& type, boost::json::object object, Time now,
                                 const WriteOptions& options);
  ApiResult<ObjectPtr> store_changed(const ResourceType& type, const ObjectPtr& old,
                                     boost::json::object object, Time now,
                                     const WriteOptions& options);
  ApiResult<ObjectPtr> apply(const ResourceType& type, std::string_view ns, std::string_view name,
                             const boost::json::value& patch, Time now,
                             const WriteOptions& options);
  ApiResult<ObjectPtr> mark_deleting(const ResourceType& type, const ObjectPtr& object, Time now,
                                     const DeleteOptions& options);
  ObjectPtr forget(const ResourceType& type, const boost::json::object& object, Time now);
  void delete_contents(const ResourceType& type, const boost::json::object& container, Time now);
  void after_forgetting(const ResourceType& type, const boost::json::object& object, Time now);

  Random random_;
  KubernetesStore store_;
};

}  // namespace hyperwright::sim
