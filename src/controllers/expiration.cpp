// Expiration: a claim that has lived for its expireAfter is deleted. No budget holds it; its pods
// get new places while it drains.
//
// The age counts from the creationTimestamp, as in Karpenter, so that a restart makes no claim
// younger. That is the API server's clock: a claim expires by as much too early or too late as that
// is behind or ahead of ours, seconds of hours. Only a clock that is behind by more than
// expireAfter would end claims as they are seen; the CRD sets no least expireAfter, and its default
// is 720h.
//
// Source: Karpenter v1, Concepts > Disruption > Expiration.
#include "controllers/controllers.h"
#include "controllers/record.h"
#include "disruption/deletion_refusal.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {

void expiration(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClaimRecord* record = context.state.find_claim(key.name);
  if (record == nullptr || record->is_being_created || record->is_deleting() ||
      !record->claim.spec.expire_after)
    return;
  const Time expires = record->claim.meta.creation_time + *record->claim.spec.expire_after;
  if (context.now < expires) return decision.look_again(expires);
  const auto& cluster = context.state.hyperpod().cluster();
  const std::string_view group = record->claim.meta.labels.get(kube::kInstanceGroup);
  // A drain that HyperPod would not let end is not begun.
  if (disruption::deletion_refusal(cluster ? &*cluster : nullptr, group)) {
    return decision.look_again(context.now + Duration::seconds(30));
  }
  decision.emit(deletion_of(record->claim), "expired");
}

}  // namespace hyperwright::controllers
