#include "state/pod_classes.h"

#include <array>
#include <string_view>
#include <utility>

namespace hyperwright::state {
namespace {

constexpr std::array<std::string_view, 3> kNumberingLabels = {
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index"};

}  // namespace

PodClassId PodClasses::intern(const kube::Pod& pod) {
  PodClass wanted{pod.meta.namespace_, pod.meta.labels, pod.scheduling};
  for (const std::string_view label : kNumberingLabels) wanted.labels.erase(label);
  for (kube::VolumeClaim& mounted : wanted.scheduling.volume_claims) mounted.claim_name.clear();
  return intern(std::move(wanted));
}

PodClass PodClasses::with_claims(PodClassId of, const kube::Pod& pod) const {
  PodClass wanted = get(of);
  wanted.scheduling.volume_claims = pod.scheduling.volume_claims;
  return wanted;
}

PodClassId PodClasses::intern_with_claims(PodClassId of, const kube::Pod& pod) {
  return intern(with_claims(of, pod));
}

std::optional<PodClassId> PodClasses::find_with_claims(PodClassId of, const kube::Pod& pod) const {
  const auto it = ids_.find(with_claims(of, pod));
  return it == ids_.end() ? std::nullopt : std::optional(it->second);
}

PodClassId PodClasses::intern(PodClass wanted) {
  const auto next = static_cast<PodClassId>(classes_.size());
  const auto [it, is_new] = ids_.try_emplace(std::move(wanted), next);
  if (is_new) classes_.push_back(&it->first);
  return it->second;
}

}  // namespace hyperwright::state
