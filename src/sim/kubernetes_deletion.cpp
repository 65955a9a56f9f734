// Deletion, as the API server does it. An object that nobody waits for goes at once. Otherwise it
// gets a deletionTimestamp and stays until
//   - its last finalizer is removed by an update, and
//   - for a pod that has a node: its kubelet has stopped it and deletes it again with grace period
//   0.
// Foreground and orphan propagation are finalizers for the garbage collector
// (kubernetes_garbage.h).
//
// Namespaces and CustomResourceDefinitions are containers: their contents are deleted along with
// them, and the container goes when the last of its contents has gone.
//
// Source: Kubernetes, Concepts > Finalizers, Owners and Dependents, Garbage Collection, Pod
// Lifecycle.
#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kDefinitions = "customresourcedefinitions.apiextensions.k8s.io";
constexpr std::string_view kDefinitionCleanup = "customresourcecleanup.apiextensions.k8s.io";

bool has_finalizers(const json::object& object) {
  const json::array* finalizers = array_field(object, {"metadata", "finalizers"});
  return finalizers != nullptr && !finalizers->empty();
}

// Seconds that a pod gets to end. One without a node has nobody to end it, and one that is over has
// nothing to end.
std::int64_t pod_grace_period(const json::object& pod, const DeleteOptions& options) {
  if (text_field(pod, {"spec", "nodeName"}).empty()) return 0;
  const std::string_view phase = text_field(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const std::int64_t asked = options.grace_period_seconds.value_or(
      int_field(pod, {"spec", "terminationGracePeriodSeconds"}, 30));
  return asked < 0 ? 1 : asked;
}

void add_finalizer(json::object& object, std::string_view name) {
  json::array& finalizers = array_at(object, {"metadata", "finalizers"});
  const json::value wanted(json::string_view(name.data(), name.size()));
  if (std::ranges::find(finalizers, wanted) == finalizers.end()) finalizers.push_back(wanted);
}

void remove_finalizer(json::object& object, std::string_view name) {
  json::array* finalizers = array_field(object, {"metadata", "finalizers"});
  if (finalizers == nullptr) return;
  const auto it = std::ranges::find_if(*finalizers, [&](const json::value& item) {
    return item.is_string() && item.get_string() == json::string_view(name.data(), name.size());
  });
  if (it != finalizers->end()) finalizers->erase(it);
}

}  // namespace

ApiResult<ObjectPtr> KubernetesApi::remove(std::string_view resource, std::string_view ns,
                                           std::string_view name, Time now,
                                           const DeleteOptions& options) {
  const ResourceType* type = find_type(resource);
  if (type == nullptr) return no_such_resource();
  const ObjectPtr object = store_.find(resource, ns, name);
  if (object == nullptr) return not_found(type->subject(name));
  const ErrorSubject subject = type->subject(name);
  if (options.uid && *options.uid != uid_of(*object)) {
    return conflict(
        subject, fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                             *options.uid, uid_of(*object)));
  }
  const std::string_view version = text_field(*object, {"metadata", "resourceVersion"});
  if (options.resource_version && *options.resource_version != version) {
    return conflict(
        subject,
        fmt::format("Precondition failed: ResourceVersion in precondition: {}, ResourceVersion in "
                    "object meta: {}",
                    *options.resource_version, version));
  }
  if (resource == "namespaces" &&
      (name == "default" || name == "kube-system" || name == "kube-public")) {
    return forbidden(subject, "this namespace may not be deleted");
  }
  return mark_deleting(*type, object, now, options);
}

