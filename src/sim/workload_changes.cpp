#include "sim/workload_changes.h"

#include <utility>

namespace hyperwright::sim {

ChangeFollower::News ChangeFollower::take() {
  News news;
  const std::uint64_t current = api_->resource_version();
  if (has_listed_ && seen_ == current) return news;
  if (has_listed_) {
    if (auto changes = api_->changes_since(resource_, seen_)) {
      news.changes = *std::move(changes);
      seen_ = current;
      return news;
    }
  }
  news.is_relist = true;
  if (const ObjectMap* objects = api_->objects(resource_)) {
    news.changes.reserve(objects->size());
    for (const auto& [name, object] : *objects)
      news.changes.push_back({current, ChangeKind::Added, object, nullptr});
  }
  has_listed_ = true;
  seen_ = current;
  return news;
}

}  // namespace hyperwright::sim
