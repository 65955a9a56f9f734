#include "state/pod_classes.h"

#include <array>
#include <string_view>

namespace hyperwright::state {
namespace {

constexpr std::array<std::string_view, 3> kNumberingLabels = {
    "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-completion-index"};

}  // namespace

PodClassId PodClasses::intern(const kube::Pod& pod) {
  PodClass wanted{pod.meta.namespace_, pod.meta.labels, pod.scheduling};
  for (const std::string_view label : kNumberingLabels) wanted.labels.erase(label);
  const auto next = static_cast<PodClassId>(classes_.size());
  const auto [it, is_new] = ids_.try_emplace(std::move(wanted), next);
  if (is_new) classes_.push_back(&it->first);
  return it->second;
}

}  // namespace hyperwright::state
