#include "state/attached_volumes.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace hyperwright::state {
namespace {

const kube::StorageClass* class_of(const ClusterState& state,
                                   const std::optional<std::string>& name) {
  return name ? state.find<kube::StorageClass>("", *name) : default_storage_class(state);
}

std::optional<AttachedVolume> attached_volume(const ClusterState& state,
                                              const std::string& namespace_name,
                                              const kube::VolumeClaim& mounted) {
  const auto* claim = state.find<kube::PersistentVolumeClaim>(namespace_name, mounted.claim_name);
  if (claim == nullptr && !mounted.is_ephemeral) return std::nullopt;
  std::string name = fmt::format("{}/{}", namespace_name, mounted.claim_name);
  if (claim != nullptr && !claim->volume_name.empty()) {
    const auto* volume = state.find<kube::PersistentVolume>("", claim->volume_name);
    if (volume == nullptr || volume->csi_driver.empty()) return std::nullopt;
    return AttachedVolume{volume->csi_driver,
                          volume->csi_handle.empty() ? std::move(name) : volume->csi_handle};
  }
  const kube::StorageClass* storage_class =
      class_of(state, claim == nullptr ? mounted.storage_class : claim->storage_class);
  if (storage_class == nullptr || storage_class->provisioner.empty()) return std::nullopt;
  return AttachedVolume{storage_class->provisioner, std::move(name)};
}

}  // namespace

const kube::StorageClass* default_storage_class(const ClusterState& state) {
  const kube::StorageClass* found = nullptr;
  for (const auto& [key, storage_class] : state.objects<kube::StorageClass>()) {
    const bool is_newer =
        found == nullptr || found->meta.creation_time < storage_class.meta.creation_time;
    if (storage_class.is_default && is_newer) found = &storage_class;
  }
  return found;
}

std::vector<AttachedVolume> attached_volumes(const ClusterState& state, const kube::Pod& pod) {
  std::vector<AttachedVolume> volumes;
  for (const kube::VolumeClaim& mounted : pod.scheduling.volume_claims) {
    if (auto volume = attached_volume(state, pod.meta.namespace_, mounted))
      volumes.push_back(*std::move(volume));
  }
  std::ranges::sort(volumes);
  const auto same = std::ranges::unique(volumes);
  volumes.erase(same.begin(), same.end());
  return volumes;
}

bool is_attach_limit_reached(const ClusterState& state, std::string_view node,
                             const kube::Pod& pod) {
  const auto* limited = state.find<kube::CsiNode>("", node);
  if (limited == nullptr || limited->limits.empty() || pod.scheduling.volume_claims.empty())
    return false;
  const std::vector<AttachedVolume> own = attached_volumes(state, pod);
  std::vector<AttachedVolume> all = own;
  for (const PodRecord* bound : state.usage(node).pods) {
    if (bound->pod.scheduling.volume_claims.empty()) continue;
    const std::vector<AttachedVolume> more = attached_volumes(state, bound->pod);
    all.insert(all.end(), more.begin(), more.end());
  }
  std::ranges::sort(all);
  const auto same = std::ranges::unique(all);
  all.erase(same.begin(), same.end());
  const auto are_over = [&](const std::vector<AttachedVolume>& volumes) {
    return std::ranges::any_of(own, [&](const AttachedVolume& mine) {
      const auto limit = limited->limits.find(mine.driver);
      return limit != limited->limits.end() &&
             std::ranges::count(volumes, mine.driver, &AttachedVolume::driver) > limit->second;
    });
  };
  return are_over(all) && !are_over(own);
}

}  // namespace hyperwright::state
