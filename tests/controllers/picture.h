// A small cluster for tests of controllers: the picture, filled by short builders, and a stand-in
// for both APIs that answers what the controllers emit.
//
//   Picture p;
//   p.put(pool("gpu"));
//   p.put(claim("gpu-1", "gpu"));
//   const Effects effects = p.look("termination", {Key::Of::NodeClaim, "gpu-1"});
//
// `look` asks one controller about one key, and its effects are under way then; `accept` carries
// one out, as the API would; `settle` lets all controllers go on until nobody has anything to say.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/controller.h"
#include "controllers/guards.h"
#include "state/cluster_state.h"
#include "tests/controllers/builders.h"

namespace hyperwright::controllers::test {

using state::Effect;
using state::Key;
using state::Outcome;
using Effects = std::vector<Effect>;
// --- what is said of effects ---

template <typename Action>
std::vector<Action> all(const Effects& effects) {
  std::vector<Action> found;
  for (const Effect& effect : effects) {
    if (const auto* action = std::get_if<Action>(&effect.action)) found.push_back(*action);
  }
  return found;
}

// The only effect of this kind; the test fails where there is none, or more than one.
template <typename Action>
Action only(const Effects& effects) {
  const auto found = all<Action>(effects);
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? Action{} : found.front();
}

inline std::vector<std::string> names(const Effects& effects) {
  std::vector<std::string> list;
  for (const Effect& effect : effects) list.emplace_back(state::name_of(effect.action));
  return list;
}

inline std::string reasons(const Effects& effects, std::string_view action) {
  std::string list;
  for (const Effect& effect : effects) {
    if (state::name_of(effect.action) == action) list += (list.empty() ? "" : " ") + effect.reason;
  }
  return list;
}

// "Warning PriceUnknown: No price is ..." of each recorded event.
inline std::vector<std::string> told(const Effects& effects) {
  std::vector<std::string> list;
  for (const state::RecordEvent& event : all<state::RecordEvent>(effects)) {
    list.push_back((event.is_warning ? "Warning " : "Normal ") + event.reason + ": " +
                   event.message);
  }
  return list;
}

inline std::string text_of(const kube::Conditions& conditions, std::string_view type) {
  const kube::Condition* found = kube::find_condition(conditions, type);
  if (found == nullptr) return "absent";
  static constexpr std::array kWords = {"Unknown", "False", "True"};
  std::string text = kWords[static_cast<std::size_t>(found->status)];
  if (!found->reason.empty() && found->reason != type) text += " " + found->reason;
  if (!found->message.empty()) text += ": " + found->message;
  return text;
}

// --- the cluster ---

class Picture {
 public:
  explicit Picture(state::Options options = {.cluster = "hp1"})
      : state(std::move(options),
              hyperpod::InstanceTypes::of({instance_type("ml.c5.xlarge", 4, 0, 204'000),
                                           instance_type("ml.c5.4xlarge", 16, 0, 816'000),
                                           instance_type("ml.g5.xlarge", 4, 1, 1'408'000)})) {
    cluster.name = "hp1";
    cluster.arn = kArn;
    cluster.is_continuous = true;
    cluster.groups = {group("cpu", "ml.c5.xlarge"), group("big", "ml.c5.4xlarge", "subnet-2"),
                      group("gpu", "ml.g5.xlarge")};
    subnets = {{"subnet-1", "us-west-2a", "usw2-az1"}, {"subnet-2", "us-west-2b", "usw2-az2"}};
    for (std::size_t kind = 0; kind < state::kKindCount; ++kind)
      fold(state::Synced{static_cast<state::Kind>(kind)});
    read(state::DescribeCluster{}, cluster);
    read(state::DescribeSubnets{}, subnets);
    list_instances();
    put(node_class("main", {"cpu", "big", "gpu"}));
  }

  state::ClusterState state;
  Time now = kStart;
  hyperpod::Cluster cluster;
  std::vector<hyperpod::Subnet> subnets;
  std::vector<hyperpod::Node> instances;  // what ListClusterNodes will say
  Random random{7};

  void fold(const state::Event& event) { state.fold(event, now); }
  template <typename Object>
  Object put(Object object) {
    object.meta.resource_version = ++version_;
    fold(state::Changed{object});
    return object;
  }
  void remove(state::Kind kind, const kube::ObjectMeta& meta) {
    fold(state::Gone{.kind = kind,
                     .key = {meta.namespace_, meta.name},
                     .uid = meta.uid,
                     .resource_version = ++version_});
  }
  void wait(Duration duration) {
    now = now + duration;
    state.fold_time(now);
  }

  // A complete list of HyperPod's nodes, begun now and answered a moment later.
  void list_instances() {
    const state::EffectId id = emit({.action = state::ListClusterNodes{}});
    now = now + Duration::milliseconds(1);
    answer(id, Outcome::Done, hyperpod::Page<hyperpod::Node>{instances, {}});
  }
  void read(state::Action call, state::Payload payload) {
    const state::EffectId id = emit({.action = std::move(call)});
    answer(id, Outcome::Done, std::move(payload));
  }
  // A claim that this process created.
  void create(kube::NodeClaim claim) {
    claim.meta.uid.clear();
    Effect effect{.action = state::CreateNodeClaim{claim, {}}};
    effect.id = emit(effect);
    accept(effect);
  }
  state::EffectId emit(Effect effect) {
    effect.id = ++effect_;
    state.fold_emitted(effect, now);
    return effect.id;
  }
  void answer(state::EffectId id, Outcome outcome, state::Payload payload = {},
              std::string message = {}) {
    fold(state::Answered{.effect = id,
                         .outcome = outcome,
                         .message = std::move(message),
                         .payload = std::move(payload)});
  }

  // Asks one controller about one key. Its effects are under way afterwards. Guards must not refuse
  // any.
  Effects look(std::string_view controller, const Key& key) {
    const auto all_of_them = all_controllers();
    const auto it = std::ranges::find(all_of_them, controller, &Controller::name);
    EXPECT_NE(it, all_of_them.end()) << controller;
    Decision decision(state, now);
    scheduling::Supply supply;
    it->reconcile({state, now, random, supply}, key, decision);
    next_look = decision.next_look();
    Effects effects = decision.effects();
    for (Effect& effect : effects) {
      const auto refused = Guards(state).refusal(effect, now);
      EXPECT_EQ(refused, std::nullopt);
      effect.id = emit(effect);
    }
    return effects;
  }
  Time next_look;

  // Carries effects out, as the two APIs would. Readings, and launches without an answer in
  // `launch`, stay open.
  void accept(const Effects& effects) {
    for (const Effect& effect : effects) accept(effect);
  }
  void accept(const Effect& effect) {
    std::visit([&](const auto& action) { carry_out(effect, action); }, effect.action);
  }

  // All controllers, about everything that changed, until nobody has anything to say. Returns what
  // they said.
  Effects settle() {
    Effects said;
    for (int round = 0; round < 50; ++round) {
      const std::vector<Key> keys = state.take_changed();
      if (keys.empty()) return said;
      for (const Controller& controller : all_controllers()) {
        for (const Key& key : keys) {
          if (std::ranges::find(controller.watches, key.of) == controller.watches.end()) continue;
          const Effects effects = look(controller.name, key);
          said.insert(said.end(), effects.begin(), effects.end());
          accept(effects);
        }
      }
    }
    ADD_FAILURE() << "the controllers do not come to rest";
    return said;
  }

  const state::ClaimRecord& at_claim(std::string_view name) const {
    const state::ClaimRecord* record = state.find_claim(name);
    EXPECT_NE(record, nullptr) << name;
    return *record;
  }
  std::string claim_text(std::string_view name, std::string_view type) const {
    return text_of(at_claim(name).claim.conditions, type);
  }

  // A claim with its instance and its Node, registered and initialized since `since`.
  kube::NodeClaim put_running(const std::string& name, const std::string& pool_name,
                              Time since = kStart) {
    kube::NodeClaim made = with_id(claim(name, pool_name), "id-" + name);
    instances.push_back(instance("id-" + name, instance_id(name)));
    made.node_name = "node-" + name;
    made.provider_id = hyperpod::provider_id("usw2-az1", "abcdefghijkl", instance_id(name));
    const hyperpod::InstanceType* type = state.instance_types().find("ml.c5.xlarge");
    made.capacity = type->capacity();
    made.allocatable = type->allocatable();
    kube::ConditionWriter writer(made.conditions, claim_condition::kDependents, 1, kStart, since);
    for (const std::string_view condition : claim_condition::kDependents)
      writer.set_true(condition);
    made = put(made);
    list_instances();
    put(initialized(registered(ready(new_node("node-" + name, instance_id(name))), made)));
    return made;
  }
  // Hexadecimal, as HyperPod's are.
  static std::string instance_id(const std::string& name) {
    std::uint32_t sum = 0;
    for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
    std::string id = "i-";
    for (int shift = 28; shift >= 0; shift -= 4) id += "0123456789abcdef"[sum >> shift & 15U];
    return id;
  }

 private:
  template <typename Action>
  void carry_out(const Effect& /*effect*/, const Action& /*action*/) {
  }  // readings, launches, and what needs no answer

  void done(const Effect& effect, state::Payload payload = {}) {
    answer(effect.id, Outcome::Done, std::move(payload));
  }
  template <typename Object>
  void done_with(const Effect& effect, Object object) {
    object.meta.resource_version = ++version_;
    done(effect, state::Object(std::move(object)));
  }
  template <typename Object, typename Patch>
  static void apply(Object& object, const Patch& patch) {
    object.meta.labels.merge(patch.set_labels);
    object.meta.annotations.merge(patch.set_annotations);
    if (patch.finalizers) object.meta.finalizers = *patch.finalizers;
  }
  // A deleted object without finalizers is gone.
  template <typename Object>
  void end(const Effect& effect, state::Kind kind, Object object) {
    const bool is_gone = object.meta.is_deleting() && object.meta.finalizers.empty();
    const kube::ObjectMeta meta = object.meta;
    done_with(effect, std::move(object));
    if (is_gone) remove(kind, meta);
  }

  void carry_out(const Effect& effect, const state::CreateNodeClaim& create) {
    kube::NodeClaim made = create.claim;
    made.meta.uid = "uid-" + made.meta.name;
    made.meta.generation = 1;
    made.meta.creation_time = now;
    done_with(effect, std::move(made));
  }
  void carry_out(const Effect& effect, const state::PatchNodeClaim& patch) {
    kube::NodeClaim object = at_claim(patch.name).claim;
    apply(object, patch);
    end(effect, state::Kind::NodeClaim, std::move(object));
  }
  void carry_out(const Effect& effect, const state::UpdateNodeClaimStatus& update) {
    done_with(effect, update.claim);
  }
  void carry_out(const Effect& effect, const state::DeleteNodeClaim& deletion) {
    kube::NodeClaim object = at_claim(deletion.name).claim;
    if (!object.meta.is_deleting()) object.meta.deletion_time = now;
    end(effect, state::Kind::NodeClaim, std::move(object));
  }
  void carry_out(const Effect& effect, const state::PatchNode& patch) {
    kube::Node object = state.find_node(patch.name)->node;
    apply(object, patch);
    if (patch.taints) object.taints = *patch.taints;
    if (patch.owner_references) object.meta.owner_references = *patch.owner_references;
    end(effect, state::Kind::Node, std::move(object));
  }
  void carry_out(const Effect& effect, const state::DeleteNode& deletion) {
    kube::Node object = state.find_node(deletion.name)->node;
    if (!object.meta.is_deleting()) object.meta.deletion_time = now;
    end(effect, state::Kind::Node, std::move(object));
  }
  void carry_out(const Effect& effect, const state::EvictPod& eviction) {
    const kube::ObjectMeta meta = state.find_pod(eviction.uid)->pod.meta;
    done(effect);
    remove(state::Kind::Pod, meta);
  }
  void carry_out(const Effect& effect, const state::DeletePod& deletion) {
    const kube::ObjectMeta meta = state.find_pod(deletion.uid)->pod.meta;
    done(effect);
    remove(state::Kind::Pod, meta);
  }
  void carry_out(const Effect& effect, const state::PatchNodePool& patch) {
    kube::NodePool object = *state.find_node_pool(patch.name);
    object.meta.annotations.merge(patch.set_annotations);
    done_with(effect, std::move(object));
  }
  void carry_out(const Effect& effect, const state::UpdateNodePoolStatus& update) {
    done_with(effect, update.pool);
  }
  void carry_out(const Effect& effect, const state::PatchNodeClass& patch) {
    kube::HyperpodNodeClass object = *state.find_node_class(patch.name);
    object.meta.annotations.merge(patch.set_annotations);
    done_with(effect, std::move(object));
  }
  void carry_out(const Effect& effect, const state::UpdateNodeClassStatus& update) {
    done_with(effect, update.node_class);
  }
  void carry_out(const Effect& effect, const state::UpdateCapacityBufferStatus& update) {
    done_with(effect, update.buffer);
  }
  void carry_out(const Effect& effect, const state::UpdateNodeOverlayStatus& update) {
    done_with(effect, update.overlay);
  }
  void carry_out(const Effect& effect, const state::RecordEvent&) { done(effect); }
  void carry_out(const Effect& effect, const state::BatchDeleteClusterNodes& deletion) {
    hyperpod::DeleteResult result;
    for (const std::string& id : deletion.logical_ids) {
      const auto it = std::ranges::find(instances, id, &hyperpod::Node::logical_id);
      if (it == instances.end()) {
        result.failed.push_back({.id = id, .code = "NodeIdNotFound", .message = "not found"});
      } else {
        it->status = hyperpod::InstanceStatus::ShuttingDown;
        result.successful.push_back(id);
      }
    }
    done(effect, std::move(result));
  }

  std::uint64_t version_ = 100;
  state::EffectId effect_ = 0;
};

}  // namespace hyperwright::controllers::test
