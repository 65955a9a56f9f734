#include "sim/kubernetes_garbage.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "base/error.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kDefinitions = "customresourcedefinitions.apiextensions.k8s.io";
constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kOrphan = "orphan";

bool has_finalizer(const json::object& object, std::string_view name) {
  const json::array* finalizers = array_field(object, {"metadata", "finalizers"});
  return finalizers != nullptr &&
         std::ranges::find(*finalizers, json::value(json::string_view(name.data(), name.size()))) !=
             finalizers->end();
}

bool is_served(const KubernetesApi& api, std::string_view api_version, std::string_view kind) {
  return std::ranges::any_of(api.types(), [&](const ResourceType* type) {
    return type->kind == kind && type->api_version() == api_version;
  });
}

// Writes the object without those entries of a metadata list that `is_unwanted` names.
template <typename Predicate>
bool take_out(KubernetesApi& api, std::string_view resource, std::string_view ns,
              std::string_view name, std::string_view list, Predicate is_unwanted, Time now) {
  const ObjectPtr object = api.find(resource, ns, name);
  const json::array* entries =
      object == nullptr ? nullptr : array_field(*object, {"metadata", list});
  if (entries == nullptr) return false;
  json::array kept;
  for (const json::value& entry : *entries) {
    if (!is_unwanted(entry)) kept.push_back(entry);
  }
  if (kept.size() == entries->size()) return false;
  json::object changed = *object;
  json::object& metadata = object_at(changed, {"metadata"});
  if (kept.empty()) {
    erase_field(metadata, list);
  } else {
    metadata[json::string_view(list.data(), list.size())] = std::move(kept);
  }
  return api.update(resource, std::move(changed), now).has_value();
}

bool take_finalizer_off(KubernetesApi& api, std::string_view resource, std::string_view ns,
                        std::string_view name, std::string_view finalizer, Time now) {
  return take_out(
      api, resource, ns, name, "finalizers",
      [&](const json::value& entry) {
        return entry.is_string() &&
               entry.get_string() == json::string_view(finalizer.data(), finalizer.size());
      },
      now);
}

bool take_owners_out(KubernetesApi& api, std::string_view resource, std::string_view ns,
                     std::string_view name, const std::vector<std::string>& uids, Time now) {
  return take_out(
      api, resource, ns, name, "ownerReferences",
      [&](const json::value& entry) {
        return entry.is_object() &&
               std::ranges::find(uids, text_field(entry.get_object(), {"uid"})) != uids.end();
      },
      now);
}

}  // namespace

bool GarbageCollector::collect(KubernetesApi& api, Time now) {
  bool has_done = false;
  for (;;) {
    follow(api);
    if (due_.empty()) return has_done;
    const std::set<std::string> due = std::exchange(due_, {});
    for (const std::string& uid : due) has_done = judge(api, uid, now) || has_done;
  }
}

void GarbageCollector::follow(const KubernetesApi& api) {
  if (seen_ == api.resource_version()) return;
  const std::vector<std::string_view> changed = api.changed_since(seen_);
  // Types first: one that has gone took its objects along.
  if (std::ranges::find(changed, kDefinitions) != changed.end()) {
    std::erase_if(known_, [&](const std::string& resource) {
      if (api.find_type(resource) != nullptr) return false;
      relist(api, resource);
      return true;
    });
  }
  for (const std::string_view resource : changed) {
    known_.emplace(resource);
    const auto changes = api.changes_since(resource, seen_);
    if (!changes) {
      relist(api, resource);
      continue;
    }
    for (const Change& change : *changes)
      fold(resource, *change.object, change.kind == ChangeKind::Deleted);
  }
  seen_ = api.resource_version();
}

void GarbageCollector::relist(const KubernetesApi& api, std::string_view resource) {
  std::set<std::string> live;
  const std::vector<ObjectPtr> objects = api.list(resource);
  for (const ObjectPtr& object : objects) live.emplace(uid_of(*object));
  std::vector<std::string> gone;
  for (const auto& [uid, node] : nodes_) {
    if (node.resource == resource && !live.contains(uid)) gone.push_back(uid);
  }
  for (const std::string& uid : gone) forget(uid);
  for (const ObjectPtr& object : objects) fold(resource, *object, false);
}

