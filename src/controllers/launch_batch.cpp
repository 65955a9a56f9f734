#include "controllers/launch_batch.h"

#include <algorithm>
#include <tuple>
#include <variant>

#include "kube/well_known.h"

namespace hyperwright::controllers {

LaunchBatch::LaunchBatch(const state::ClusterState& state, std::string_view batch)
    : state_(state), claims_(state.claims_of_launch(batch)), answer_(state.launch_answer(batch)) {
  if (claims_.empty()) return;
  for (const state::ClaimRecord* claim : claims_) {
    is_gathering_ = is_gathering_ || claim->is_being_created;
    has_ids_ = has_ids_ || !claim->logical_id.empty();
  }
  is_short_ = static_cast<std::int32_t>(claims_.size()) < call().nodes();
  using Of = state::Target::Of;
  is_calling_ = state.pending_on({Of::Launch, std::string(batch)}) != nullptr;
  is_gathering_ = is_gathering_ || state.is_being_stamped(batch);
  for (const state::ClaimRecord* claim : claims_) {
    const std::string& name = claim->claim.meta.name;
    const state::Pending* pending = state.pending_on({Of::NodeClaim, name});
    const auto* patch =
        pending == nullptr ? nullptr : std::get_if<state::PatchNodeClaim>(&pending->action);
    if (patch == nullptr) continue;
    const std::string_view logical_id = patch->set_annotations.get(kube::kNodeLogicalId);
    if (!logical_id.empty()) ids_on_their_way_[name] = std::string(logical_id);
  }
}

bool LaunchBatch::was_never_called() const {
  if (answer_ != nullptr || is_calling_ || has_ids_) return false;
  return is_short_ || state_.is_surely_uncalled(call().batch);
}

std::string LaunchBatch::id_of(const state::ClaimRecord& claim) const {
  if (!claim.logical_id.empty()) return claim.logical_id;
  const auto it = ids_on_their_way_.find(claim.claim.meta.name);
  return it == ids_on_their_way_.end() ? std::string{} : it->second;
}

std::vector<const state::ClaimRecord*> LaunchBatch::without_id(std::size_t specification) const {
  std::vector<const state::ClaimRecord*> waiting;
  for (const state::ClaimRecord* claim : claims_) {
    if (claim->launch->specification == specification && id_of(*claim).empty())
      waiting.push_back(claim);
  }
  std::ranges::stable_sort(waiting, {},
                           [](const state::ClaimRecord* claim) { return claim->is_deleting(); });
  return waiting;
}

// By group; and where one flexible group has several specifications, by what the answer repeats of
// them.
std::size_t LaunchBatch::specification_of(const hyperpod::NodeAddition& addition) const {
  const auto& specifications = call().specifications;
  std::size_t first = specifications.size();
  for (std::size_t i = 0; i < specifications.size(); ++i) {
    const hyperpod::OfferingKey& offering = specifications[i].offering;
    if (offering.group != addition.group) continue;
    const bool type_fits = addition.types.empty() || addition.types == std::vector{offering.type};
    const bool zone_fits = addition.zones.empty() || addition.zones == std::vector{offering.zone};
    if (!specifications[i].is_flexible || (type_fits && zone_fits)) return i;
    first = std::min(first, i);
  }
  return first;
}

bool LaunchBatch::has_claim(std::string_view logical_id) const {
  return state_.find_claim_by_logical_id(logical_id) != nullptr ||
         std::ranges::any_of(ids_on_their_way_,
                             [&](const auto& entry) { return entry.second == logical_id; });
}

std::vector<std::string> LaunchBatch::free_ids(std::size_t specification) const {
  std::vector<std::string> ids;
  if (answer_ == nullptr) return ids;
  for (const hyperpod::NodeAddition& addition : answer_->result.successful) {
    // NotFound: a repetition of the call names a node that was deleted meanwhile.
    if (addition.status == hyperpod::InstanceStatus::NotFound ||
        specification_of(addition) != specification)
      continue;
    if (!has_claim(addition.logical_id) && state_.find_deletion(addition.logical_id) == nullptr)
      ids.push_back(addition.logical_id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> LaunchBatch::surplus_ids() const {
  std::vector<std::string> ids;
  if (answer_ == nullptr) return ids;
  for (const hyperpod::NodeAddition& addition : answer_->result.successful) {
    if (addition.status == hyperpod::InstanceStatus::NotFound || has_claim(addition.logical_id))
      continue;
    if (!without_id(specification_of(addition)).empty()) continue;
    const state::Deletion* deletion = state_.find_deletion(addition.logical_id);
    if (deletion == nullptr || (deletion->accepted_at.is_zero() && !deletion->is_gone))
      ids.push_back(addition.logical_id);
  }
  std::ranges::sort(ids);
  return ids;
}

bool LaunchBatch::has_stored_ids() const {
  if (!ids_on_their_way_.empty()) return false;
  for (std::size_t i = 0; i < call().specifications.size(); ++i) {
    if (!free_ids(i).empty() && !without_id(i).empty()) return false;
  }
  return true;
}

bool LaunchBatch::may_repeat(Time now) const {
  return std::ranges::all_of(claims_, [&](const state::ClaimRecord* claim) {
    return now < claim->claim.meta.creation_time + kRepeatFor;
  });
}

bool is_launch_settled(const state::ClusterState& state, const state::ClaimRecord& claim,
                       Time now) {
  if (!claim.launch) return true;  // no call of ours was ever made for it
  const LaunchBatch batch(state, claim.launch->call.batch);
  if (batch.is_gathering() || batch.is_calling() || !batch.id_of(claim).empty()) return false;
  if (batch.was_never_called() || !batch.may_repeat(now)) return true;
  const state::LaunchAnswer* answer = batch.answer();
  if (answer == nullptr) return false;
  if (answer->outcome == state::Outcome::Done) return batch.has_stored_ids();
  if (answer->outcome == state::Outcome::Forbidden)
    return state.is_surely_uncalled(claim.launch->call.batch);
  return answer->outcome == state::Outcome::Rejected ||
         answer->outcome == state::Outcome::LimitExceeded ||
         answer->outcome == state::Outcome::NotFound;
}

bool is_needed_by_batch(const state::ClusterState& state, const state::ClaimRecord& claim) {
  if (!claim.launch || claim.logical_id.empty()) return false;
  const auto claims = state.claims_of_launch(claim.launch->call.batch);
  return std::ranges::any_of(
      claims, [](const state::ClaimRecord* other) { return other->logical_id.empty(); });
}

}  // namespace hyperwright::controllers
