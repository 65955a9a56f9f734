// NodePool status: is the pool valid, is its NodeClass ready, what do its nodes add up to; and the
// hash of its template, by which claims drift.
//
//   ValidationSucceeded      kube::problems: one sentence a problem
//   NodeClassReady           the class exists, is not going, and is Ready
//   NodeRegistrationHealthy  Unknown after a change of pool or class; True once a claim registered
//   since; False
//                            is written by nodeclaim.lifecycle, whose claims go when they fail
//   resources, nodes         of claims that do not go, written at most every 5 seconds
//
// That the API server creates no claim by its template is told as an event, FailedCreate as of
// Kubernetes' own controllers: the pool may be valid by all that is known of it here.
//
// A claim whose hash is of another implementation or version gets this pool's hash: a change of
// hands makes nothing drift.
//
// Source: Karpenter v1, controllers nodepool.validation, .readiness, .registrationhealth, .counter
// and .hash.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "controllers/controllers.h"
#include "controllers/pool_usage.h"
#include "controllers/record.h"
#include "disruption/pool_nodes.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_pool_condition;

constexpr Duration kCountEvery = Duration::seconds(5);
// Longer than such a pool waits, so that each failure is told once, however often it is looked at.
constexpr Duration kFailedCreateQuiet = Duration::minutes(15);
// After a change of hands every claim is to be patched.
constexpr std::size_t kHashesPerLook = 250;

// What its Ready condition says names conditions only: the first of them has the cause.
std::string why_not_ready(const kube::HyperpodNodeClass& node_class, const kube::Condition& ready) {
  const auto cause = std::ranges::find_if(node_class.conditions, [&](const kube::Condition& other) {
    return other.type != ready.type && other.status == kube::ConditionStatus::False;
  });
  return fmt::format("{}; HyperpodNodeClass \"{}\": {}", ready.message, node_class.meta.name,
                     cause == node_class.conditions.end() ? ready.reason : cause->message);
}

void set_node_class_ready(const kube::NodePool& pool, const kube::HyperpodNodeClass* node_class,
                          kube::ConditionWriter& writer) {
  constexpr std::string_view kType = condition::kNodeClassReady;
  if (node_class == nullptr) {
    return writer.set_false(
        kType, "NodeClassNotFound",
        fmt::format("NodeClass not found on cluster: there is no HyperpodNodeClass \"{}\"",
                    pool.template_spec.node_class_ref.name));
  }
  if (node_class->meta.is_deleting())
    return writer.set_false(kType, "NodeClassTerminating", "NodeClass is Terminating");
  const kube::Condition* ready =
      kube::find_condition(node_class->conditions, kube::node_class_condition::kReady);
  if (ready == nullptr || ready->status == kube::ConditionStatus::Unknown) {
    return writer.set_false(kType, "NodeClassReadinessUnknown", "Node Class Readiness Unknown");
  }
  if (ready->status == kube::ConditionStatus::False)
    return writer.set_false(kType, ready->reason, why_not_ready(*node_class, *ready));
  writer.set_true(kType);
}

// What is known of registrations speaks of one generation of pool and class.
void set_registration_healthy(const Context& context, const kube::NodePool& pool,
                              const kube::HyperpodNodeClass* node_class, kube::NodePool& next,
                              kube::ConditionWriter& writer) {
  constexpr std::string_view kType = condition::kNodeRegistrationHealthy;
  const std::int64_t class_generation = node_class == nullptr ? 0 : node_class->meta.generation;
  const kube::Condition* healthy = kube::find_condition(next.conditions, kType);
  if (healthy == nullptr || healthy->observed_generation != pool.meta.generation ||
      pool.node_class_observed_generation != class_generation) {
    next.node_class_observed_generation = class_generation;
    return writer.set_unknown(kType, "AwaitingReconciliation",
                              "no node has registered since the pool or its class changed");
  }
  if (healthy->status == kube::ConditionStatus::True) return;
  const auto& registered = context.state.claim_index().registered();
  const Time later = healthy->last_transition_time + Duration::microseconds(1);
  for (auto it = registered.lower_bound({later, {}}); it != registered.end(); ++it) {
    if (context.state.find_claim(it->second)->claim.node_pool() == pool.meta.name)
      return writer.set_true(kType);
  }
}

