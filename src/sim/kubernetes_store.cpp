#include "sim/kubernetes_store.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/error.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {

void KubernetesStore::set_type(ResourceType type) {
  const std::string resource = type.resource();
  const auto [it, is_new] = collections_.try_emplace(resource);
  if (is_new) it->second.complete_since = resource_version_;
  it->second.type = std::move(type);
}

void KubernetesStore::remove_type(std::string_view resource) {
  const auto it = collections_.find(resource);
  check(it != collections_.end() && it->second.objects.empty(),
        "a type that goes has no objects left");
  collections_.erase(it);
}

const ResourceType* KubernetesStore::find_type(std::string_view resource) const {
  const auto it = collections_.find(resource);
  return it == collections_.end() ? nullptr : &it->second.type;
}

std::vector<const ResourceType*> KubernetesStore::types() const {
  std::vector<const ResourceType*> types;
  types.reserve(collections_.size());
  for (const auto& [resource, collection] : collections_) types.push_back(&collection.type);
  return types;
}

ObjectPtr KubernetesStore::find(std::string_view resource, std::string_view ns,
                                std::string_view name) const {
  const ObjectMap* map = objects(resource);
  if (map == nullptr) return nullptr;
  const auto it = map->find(ObjectNameView{ns, name});
  return it == map->end() ? nullptr : it->second;
}

const ObjectMap* KubernetesStore::objects(std::string_view resource) const {
  const auto it = collections_.find(resource);
  return it == collections_.end() ? nullptr : &it->second.objects;
}

ObjectPtr KubernetesStore::put(std::string_view resource, boost::json::object object) {
  const auto it = collections_.find(resource);
  check(it != collections_.end(), "an object is stored under a resource that exists");
  Collection& collection = it->second;
  object_at(object, {"metadata"})["resourceVersion"] = std::to_string(++resource_version_);
  auto stored = std::make_shared<const boost::json::object>(std::move(object));
  ObjectPtr& slot =
      collection
          .objects[ObjectName{std::string(namespace_of(*stored)), std::string(name_of(*stored))}];
  const ObjectPtr previous = slot;
  slot = stored;
  log(collection,
      {resource_version_, previous == nullptr ? ChangeKind::Added : ChangeKind::Modified, stored,
       previous});
  return stored;
}

ObjectPtr KubernetesStore::remove(std::string_view resource, std::string_view ns,
                                  std::string_view name) {
  const auto it = collections_.find(resource);
  check(it != collections_.end(), "an object is removed from a resource that exists");
  Collection& collection = it->second;
  const auto found = collection.objects.find(ObjectNameView{ns, name});
  check(found != collection.objects.end(), "an object that is removed exists");
  const ObjectPtr previous = found->second;
  collection.objects.erase(found);
  boost::json::object last = *previous;
  object_at(last, {"metadata"})["resourceVersion"] = std::to_string(++resource_version_);
  auto stored = std::make_shared<const boost::json::object>(std::move(last));
  log(collection, {resource_version_, ChangeKind::Deleted, stored, previous});
  return stored;
}

std::vector<std::string_view> KubernetesStore::changed_since(std::uint64_t resource_version) const {
  std::vector<std::string_view> changed;
  for (const auto& [resource, collection] : collections_) {
    const bool has_changes =
        !collection.log.empty() && collection.log.back().resource_version > resource_version;
    if (has_changes || collection.complete_since > resource_version) changed.emplace_back(resource);
  }
  return changed;
}

std::optional<std::vector<Change>> KubernetesStore::changes_since(
    std::string_view resource, std::uint64_t resource_version) const {
  const auto it = collections_.find(resource);
  if (it == collections_.end()) return std::nullopt;
  const Collection& collection = it->second;
  if (resource_version < collection.complete_since || resource_version > resource_version_)
    return std::nullopt;
  const auto first =
      std::ranges::upper_bound(collection.log, resource_version, {}, &Change::resource_version);
  return std::vector<Change>(first, collection.log.end());
}

void KubernetesStore::log(Collection& collection, Change change) {
  collection.log.push_back(std::move(change));
  if (collection.log.size() > log_length_) {
    collection.complete_since = collection.log.front().resource_version;
    collection.log.pop_front();
  }
}

}  // namespace hyperwright::sim
