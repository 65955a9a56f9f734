// Launches: one call of BatchAddClusterNodes for each batch of claims, and what its answer means
// for them.
//
//   1. The call goes out when all claims of the batch exist. Its token is the batch id.
//   2. Ids of the answer, sorted, go to the claims, sorted by name, and are stored at once.
//   3. When they are stored, what failed is stamped with a new batch; its group backs off.
//   4. A refusal of the whole call splits it into one call per specification. Where a quota refuses
//      several nodes of one specification, half of them is asked for, and the rest waits for how
//      that half fares: a quota with room for fewer is used up. Then the group backs off, or the
//      whole cluster, where the refusal is not about the group or its type.
//   5. An unknown outcome is repeated with the same token, which gives the same ids, for 7.5 hours.
//   6. Ids that no claim is left for are withdrawn.
//
// After a crash, a complete batch is called again with its token; one that is short of claims was
// never called, and its claims are stamped anew.
//
// Source: SageMaker API, BatchAddClusterNodes: ClientToken is valid for 8 hours.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controllers/back_off.h"
#include "controllers/controllers.h"
#include "controllers/launch_batch.h"
#include "controllers/launch_stamp.h"
#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using Claims = std::vector<const state::ClaimRecord*>;

constexpr Duration kLookAgain = Duration::seconds(2);
// A group that is backed off for longer is not waited for: the pods may find a place elsewhere.
constexpr Duration kWaitForGroup = Duration::minutes(1);
// An offering that HyperPod calls impossible (a type or zone that the group has not) is left out
// for long.
constexpr Duration kImpossibleFor = Duration::hours(1);

Claims alive(const Claims& claims) {
  Claims list;
  for (const state::ClaimRecord* claim : claims) {
    if (!claim->is_deleting()) list.push_back(claim);
  }
  return list;
}

Claims waiting(const LaunchBatch& batch) {
  Claims list;
  for (std::size_t i = 0; i < batch.call().specifications.size(); ++i) {
    const Claims of_specification = batch.without_id(i);
    list.insert(list.end(), of_specification.begin(), of_specification.end());
  }
  return list;
}

void call(const LaunchBatch& batch, Decision& decision) {
  decision.emit(state::BatchAddClusterNodes{.client_token = batch.call().batch,
                                            .specifications = batch.call().add_specifications()},
                "provisioned");
}

// Claims whose group is backed off: they wait, or they go.
void wait_for_group(const Context& context, const Claims& claims, Time until, Decision& decision) {
  if (until - context.now < kWaitForGroup) return decision.look_again(until);
  for (const state::ClaimRecord* claim : claims)
    decision.emit(deletion_of(claim->claim), "launch_failed");
}

// A batch that was never called: all of it goes out, or what is alive is stamped anew.
void first_call(const Context& context, const LaunchBatch& batch, Decision& decision) {
  const Claims live = alive(batch.claims());
  if (live.empty()) return;
  if (batch.is_short() || live.size() < batch.claims().size()) {
    return stamp_anew(context, live, hyperpod::kAddSpecificationsMax, "stamped_anew", decision);
  }
  Time until;
  for (const state::LaunchSpecification& specification : batch.call().specifications) {
    until = std::max(until, backed_off_until(context, specification.offering.group));
  }
  if (until <= context.now) return call(batch, decision);
  // One group must not hold up the others.
  const bool is_cluster = context.state.back_off("", context.now) != nullptr;
  if (!is_cluster && batch.call().specifications.size() > 1)
    return stamp_anew(context, live, 1, "stamped_anew", decision);
  wait_for_group(context, live, until, decision);
}

void store_ids(const Context& context, const LaunchBatch& batch, std::size_t specification,
               Decision& decision) {
  const std::vector<std::string> ids = batch.free_ids(specification);
  const Claims claims = batch.without_id(specification);
  for (std::size_t i = 0; i < std::min(ids.size(), claims.size()); ++i) {
    state::PatchNodeClaim patch = patch_of(claims[i]->claim);
    patch.set_annotations.set(kube::kNodeLogicalId, ids[i]);
    patch.set_annotations.set(kube::kLogicalIdStoredAt, format_time(context.now));
    decision.emit(std::move(patch), "launched");
  }
}

const hyperpod::AddFailure* failure_of(const hyperpod::AddResult& result,
                                       const state::LaunchSpecification& specification) {
  const hyperpod::OfferingKey& offering = specification.offering;
  for (const hyperpod::AddFailure& failure : result.failed) {
    const bool type_fits = failure.types.empty() || failure.types == std::vector{offering.type};
    const bool zone_fits = failure.zones.empty() || failure.zones == std::vector{offering.zone};
    if (failure.group == offering.group && type_fits && zone_fits) return &failure;
  }
  return nullptr;
}

// Claims of a specification for which no node was added.
void handle_failures(const Context& context, const Claims& claims,
                     const hyperpod::AddFailure* failure, Decision& decision) {
  if (claims.empty()) return;
  const std::string code = failure == nullptr ? "Unspecified" : failure->code;
  const std::string why =
      failure == nullptr
          ? "the answer names neither a node nor a failure"
          : fmt::format("{}{}{}", code, failure->message.empty() ? "" : ": ", failure->message);
  const state::ClaimRecord& first = *claims.front();
  if (code == "IncompatibleAvailabilityZones" || code == "IncompatibleInstanceTypes") {
    decision.emit(state::MarkUnavailable{first.launch->offering(), context.now + kImpossibleFor},
                  "launch_failed");
    for (const state::ClaimRecord* claim : claims) {
      decision.emit(warning(claim->claim, "LaunchFailed",
                            fmt::format("NodeClaim {} event: {}", claim->claim.meta.name, why)),
                    "launch_failed");
      decision.emit(deletion_of(claim->claim), "launch_failed");
    }
    return;
  }
  back_off(context, first, "launch_failed", why, {}, decision);
  stamp_anew(context, claims, hyperpod::kAddSpecificationsMax, "launch_failed", decision);
}

