#include "kube/pod_disruption_budget.h"

namespace hyperwright::kube {

bool covers(const PodDisruptionBudget& budget, const Pod& pod) {
  return budget.meta.namespace_ == pod.meta.namespace_ && budget.selector &&
         budget.selector->matches(pod.meta.labels);
}

bool is_fully_blocking(const PodDisruptionBudget& budget) {
  return budget.max_unavailable == "0" || budget.max_unavailable == "0%" ||
         budget.min_available == "100%";
}

}  // namespace hyperwright::kube