ApiResult<ObjectPtr> KubernetesApi::mark_deleting(const ResourceType& type, const ObjectPtr& object,
                                                  Time now, const DeleteOptions& options) {
  const std::string resource = type.resource();
  const bool is_pod = resource == "pods";
  std::int64_t grace = is_pod ? pod_grace_period(*object, options) : 0;
  if (is_pod && grace > 0 && options.grace_period_seconds == 0) grace = 0;
  json::object changed = *object;
  json::object& metadata = object_at(changed, {"metadata"});
  if (options.propagation == Propagation::Foreground) add_finalizer(changed, "foregroundDeletion");
  if (options.propagation == Propagation::Orphan) add_finalizer(changed, "orphan");
  const bool is_container = resource == "namespaces" || resource == kDefinitions;
  if (resource == kDefinitions && !is_deleting(*object)) add_finalizer(changed, kDefinitionCleanup);

  if (is_deleting(*object)) {
    // A grace period can be cut short, never made longer.
    const std::int64_t rest = int_field(*object, {"metadata", "deletionGracePeriodSeconds"});
    const bool goes_now = is_pod && grace == 0 && !has_finalizers(changed);
    if (goes_now)
      return options.dry_run ? ApiResult<ObjectPtr>(object)
                             : ApiResult<ObjectPtr>(forget(type, *object, now));
    if (grace < rest) {
      metadata["deletionGracePeriodSeconds"] = grace;
      metadata["deletionTimestamp"] = format_time(now + Duration::seconds(grace));
    }
    if (changed == *object || options.dry_run) return object;
    return store_.put(resource, std::move(changed));
  }

  if (!is_container && grace == 0 && !has_finalizers(changed)) {
    return options.dry_run ? ApiResult<ObjectPtr>(object)
                           : ApiResult<ObjectPtr>(forget(type, *object, now));
  }
  metadata["deletionTimestamp"] = format_time(now + Duration::seconds(grace));
  metadata["deletionGracePeriodSeconds"] = grace;
  if (type.has_generation)
    metadata["generation"] = int_field(*object, {"metadata", "generation"}) + 1;
  if (resource == "namespaces") object_at(changed, {"status"})["phase"] = "Terminating";
  if (options.dry_run) return std::make_shared<const json::object>(std::move(changed));
  ObjectPtr stored = store_.put(resource, std::move(changed));
  if (!is_container) return stored;
  delete_contents(type, *stored, now);
  const ObjectPtr left = store_.find(resource, "", name_of(*stored));
  return left == nullptr ? stored : left;
}

ObjectPtr KubernetesApi::forget(const ResourceType& type, const json::object& object, Time now) {
  const std::string resource = type.resource();
  ObjectPtr last = store_.remove(resource, namespace_of(object), name_of(object));
  if (resource == kDefinitions) store_.remove_type(name_of(*last));
  after_forgetting(type, *last, now);
  return last;
}

// Deletes what is in the container, then the container itself if nothing is left.
void KubernetesApi::delete_contents(const ResourceType& type, const json::object& container,
                                    Time now) {
  struct Content {
    const ResourceType* type;
    ObjectPtr object;
  };
  std::vector<Content> contents;
  const std::string name(name_of(container));
  if (type.kind == "Namespace") {
    for (const ResourceType* other : store_.types()) {
      if (!other->namespaced) continue;
      for (ObjectPtr& object : list(other->resource(), {.ns = name, .labels = {}, .fields = {}})) {
        contents.push_back({other, std::move(object)});
      }
    }
  } else if (const ResourceType* defined = find_type(name)) {
    for (ObjectPtr& object : list(name)) contents.push_back({defined, std::move(object)});
  }
  for (const Content& content : contents) {
    if (is_deleting(*content.object)) continue;
    const auto deleted = mark_deleting(*content.type, content.object, now, {});
    check(deleted.has_value(), "what a container holds can be deleted");
  }
  if (contents.empty()) after_forgetting(type, container, now);
}

// Something went: a container that waited for it may go too.
void KubernetesApi::after_forgetting(const ResourceType& type, const json::object& object,
                                     Time now) {
  const auto finish_definition = [&](std::string_view name) {
    const ObjectPtr definition = store_.find(kDefinitions, "", name);
    if (definition == nullptr || !is_deleting(*definition) || !store_.objects(name)->empty())
      return;
    json::object changed = *definition;
    remove_finalizer(changed, kDefinitionCleanup);
    const bool is_free = !has_finalizers(changed);
    if (is_free) {
      forget(*find_type(kDefinitions), *definition, now);
    } else if (changed != *definition) {
      store_.put(kDefinitions, std::move(changed));
    }
  };
  const auto finish_namespace = [&](std::string_view name) {
    const ObjectPtr found = store_.find("namespaces", "", name);
    if (found == nullptr || !is_deleting(*found) || has_finalizers(*found)) return;
    for (const ResourceType* other : store_.types()) {
      if (!other->namespaced) continue;
      const ObjectMap& objects = *store_.objects(other->resource());
      const auto it = objects.lower_bound(ObjectNameView{name, ""});
      if (it != objects.end() && it->first.ns == name) return;
    }
    forget(*find_type("namespaces"), *found, now);
  };
  if (type.resource() == kDefinitions) {
    if (store_.find(kDefinitions, "", name_of(object)) != nullptr)
      finish_definition(name_of(object));
    return;
  }
  if (type.kind == "Namespace") {
    finish_namespace(name_of(object));
    return;
  }
  const std::string ns(namespace_of(object));
  if (type.is_custom) finish_definition(type.resource());
  if (!ns.empty()) finish_namespace(ns);
}

}  // namespace hyperwright::sim