void handle_done(const Context& context, const LaunchBatch& batch, Decision& decision) {
  const bool has_stored_ids = batch.has_stored_ids();
  for (std::size_t i = 0; i < batch.call().specifications.size(); ++i) {
    if (!has_stored_ids) {
      store_ids(context, batch, i, decision);
    } else {
      handle_failures(context, alive(batch.without_id(i)),
                      failure_of(batch.answer()->result, batch.call().specifications[i]), decision);
    }
  }
  std::vector<std::string> surplus = batch.surplus_ids();
  if (surplus.empty()) return;
  decision.emit(state::BatchDeleteClusterNodes{std::move(surplus)}, "surplus");
  decision.look_again(context.now + Duration::seconds(5));
}

// A quota of one instance type, or of one group, is that group's affair; any other is everybody's.
bool is_about_all(const state::LaunchAnswer& answer, const hyperpod::OfferingKey& offering) {
  if (answer.outcome != state::Outcome::LimitExceeded)
    return answer.outcome == state::Outcome::Forbidden;
  return answer.message.find(offering.type) == std::string::npos &&
         answer.message.find("InstanceGroup " + offering.group) == std::string::npos;
}

// Another batch asks for nodes of this group, and is not refused.
bool is_asked_for(const state::ClusterState& state, std::string_view group,
                  std::string_view except) {
  return std::ranges::any_of(state.claims(), [&](const auto& entry) {
    const state::ClaimRecord& claim = entry.second;
    if (!claim.launch || claim.is_deleting() || !claim.logical_id.empty()) return false;
    const std::string& batch = claim.launch->call.batch;
    if (batch == except || claim.launch->offering().group != group) return false;
    const state::LaunchAnswer* answer = state.launch_answer(batch);
    return answer == nullptr || answer->outcome != state::Outcome::LimitExceeded;
  });
}

// A quota allows fewer nodes than this call, of one specification, asked for. The claims that wait
// stay in the batch, whose refusal is their answer.
void ask_for_half(const Context& context, const LaunchBatch& batch, const Claims& claims,
                  Decision& decision) {
  const std::string& group = batch.call().specifications.front().offering.group;
  const Time until = backed_off_until(context, group);
  if (until > context.now) return wait_for_group(context, claims, until, decision);
  if (!is_asked_for(context.state, group, batch.call().batch)) {
    const auto half = std::min(claims.size(), static_cast<std::size_t>(batch.call().nodes() / 2));
    stamp_anew(context, Claims(claims.begin(), claims.begin() + static_cast<std::ptrdiff_t>(half)),
               1, "launch_failed", decision);
    if (half == claims.size()) return;
  }
  decision.look_again(context.now + kLookAgain);
}

// The whole call was refused, and nothing was launched.
void handle_refusal(const Context& context, const LaunchBatch& batch, Decision& decision) {
  const Claims claims = alive(waiting(batch));
  if (claims.empty()) return;
  const state::ClaimRecord& first = *claims.front();
  const state::LaunchAnswer& answer = *batch.answer();
  const bool is_forbidden = answer.outcome == state::Outcome::Forbidden;
  if (answer.outcome == state::Outcome::LimitExceeded && batch.call().specifications.size() == 1 &&
      batch.call().nodes() > 1)
    return ask_for_half(context, batch, claims, decision);
  // Of several specifications a part may be allowed.
  if (is_forbidden || batch.call().specifications.size() == 1) {
    if (is_about_all(answer, first.launch->offering())) {
      back_off_cluster(context, first, "launch_failed", answer.message, decision);
    } else {
      back_off(context, first, "launch_failed", answer.message, {}, decision);
    }
  }
  stamp_anew(context, claims, is_forbidden ? hyperpod::kAddSpecificationsMax : 1, "launch_failed",
             decision);
}

}  // namespace

void launch(const Context& context, const state::Key& key, Decision& decision) {
  // While claims are still being listed, every batch looks short.
  if (!context.state.is_synced()) return;
  const LaunchBatch batch(context.state, key.name);
  if (batch.empty() || batch.is_calling()) return;
  if (batch.is_gathering()) return decision.look_again(context.now + kLookAgain);
  if (batch.was_never_called()) return first_call(context, batch, decision);
  if (batch.answer() != nullptr) {
    switch (batch.answer()->outcome) {
      case state::Outcome::Done:
        return handle_done(context, batch, decision);
      case state::Outcome::LimitExceeded:
      case state::Outcome::Rejected:
      case state::Outcome::NotFound:
        return handle_refusal(context, batch, decision);
      case state::Outcome::Forbidden:
        // It says nothing of a call that was made before, which may have launched.
        if (context.state.is_surely_uncalled(key.name))
          return handle_refusal(context, batch, decision);
        back_off_cluster(context, *batch.claims().front(), "launch_failed", batch.answer()->message,
                         decision);
        break;
      default:
        break;
    }
  }
  // Not answered, or not clearly: the same token gives the same ids.
  if (!waiting(batch).empty() && batch.may_repeat(context.now)) call(batch, decision);
}

}  // namespace hyperwright::controllers