void GarbageCollector::fold(std::string_view resource, const json::object& object, bool is_gone) {
  const std::string uid(uid_of(object));
  if (is_gone) {
    forget(uid);
    return;
  }
  Node& node = nodes_[uid];
  for (const Owner& owner : node.owners) dependents_[owner.uid].erase(uid);
  node = {.resource = std::string(resource),
          .ns = std::string(namespace_of(object)),
          .name = std::string(name_of(object)),
          .owners = {},
          .is_deleting = is_deleting(object),
          .is_foreground = is_deleting(object) && has_finalizer(object, kForeground),
          .is_orphaning = is_deleting(object) && has_finalizer(object, kOrphan)};
  if (const json::array* owners = array_field(object, {"metadata", "ownerReferences"})) {
    for (const json::value& entry : *owners) {
      if (!entry.is_object()) continue;
      const json::object& owner = entry.get_object();
      node.owners.push_back({.api_version = std::string(text_field(owner, {"apiVersion"})),
                             .kind = std::string(text_field(owner, {"kind"})),
                             .uid = std::string(text_field(owner, {"uid"})),
                             .blocks = bool_field(owner, {"blockOwnerDeletion"})});
    }
  }
  for (const Owner& owner : node.owners) dependents_[owner.uid].insert(uid);
  if (!node.owners.empty() || node.is_foreground || node.is_orphaning) due_.insert(uid);
  if (node.is_foreground) {
    for (const std::string& dependent : dependents_of(uid)) due_.insert(dependent);
  }
}

void GarbageCollector::forget(const std::string& uid) {
  const auto it = nodes_.find(uid);
  if (it == nodes_.end()) return;
  for (const Owner& owner : it->second.owners) {
    const auto dependents = dependents_.find(owner.uid);
    if (dependents == dependents_.end()) continue;
    dependents->second.erase(uid);
    if (dependents->second.empty()) dependents_.erase(dependents);
    due_.insert(owner.uid);
  }
  nodes_.erase(it);
  for (const std::string& dependent : dependents_of(uid)) due_.insert(dependent);
}

std::vector<std::string> GarbageCollector::dependents_of(const std::string& uid) const {
  const auto it = dependents_.find(uid);
  return it == dependents_.end() ? std::vector<std::string>{}
                                 : std::vector(it->second.begin(), it->second.end());
}

bool GarbageCollector::judge(KubernetesApi& api, const std::string& uid, Time now) {
  const auto it = nodes_.find(uid);
  if (it == nodes_.end()) return false;
  const Node node = it->second;
  if (node.is_orphaning) return orphan_dependents(api, uid, now);
  if (node.is_foreground) return finish_foreground(api, uid, now);
  if (node.is_deleting || node.owners.empty()) return false;

  bool has_solid = false;
  bool has_waiting = false;
  std::vector<std::string> lost;
  for (const Owner& owner : node.owners) {
    const auto found = nodes_.find(owner.uid);
    if (found == nodes_.end() ? !is_served(api, owner.api_version, owner.kind)
                              : !found->second.is_foreground) {
      has_solid = true;
      continue;
    }
    has_waiting = has_waiting || found != nodes_.end();
    lost.push_back(owner.uid);
  }
  if (lost.empty()) return false;
  if (has_solid) return take_owners_out(api, node.resource, node.ns, node.name, lost, now);
  const bool has_dependents = !dependents_of(uid).empty();
  return api
      .remove(node.resource, node.ns, node.name, now,
              {.uid = uid,
               .propagation = has_waiting && has_dependents ? Propagation::Foreground
                                                            : Propagation::Background})
      .has_value();
}

bool GarbageCollector::finish_foreground(KubernetesApi& api, const std::string& uid, Time now) {
  const Node node = nodes_.at(uid);
  for (const std::string& dependent : dependents_of(uid)) {
    for (const Owner& owner : nodes_.at(dependent).owners) {
      if (owner.uid == uid && owner.blocks) return false;  // judged anew when it goes
    }
  }
  return take_finalizer_off(api, node.resource, node.ns, node.name, kForeground, now);
}

bool GarbageCollector::orphan_dependents(KubernetesApi& api, const std::string& uid, Time now) {
  const Node node = nodes_.at(uid);
  bool has_done = false;
  for (const std::string& dependent : dependents_of(uid)) {
    const Node& child = nodes_.at(dependent);
    has_done = take_owners_out(api, child.resource, child.ns, child.name, {uid}, now) || has_done;
  }
  return take_finalizer_off(api, node.resource, node.ns, node.name, kOrphan, now) || has_done;
}

}  // namespace hyperwright::sim
