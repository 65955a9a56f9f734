#include "sim/workload_garbage_collector.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kForeground = "foregroundDeletion";
constexpr std::string_view kOrphan = "orphan";

const json::array& owner_references(const json::object& object) {
  static const json::array kNone;
  const json::array* references = array_field(object, {"metadata", "ownerReferences"});
  return references == nullptr ? kNone : *references;
}

bool has_finalizer(const json::object& object, std::string_view name) {
  const json::array* finalizers = array_field(object, {"metadata", "finalizers"});
  return finalizers != nullptr &&
         std::ranges::find(*finalizers, text_value(name)) != finalizers->end();
}

void drop_finalizer(json::object& object, std::string_view name) {
  json::array& finalizers = array_at(object, {"metadata", "finalizers"});
  const auto it = std::ranges::find(finalizers, text_value(name));
  if (it != finalizers.end()) finalizers.erase(it);
}

// Keeps the references for which `keeps(reference)` is true.
template <typename Keeps>
json::object with_owners(const json::object& object, Keeps&& keeps) {
  json::object out = object;
  json::array kept;
  for (const json::value& reference : owner_references(object)) {
    if (reference.is_object() && keeps(reference.get_object())) kept.push_back(reference);
  }
  json::object& metadata = object_at(out, {"metadata"});
  if (kept.empty()) {
    erase_field(metadata, "ownerReferences");
  } else {
    metadata["ownerReferences"] = std::move(kept);
  }
  return out;
}

}  // namespace

void GarbageCollector::step(Time now) {
  follow_types();
  for (auto& [resource, follower] : followers_) {
    const ChangeFollower::News news = follower.take();
    if (news.is_relist) {
      // What is gone is not in the list: forget this resource's part of the index first, and look
      // at all again.
      std::vector<Id> known;
      for (auto it = owners_.lower_bound(Id{resource, {}, {}});
           it != owners_.end() && std::get<0>(it->first) == resource; ++it) {
        known.push_back(it->first);
      }
      for (const Id& id : known) unindex(id);
    }
    for (const Change& change : news.changes) take_in(resource, change);
  }
  for (const Id& id : std::exchange(unfinished_, {})) finalize(id, now);
  for (const Id& id : std::exchange(unchecked_, {})) collect(id, now);
}

void GarbageCollector::follow_types() {
  const ChangeFollower::News definitions = definitions_.take();
  if (!definitions.is_relist && definitions.changes.empty()) return;
  resources_.clear();
  for (const ResourceType* type : api_.types()) {
    const std::string resource = type->resource();
    if (resource == "events" || resource == "leases.coordination.k8s.io") continue;
    resources_.emplace(std::pair(type->api_version(), type->kind), resource);
    if (!followers_.contains(resource))
      followers_.emplace(resource, ChangeFollower(api_, resource));
  }
  std::erase_if(followers_,
                [&](const auto& entry) { return api_.find_type(entry.first) == nullptr; });
}

void GarbageCollector::take_in(const std::string& resource, const Change& change) {
  const json::object& object = *change.object;
  const Id id{resource, std::string(namespace_of(object)), std::string(name_of(object))};
  const std::string_view uid = uid_of(object);
  if (change.kind == ChangeKind::Deleted) {
    if (const auto owners = owners_.find(id); owners != owners_.end()) {
      for (const std::string& owner : owners->second) {
        if (const auto it = waiting_.find(owner); it != waiting_.end())
          unfinished_.insert(it->second);
      }
      unindex(id);
    }
    if (const auto it = waiting_.find(uid); it != waiting_.end()) waiting_.erase(it);
    const auto dependents = dependents_.find(uid);
    if (dependents != dependents_.end())
      unchecked_.insert(dependents->second.begin(), dependents->second.end());
    return;
  }
  const json::array& references = owner_references(object);
  const bool is_same =
      change.previous != nullptr && owner_references(*change.previous) == references;
  if (!is_same) {
    unindex(id);
    if (!references.empty()) {
      index(id, object);
      unchecked_.insert(id);
    }
  }
  if (is_deleting(object) &&
      (has_finalizer(object, kForeground) || has_finalizer(object, kOrphan))) {
    waiting_.insert_or_assign(std::string(uid), id);
    unfinished_.insert(id);
  }
}

void GarbageCollector::index(const Id& id, const json::object& object) {
  std::vector<std::string>& owners = owners_[id];
  for (const json::value& reference : owner_references(object)) {
    if (!reference.is_object()) continue;
    owners.emplace_back(text_field(reference.get_object(), {"uid"}));
    dependents_[owners.back()].insert(id);
  }
}

