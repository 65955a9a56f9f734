#include "tests/scheduling/checker_volumes.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "tests/scheduling/checker.h"

namespace hyperwright::checker {
namespace {

template <typename Map, typename Key>
auto* find(const Map& map, const Key& key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

bool allows(const std::vector<kube::NodeSelectorTerm>& terms, const kube::StringMap& labels,
            bool is_local) {
  return terms.empty() || std::ranges::any_of(terms, [&](const kube::NodeSelectorTerm& term) {
           return !term.match_expressions.empty() &&
                  std::ranges::all_of(
                      term.match_expressions, [&](const kube::NodeRequirement& each) {
                        if (is_local && each.key == kube::kHostname) return true;
                        // The driver puts this label on every node that it runs on.
                        const bool is_ebs_zone = each.key == "topology.ebs.csi.aws.com/zone";
                        return meets(each, labels.find(is_ebs_zone ? kube::kZone : each.key));
                      });
         });
}

bool can_be_made(const std::string& provisioner) {
  return provisioner != "kubernetes.io/no-provisioner" &&
         provisioner != "ebs.csi.eks.amazonaws.com";
}

const kube::StorageClass* class_of(const Storage& storage, const kube::VolumeClaim& mounted,
                                   const kube::PersistentVolumeClaim* claim) {
  if (claim != nullptr)
    return claim->storage_class ? find(storage.classes, *claim->storage_class) : nullptr;
  if (mounted.storage_class) return find(storage.classes, *mounted.storage_class);
  // The newest of the default classes.
  const kube::StorageClass* newest = nullptr;
  for (const auto& [name, each] : storage.classes) {
    const bool is_newer = newest == nullptr || newest->meta.creation_time < each.meta.creation_time;
    if (each.is_default && is_newer) newest = &each;
  }
  return newest;
}

std::string problem_with(const Storage& storage, const kube::Pod& pod,
                         const kube::VolumeClaim& mounted, const kube::StringMap& labels) {
  const auto* claim =
      find(storage.claims, kube::ObjectKey{pod.meta.namespace_, mounted.claim_name});
  if (claim == nullptr && !mounted.is_ephemeral) return "is not there";
  if (claim != nullptr && (claim->meta.is_deleting() || claim->phase == "Lost"))
    return "is going, or lost its volume";
  if (claim != nullptr && !claim->volume_name.empty()) {
    const auto* volume = find(storage.volumes, claim->volume_name);
    if (volume == nullptr || volume->meta.is_deleting() || !claim->is_bind_completed)
      return "is not bound to a volume that stays";
    if (!can_be_made(volume->csi_driver)) return "has a driver that runs on no node of ours";
    return allows(volume->node_terms, labels, volume->is_local) ? "" : "has its volume elsewhere";
  }
  const auto* storage_class = class_of(storage, mounted, claim);
  if (storage_class == nullptr) return "is not bound and has no class";
  if (!storage_class->waits_for_consumer) return "is not bound and waits for no pod";
  if (!can_be_made(storage_class->provisioner)) return "is not bound, and nobody makes its volume";
  return allows(storage_class->allowed_topologies, labels, false)
             ? ""
             : "can have its volume elsewhere only";
}

// (driver, volume); the driver is "" where nothing counts it.
std::pair<std::string, std::string> attached(const Storage& storage, const kube::Pod& pod,
                                             const kube::VolumeClaim& mounted) {
  const kube::ObjectKey key{pod.meta.namespace_, mounted.claim_name};
  const auto* claim = find(storage.claims, key);
  const std::string name = "claim " + key.namespace_ + "/" + key.name;
  if (claim == nullptr && !mounted.is_ephemeral) return {};
  if (claim != nullptr && !claim->volume_name.empty()) {
    const auto* volume = find(storage.volumes, claim->volume_name);
    if (volume == nullptr) return {};
    return {volume->csi_driver, volume->csi_handle.empty() ? name : "handle " + volume->csi_handle};
  }
  const auto* storage_class = class_of(storage, mounted, claim);
  return {storage_class == nullptr ? "" : storage_class->provisioner, name};
}

}  // namespace

std::vector<std::string> volume_problems(const Storage& storage, const kube::Pod& pod,
                                         const kube::StringMap& labels) {
  std::vector<std::string> problems;
  for (const kube::VolumeClaim& mounted : pod.scheduling.volume_claims) {
    if (const std::string text = problem_with(storage, pod, mounted, labels); !text.empty())
      problems.push_back(fmt::format("its claim {} {}", mounted.claim_name, text));
  }
  return problems;
}

std::vector<std::string> attach_problems(const Storage& storage, const kube::Pod& pod,
                                         const std::vector<const kube::Pod*>& before,
                                         const std::vector<const kube::Pod*>& all,
                                         const VolumeLimits& limits) {
  const auto volumes_of = [&](const std::vector<const kube::Pod*>& pods,
                              const std::string& driver) {
    std::set<std::string> volumes;
    for (const kube::Pod* each : pods) {
      for (const kube::VolumeClaim& mounted : each->scheduling.volume_claims) {
        const auto [its_driver, volume] = attached(storage, *each, mounted);
        if (its_driver == driver) volumes.insert(volume);
      }
    }
    return volumes;
  };
  std::vector<std::string> problems;
  for (const auto& [driver, limit] : limits) {
    const auto own = volumes_of({&pod}, driver);
    const auto there = volumes_of(before, driver);
    if (std::ranges::includes(there, own)) continue;
    const auto count = static_cast<std::int64_t>(volumes_of(all, driver).size());
    if (count > limit)
      problems.push_back(fmt::format("{} volumes of {}, and {} are allowed", count, driver, limit));
  }
  return problems;
}

}  // namespace hyperwright::checker
