#include "tests/sim/harness/mutants.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "controllers/controllers.h"
#include "kube/well_known.h"
#include "state/launch.h"

namespace hyperwright::swarm {
namespace {

using Effects = std::vector<state::Effect>;
using runtime::Loop;

// Ids that the loop never gives: it takes their answers for those of an earlier life. They begin
// anew with each run, so that a seed finds a mutant alone as it does after others.
constexpr state::EffectId kFirstId = 1ULL << 40U;
state::EffectId last_id = kFirstId;
state::EffectId fresh_id() { return ++last_id; }

void add(Effects& effects, state::Action action, std::string reason = "mutant") {
  effects.push_back({.id = fresh_id(), .reason = std::move(reason), .action = std::move(action)});
}

RunOptions after_turn(std::function<void(Effects&, const Loop&)> change) {
  last_id = kFirstId;
  RunOptions options;
  options.after_turn = std::move(change);
  return options;
}

// --- 1: limits ---

// One claim beside each, for nobody, with a call of its own.
RunOptions buys_one_more() {
  return after_turn([](Effects& effects, const Loop&) {
    for (std::size_t i = effects.size(); i-- > 0;) {
      const auto* create = std::get_if<state::CreateNodeClaim>(&effects[i].action);
      if (create == nullptr) continue;
      kube::NodeClaim claim = create->claim;
      auto launch = state::decode_launch(claim.meta.annotations.get(kube::kLaunch)).value();
      launch.call.specifications = {launch.call.specifications[launch.specification]};
      launch.call.specifications[0].count = 1;
      launch.specification = 0;
      claim.meta.name += "-more";
      launch.call.batch = Random(fresh_id()).uuid();
      claim.meta.annotations.set(kube::kLaunch, state::encode_launch(launch));
      add(effects, state::CreateNodeClaim{std::move(claim), {}});
    }
  });
}

// --- 2: budgets ---

RunOptions ignores_budgets() {
  return after_turn([](Effects& effects, const Loop& loop) {
    std::set<std::string> pools;
    for (const state::Effect& effect : effects) {
      const auto* deletion = std::get_if<state::DeleteNodeClaim>(&effect.action);
      const auto* claim = deletion == nullptr || effect.reason != "empty"
                              ? nullptr
                              : loop.state().find_claim(deletion->name);
      if (claim != nullptr) pools.emplace(claim->claim.node_pool());
    }
    for (const auto& [name, claim] : loop.state().claims()) {
      if (pools.contains(std::string(claim.claim.node_pool())) && !claim.is_deleting())
        add(effects, state::DeleteNodeClaim{name, claim.claim.meta.uid}, "empty");
    }
  });
}

RunOptions deletes_instead_of_evicting() {
  return after_turn([](Effects& effects, const Loop&) {
    for (state::Effect& effect : effects) {
      const auto* eviction = std::get_if<state::EvictPod>(&effect.action);
      if (eviction == nullptr) continue;
      const state::EvictPod pod = *eviction;
      effect.action = state::DeletePod{pod.key, pod.uid, 30};
    }
  });
}

// --- 3: launches and instances ---

RunOptions repeats_with_a_new_token() {
  auto called = std::make_shared<std::set<std::string>>();
  return after_turn([called](Effects& effects, const Loop&) {
    for (state::Effect& effect : effects) {
      auto* add = std::get_if<state::BatchAddClusterNodes>(&effect.action);
      if (add != nullptr && !called->insert(add->client_token).second)
        add->client_token = Random(fresh_id()).uuid();
    }
  });
}

RunOptions stores_every_id_twice() {
  return after_turn([](Effects& effects, const Loop&) {
    std::string first;
    for (state::Effect& effect : effects) {
      auto* patch = std::get_if<state::PatchNodeClaim>(&effect.action);
      if (patch == nullptr || !patch->set_annotations.contains(kube::kNodeLogicalId)) continue;
      if (first.empty()) first = patch->set_annotations.get(kube::kNodeLogicalId);
      patch->set_annotations.set(kube::kNodeLogicalId, first);
    }
  });
}

state::PatchNodeClaim without_finalizer(const state::ClaimRecord& claim) {
  return {.name = claim.claim.meta.name,
          .uid = claim.claim.meta.uid,
          .resource_version = claim.claim.meta.resource_version,
          .set_labels = {},
          .set_annotations = {},
          .finalizers = std::vector<std::string>{}};
}

// `may_go`: of the claims that are deleted, those whose finalizer is taken off at once.
RunOptions releases(bool (*may_go)(const state::ClaimRecord& claim)) {
  auto released = std::make_shared<std::set<std::string>>();
  return after_turn([released, may_go](Effects& effects, const Loop& loop) {
    for (const std::string& name : loop.state().deleting_claims()) {
      const state::ClaimRecord& claim = *loop.state().find_claim(name);
      if (may_go(claim) && released->insert(claim.claim.meta.uid).second)
        add(effects, without_finalizer(claim));
    }
  });
}

RunOptions releases_early() {
  return releases([](const state::ClaimRecord& claim) { return !claim.logical_id.empty(); });
}

RunOptions releases_before_the_answer() {
  return releases([](const state::ClaimRecord& claim) { return claim.logical_id.empty(); });
}

RunOptions leads_for_too_long() {
  RunOptions options;
  options.lease.renew_deadline = options.lease.duration * 2;
  return options;
}

// --- 4: evictions ---

RunOptions evicts_from_nodes_that_stay() {
  return after_turn([](Effects& effects, const Loop& loop) {
    const bool is_time = std::ranges::any_of(effects, [](const state::Effect& effect) {
      return std::holds_alternative<state::DescribeCluster>(effect.action);
    });
    if (!is_time) return;
    for (const auto& [key, pod] : loop.state().pods()) {
      if (pod.pod.node_name.empty()) continue;
      return add(effects, state::EvictPod{key, pod.pod.meta.uid});
    }
  });
}

// --- 5: one claim a need ---

RunOptions buys_the_plan_twice() {
  return after_turn([](Effects& effects, const Loop&) {
    for (std::size_t i = effects.size(); i-- > 0;) {
      const auto* create = std::get_if<state::CreateNodeClaim>(&effects[i].action);
      if (create == nullptr) continue;
      state::CreateNodeClaim again = *create;
      again.claim.meta.name += "-again";
      add(effects, std::move(again));
    }
  });
}

// Claims for several pods only: never more claims than pods.
RunOptions buys_shared_nodes_twice() {
  return after_turn([](Effects& effects, const Loop&) {
    for (std::size_t i = effects.size(); i-- > 0;) {
      const auto* create = std::get_if<state::CreateNodeClaim>(&effects[i].action);
      if (create == nullptr || create->pods.size() < 2) continue;
      state::CreateNodeClaim again = *create;
      again.claim.meta.name += "-again";
      add(effects, std::move(again));
    }
  });
}

// --- 6: what is not ours ---

RunOptions deletes_foreign_instances() {
  return after_turn([](Effects& effects, const Loop& loop) {
    if (effects.empty()) return;
    for (const auto& [id, node] : loop.state().hyperpod().nodes()) {
      if (loop.state().find_claim_by_logical_id(id) == nullptr &&
          loop.state().find_deletion(id) == nullptr)
        add(effects, state::BatchDeleteClusterNodes{{id}});
    }
  });
}

RunOptions deletes_foreign_claims() {
  return after_turn([](Effects& effects, const Loop& loop) {
    if (effects.empty()) return;
    for (const auto& [name, claim] : loop.state().foreign_claims())
      add(effects, state::DeleteNodeClaim{name, claim.meta.uid});
  });
}

RunOptions stamps_foreign_pools() {
  return after_turn([](Effects& effects, const Loop&) {
    if (effects.empty()) return;
    state::PatchNodePool patch{.name = std::string(kForeignPool), .set_annotations = {}};
    patch.set_annotations.set("hyperwright.dev/looked-at", "now");
    add(effects, std::move(patch));
  });
}

// --- 7: quiet ---

void stamping_node_pool_status(const controllers::Context& context, const state::Key& key,
                               controllers::Decision& decision) {
  controllers::node_pool_status(context, key, decision);
  if (context.state.find_node_pool(key.name) == nullptr) return;
  state::PatchNodePool patch{.name = key.name, .set_annotations = {}};
  patch.set_annotations.set("hyperwright.dev/looked-at", format_micro_time(context.now));
  decision.emit(std::move(patch), "mutant");
}

// A claim's status is written although nothing of it changed.
void restless_lifecycle(const controllers::Context& context, const state::Key& key,
                        controllers::Decision& decision) {
  controllers::nodeclaim_lifecycle(context, key, decision);
  const state::ClaimRecord* claim = context.state.find_claim(key.name);
  if (key.of != state::Key::Of::NodeClaim || claim == nullptr || claim->is_being_created ||
      claim->is_deleting())
    return;
  decision.emit(state::UpdateNodeClaimStatus{claim->claim}, "mutant");
  decision.look_again(context.now + Duration::minutes(1));
}

// What the guards are there for: a controller that does not wait for the instance.
void releasing_lifecycle(const controllers::Context& context, const state::Key& key,
                         controllers::Decision& decision) {
  const state::ClaimRecord* claim = context.state.find_claim(key.name);
  if (key.of == state::Key::Of::NodeClaim && claim != nullptr && claim->is_deleting() &&
      !claim->logical_id.empty())
    decision.emit(without_finalizer(*claim), "mutant");
  controllers::nodeclaim_lifecycle(context, key, decision);
}

// Pods that were refused once are forgotten.
void provisioning_that_gives_up(const controllers::Context& context, const state::Key& key,
                                controllers::Decision& decision) {
  for (const kube::ObjectKey& pod : context.state.pending_pods()) {
    if (context.state.pods().at(pod).verdict_version != 0) return;
  }
  controllers::provisioning(context, key, decision);
}

template <void (*kReconcile)(const controllers::Context&, const state::Key&,
                             controllers::Decision&)>
RunOptions instead_of(std::string_view name) {
  static const std::vector<controllers::Controller> kControllers = [&] {
    const auto all = controllers::all_controllers();
    std::vector<controllers::Controller> list(all.begin(), all.end());
    const auto it = std::ranges::find(list, name, &controllers::Controller::name);
    check(it != list.end(), "the controller that a mutant replaces exists");
    it->reconcile = kReconcile;
    return list;
  }();
  RunOptions options;
  options.controllers = kControllers;
  return options;
}

RunOptions stamps_pools() { return instead_of<stamping_node_pool_status>("nodepool.status"); }
RunOptions writes_unchanged_status() {
  return instead_of<restless_lifecycle>("nodeclaim.lifecycle");
}
RunOptions leaves_it_to_the_guards() {
  return instead_of<releasing_lifecycle>("nodeclaim.lifecycle");
}

// --- and in the end every pod runs ---

RunOptions gives_up() { return instead_of<provisioning_that_gives_up>("provisioner"); }

RunOptions never_repeats_a_launch() {
  auto called = std::make_shared<std::set<std::string>>();
  return after_turn([called](Effects& effects, const Loop&) {
    std::erase_if(effects, [&](const state::Effect& effect) {
      const auto* add = std::get_if<state::BatchAddClusterNodes>(&effect.action);
      return add != nullptr && !called->insert(add->client_token).second;
    });
  });
}

}  // namespace

const std::vector<Mutant>& all_mutants() {
  static const std::vector<Mutant> kMutants = {
      {"limits", "a claim more than planned is created", buys_one_more},
      {"disruption budgets", "all empty nodes of a pool go with the first", ignores_budgets},
      {"pod disruption budgets", "pods are deleted and not evicted", deletes_instead_of_evicting},
      {"nothing launched twice", "an unanswered launch gets a new token", repeats_with_a_new_token},
      {"nothing launched twice", "one logical id is stored on all claims", stores_every_id_twice},
      {"no leak", "the finalizer goes before the instance", releases_early},
      {"no leak", "a claim goes before its launch is answered", releases_before_the_answer},
      {"guards have nothing to refuse", "a controller does not wait for the instance",
       leaves_it_to_the_guards},
      {"one leader", "a leader acts longer than its Lease lasts", leads_for_too_long},
      {"evictions have a cause", "pods are evicted from nodes that stay",
       evicts_from_nodes_that_stay},
      {"one claim a need", "a plan is bought twice", buys_the_plan_twice},
      {"one claim a need", "nodes for several pods are bought twice", buys_shared_nodes_twice},
      {"foreign things untouched", "instances without a claim are deleted",
       deletes_foreign_instances},
      {"foreign things untouched", "another Karpenter's claims are deleted",
       deletes_foreign_claims},
      {"foreign things untouched", "another Karpenter's NodePool is stamped", stamps_foreign_pools},
      {"quiet", "a NodePool is stamped at every look", stamps_pools},
      {"quiet", "a status is written although nothing changed", writes_unchanged_status},
      {"every pod runs", "pods that were refused once are forgotten", gives_up},
      {"every pod runs", "a launch without an answer is not repeated", never_repeats_a_launch},
  };
  return kMutants;
}

}  // namespace hyperwright::swarm
