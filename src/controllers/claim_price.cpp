#include "controllers/claim_price.h"

#include "hyperpod/price.h"
#include "kube/well_known.h"
#include "scheduling/node_overlay.h"

namespace hyperwright::controllers {
namespace {

hyperpod::CapacityType capacity_type_of(const kube::StringMap& labels) {
  const std::string_view word = labels.get(kube::kCapacityType);
  if (word == kube::kReserved) return hyperpod::CapacityType::Reserved;
  return word == kube::kSpot ? hyperpod::CapacityType::Spot : hyperpod::CapacityType::OnDemand;
}

}  // namespace

hyperpod::MicroDollars price_of(const state::ClusterState& state, const state::ClaimRecord& claim) {
  const kube::StringMap& labels = claim.claim.meta.labels;
  const hyperpod::InstanceType* type = state.instance_types().find(labels.get(kube::kInstanceType));
  if (type == nullptr) return {};
  const auto price = hyperpod::price_of(*type, labels.get(kube::kInstanceGroup),
                                        capacity_type_of(labels), state.options().discounts);
  if (!price) return {};
  return scheduling::NodeOverlays(state).price(labels, price->per_hour).value_or(price->per_hour);
}

}  // namespace hyperwright::controllers
