#include "controllers/claim_price.h"

#include "hyperpod/price.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {

hyperpod::MicroDollars price_of(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const kube::StringMap& labels = claim.claim.meta.labels;
  const hyperpod::InstanceType* type = state.instance_types().find(labels.get(kube::kInstanceType));
  if (type == nullptr) return {};
  const auto price = hyperpod::price_of(*type, labels.get(kube::kCapacityType) == kube::kSpot
                                                   ? hyperpod::CapacityType::Spot
                                                   : hyperpod::CapacityType::OnDemand);
  return price ? price->per_hour : hyperpod::MicroDollars{};
}

}  // namespace hyperwright::controllers
