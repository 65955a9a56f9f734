#include "disruption/deletion_refusal.h"

#include <fmt/format.h>

namespace hyperwright::disruption {
namespace {

bool takes_deletions(hyperpod::ClusterStatus status) {
  return status == hyperpod::ClusterStatus::InService;
}

bool takes_deletions(hyperpod::InstanceGroupStatus status) {
  switch (status) {
    case hyperpod::InstanceGroupStatus::InService:
    case hyperpod::InstanceGroupStatus::Degraded:
    case hyperpod::InstanceGroupStatus::Failed:
      return true;
    case hyperpod::InstanceGroupStatus::Creating:
    case hyperpod::InstanceGroupStatus::Updating:
    case hyperpod::InstanceGroupStatus::SystemUpdating:
    case hyperpod::InstanceGroupStatus::Deleting:
      return false;
  }
  return false;
}

}  // namespace

std::optional<std::string> deletion_refusal(const hyperpod::Cluster* cluster,
                                            std::string_view group) {
  if (cluster == nullptr) return "the HyperPod cluster was not described yet";
  if (!takes_deletions(cluster->status)) {
    return fmt::format("HyperPod deletes no nodes while cluster \"{}\" is {}", cluster->name,
                       to_string(cluster->status));
  }
  const hyperpod::InstanceGroup* found = cluster->find_group(group);
  if (found != nullptr && !takes_deletions(found->status)) {
    return fmt::format("HyperPod deletes no nodes while instance group \"{}\" is {}", group,
                       to_string(found->status));
  }
  return std::nullopt;
}

}  // namespace hyperwright::disruption