void GarbageCollector::unindex(const Id& id) {
  const auto owners = owners_.find(id);
  if (owners == owners_.end()) return;
  for (const std::string& owner : owners->second) {
    const auto dependents = dependents_.find(owner);
    if (dependents == dependents_.end()) continue;
    dependents->second.erase(id);
    if (dependents->second.empty()) dependents_.erase(dependents);
  }
  owners_.erase(owners);
}

GarbageCollector::OwnerState GarbageCollector::state_of(const json::object& reference,
                                                        std::string_view ns) const {
  const auto resource =
      resources_.find(std::pair(std::string(text_field(reference, {"apiVersion"})),
                                std::string(text_field(reference, {"kind"}))));
  if (resource == resources_.end()) return OwnerState::There;
  const ResourceType* type = api_.find_type(resource->second);
  if (type == nullptr) return OwnerState::There;
  const ObjectPtr owner = api_.find(resource->second, type->namespaced ? ns : std::string_view{},
                                    text_field(reference, {"name"}));
  if (owner == nullptr || uid_of(*owner) != text_field(reference, {"uid"})) return OwnerState::Gone;
  return is_deleting(*owner) && has_finalizer(*owner, kForeground) ? OwnerState::Waiting
                                                                   : OwnerState::There;
}

void GarbageCollector::collect(const Id& id, Time now) {
  const auto& [resource, ns, name] = id;
  const ObjectPtr object = api_.find(resource, ns, name);
  if (object == nullptr || is_deleting(*object)) return;
  bool any_gone = false;
  bool any_there = false;
  for (const json::value& reference : owner_references(*object)) {
    if (!reference.is_object()) continue;
    const OwnerState state = state_of(reference.get_object(), ns);
    any_gone = any_gone || state == OwnerState::Gone;
    any_there = any_there || state == OwnerState::There;
  }
  if (owner_references(*object).empty() || (any_there && !any_gone)) return;
  if (any_there) {
    const auto cut = api_.update(resource,
                                 with_owners(*object,
                                             [&, place = ns](const json::object& r) {
                                               return state_of(r, place) != OwnerState::Gone;
                                             }),
                                 now);
    if (!cut && cut.error().code == 409) unchecked_.insert(id);
    return;
  }
  const auto removed = api_.remove(resource, ns, name, now, {.uid = std::string(uid_of(*object))});
  if (!removed && removed.error().code == 409) unchecked_.insert(id);
}

void GarbageCollector::finalize(const Id& id, Time now) {
  const auto& [resource, ns, name] = id;
  const ObjectPtr object = api_.find(resource, ns, name);
  if (object == nullptr || !is_deleting(*object)) return;
  const std::string uid(uid_of(*object));
  const auto found = dependents_.find(uid);
  const std::set<Id> dependents = found == dependents_.end() ? std::set<Id>{} : found->second;
  json::object changed = *object;
  if (has_finalizer(*object, kOrphan)) {
    bool is_cut = true;
    for (const auto& [kind, place, dependent] : dependents) {
      const ObjectPtr owned = api_.find(kind, place, dependent);
      if (owned == nullptr) continue;
      const auto cut = api_.update(
          kind,
          with_owners(*owned, [&](const json::object& r) { return text_field(r, {"uid"}) != uid; }),
          now);
      is_cut = is_cut && cut.has_value();
    }
    if (!is_cut) {  // looked at again in the next turn
      unfinished_.insert(id);
      return;
    }
    drop_finalizer(changed, kOrphan);
  } else if (has_finalizer(*object, kForeground)) {
    bool is_blocked = false;
    for (const Id& dependent : dependents) {
      const ObjectPtr owned =
          api_.find(std::get<0>(dependent), std::get<1>(dependent), std::get<2>(dependent));
      if (owned == nullptr) continue;
      unchecked_.insert(dependent);
      for (const json::value& reference : owner_references(*owned)) {
        const json::object& r = reference.as_object();
        is_blocked =
            is_blocked || (text_field(r, {"uid"}) == uid && bool_field(r, {"blockOwnerDeletion"}));
      }
    }
    if (is_blocked) return;
    drop_finalizer(changed, kForeground);
  } else {
    return;
  }
  const auto written = api_.update(resource, std::move(changed), now);
  if (!written) unfinished_.insert(id);  // looked at again in the next turn
}

}  // namespace hyperwright::sim