void count_nodes(const Context& context, kube::NodePool& next) {
  const scheduling::NodeOverlays overlays(context.state);
  kube::Resources sum;
  for (const auto& [name, claim] : context.state.claims()) {
    if (claim.claim.node_pool() != next.meta.name || claim.logical_id.empty() ||
        disruption::is_marked(context.state, claim))
      continue;
    sum += capacity_of(context.state, claim, overlays);
  }
  next.status_nodes = sum.get(kube::Resource::Nodes);
  next.status_resources = sum;
}

void update_status(const Context& context, const kube::NodePool& pool, Decision& decision) {
  const kube::HyperpodNodeClass* node_class =
      context.state.find_node_class(pool.template_spec.node_class_ref.name);
  kube::NodePool next = pool;
  kube::ConditionWriter writer(next.conditions, condition::kDependents, pool.meta.generation,
                               pool.meta.creation_time, context.now);
  if (const auto problems = kube::problems(pool); problems.empty()) {
    writer.set_true(condition::kValidationSucceeded);
  } else {
    writer.set_false(condition::kValidationSucceeded, "NodePoolValidationFailed",
                     fmt::format("{}", fmt::join(problems, "; ")));
  }
  set_node_class_ready(pool, node_class, writer);
  set_registration_healthy(context, pool, node_class, next, writer);
  // Counting walks all claims: every one that changes asks for a look, so it waits for its turn.
  const Time last = context.state.last_emitted({state::Target::Of::NodePool, pool.meta.name});
  if (next == pool && !last.is_zero() && last + kCountEvery > context.now)
    return decision.look_again(last + kCountEvery);
  count_nodes(context, next);
  if (next == pool) return;
  decision.emit(state::UpdateNodePoolStatus{std::move(next)}, "status");
}

void update_hash(const Context& context, const kube::NodePool& pool, Decision& decision) {
  const std::string hash = kube::template_hash(pool);
  const kube::StringMap annotations{
      {std::string(kube::kNodePoolHash), hash},
      {std::string(kube::kNodePoolHashVersion), std::string(kube::kTemplateHashVersion)}};
  std::size_t written = 0;
  for (const std::string& name : context.state.claim_index().of(state::ClaimIndex::Of::OtherHash)) {
    if (written == kHashesPerLook) {
      decision.look_again(context.now);
      break;
    }
    const state::ClaimRecord& record = *context.state.find_claim(name);
    const kube::NodeClaim& claim = record.claim;
    if (claim.node_pool() != pool.meta.name || record.is_being_created || record.is_deleting())
      continue;
    state::PatchNodeClaim patch = patch_of(claim);
    patch.set_annotations = annotations;
    // What had drifted stays so.
    if (kube::find_condition(claim.conditions, kube::node_claim_condition::kDrifted) != nullptr) {
      patch.set_annotations.erase(kube::kNodePoolHash);
    }
    written += decision.emit(std::move(patch), "hash") ? 1U : 0U;
  }
  if (pool.meta.annotations.get(kube::kNodePoolHash) == hash &&
      pool.meta.annotations.get(kube::kNodePoolHashVersion) == kube::kTemplateHashVersion) {
    return;
  }
  decision.emit(state::PatchNodePool{.name = pool.meta.name, .set_annotations = annotations},
                "hash");
}

void tell_creation_failure(const Context& context, const kube::NodePool& pool, Decision& decision) {
  const auto* failure = context.state.creation_failure(pool.meta.name, context.now);
  if (failure == nullptr) return;
  decision.emit(
      warning(pool, "FailedCreate",
              fmt::format("NodeClaims of this NodePool cannot be created: {}", failure->why),
              kFailedCreateQuiet),
      "creation_failed");
}

}  // namespace

void node_pool_status(const Context& context, const state::Key& key, Decision& decision) {
  const kube::NodePool* pool = context.state.find_node_pool(key.name);
  // Before everything was listed, a class that is not known yet would look missing.
  if (pool == nullptr || pool->meta.is_deleting() || !context.state.is_synced()) return;
  tell_creation_failure(context, *pool, decision);
  update_hash(context, *pool, decision);
  update_status(context, *pool, decision);
}

}  // namespace hyperwright::controllers
