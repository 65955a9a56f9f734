#include "tests/controllers/picture.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace hyperwright::controllers::test {

std::vector<std::string> names(const Effects& effects) {
  std::vector<std::string> list;
  for (const Effect& effect : effects) list.emplace_back(state::name_of(effect.action));
  return list;
}

std::string reasons(const Effects& effects, std::string_view action) {
  std::string list;
  for (const Effect& effect : effects) {
    if (state::name_of(effect.action) == action) list += (list.empty() ? "" : " ") + effect.reason;
  }
  return list;
}

std::vector<std::string> told(const Effects& effects) {
  std::vector<std::string> list;
  for (const state::RecordEvent& event : all<state::RecordEvent>(effects)) {
    list.push_back((event.is_warning ? "Warning " : "Normal ") + event.reason + ": " +
                   event.message);
  }
  return list;
}

std::string text_of(const kube::Conditions& conditions, std::string_view type) {
  const kube::Condition* found = kube::find_condition(conditions, type);
  if (found == nullptr) return "absent";
  static constexpr std::array kWords = {"Unknown", "False", "True"};
  std::string text = kWords[static_cast<std::size_t>(found->status)];
  if (!found->reason.empty() && found->reason != type) text += " " + found->reason;
  if (!found->message.empty()) text += ": " + found->message;
  return text;
}

// The two APIs, as far as the controllers see them.
struct Apis {
  Picture& picture;

  template <typename Action>
  void carry_out(const Effect& /*effect*/, const Action& /*action*/) {
  }  // readings, launches, and what needs no answer

  void done(const Effect& effect, state::Payload payload = {}) {
    picture.answer(effect.id, Outcome::Done, std::move(payload));
  }
  template <typename Object>
  void done_with(const Effect& effect, Object object) {
    object.meta.resource_version = ++picture.version_;
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
    if (is_gone) picture.remove(kind, meta);
  }

  void carry_out(const Effect& effect, const state::CreateNodeClaim& create) {
    kube::NodeClaim made = create.claim;
    made.meta.uid = "uid-" + made.meta.name;
    made.meta.generation = 1;
    made.meta.creation_time = picture.now;
    done_with(effect, std::move(made));
  }
  void carry_out(const Effect& effect, const state::PatchNodeClaim& patch) {
    kube::NodeClaim object = picture.at_claim(patch.name).claim;
    apply(object, patch);
    end(effect, state::Kind::NodeClaim, std::move(object));
  }
  void carry_out(const Effect& effect, const state::UpdateNodeClaimStatus& update) {
    done_with(effect, update.claim);
  }
  void carry_out(const Effect& effect, const state::DeleteNodeClaim& deletion) {
    kube::NodeClaim object = picture.at_claim(deletion.name).claim;
    if (!object.meta.is_deleting()) object.meta.deletion_time = picture.now;
    end(effect, state::Kind::NodeClaim, std::move(object));
  }
  void carry_out(const Effect& effect, const state::PatchNode& patch) {
    kube::Node object = picture.state.find_node(patch.name)->node;
    apply(object, patch);
    if (patch.taints) object.taints = *patch.taints;
    if (patch.owner_references) object.meta.owner_references = *patch.owner_references;
    end(effect, state::Kind::Node, std::move(object));
  }
  void carry_out(const Effect& effect, const state::DeleteNode& deletion) {
    kube::Node object = picture.state.find_node(deletion.name)->node;
    if (!object.meta.is_deleting()) object.meta.deletion_time = picture.now;
    end(effect, state::Kind::Node, std::move(object));
  }
  void carry_out(const Effect& effect, const state::EvictPod& eviction) {
    const kube::ObjectMeta meta = picture.state.find_pod(eviction.uid)->pod.meta;
    done(effect);
    picture.remove(state::Kind::Pod, meta);
  }
  void carry_out(const Effect& effect, const state::DeletePod& deletion) {
    const kube::ObjectMeta meta = picture.state.find_pod(deletion.uid)->pod.meta;
    done(effect);
    picture.remove(state::Kind::Pod, meta);
  }
  void carry_out(const Effect& effect, const state::PatchNodePool& patch) {
    kube::NodePool object = *picture.state.find_node_pool(patch.name);
    object.meta.annotations.merge(patch.set_annotations);
    done_with(effect, std::move(object));
  }
  void carry_out(const Effect& effect, const state::UpdateNodePoolStatus& update) {
    done_with(effect, update.pool);
  }
  void carry_out(const Effect& effect, const state::PatchNodeClass& patch) {
    kube::HyperpodNodeClass object = *picture.state.find_node_class(patch.name);
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
      const auto it = std::ranges::find(picture.instances, id, &hyperpod::Node::logical_id);
      if (it == picture.instances.end()) {
        result.failed.push_back({.id = id, .code = "NodeIdNotFound", .message = "not found"});
      } else {
        it->status = hyperpod::InstanceStatus::ShuttingDown;
        result.successful.push_back(id);
      }
    }
    done(effect, std::move(result));
  }
};

Picture::Picture(state::Options options)
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

Picture::~Picture() = default;

template <typename Object>
Object Picture::put(Object object) {
  object.meta.resource_version = ++version_;
  fold(state::Changed{object});
  return object;
}
template kube::Pod Picture::put(kube::Pod object);
template kube::Node Picture::put(kube::Node object);
template kube::NodePool Picture::put(kube::NodePool object);
template kube::NodeClaim Picture::put(kube::NodeClaim object);
template kube::HyperpodNodeClass Picture::put(kube::HyperpodNodeClass object);
template kube::DaemonSet Picture::put(kube::DaemonSet object);
template kube::PodDisruptionBudget Picture::put(kube::PodDisruptionBudget object);
template kube::PersistentVolume Picture::put(kube::PersistentVolume object);
template kube::PersistentVolumeClaim Picture::put(kube::PersistentVolumeClaim object);
template kube::StorageClass Picture::put(kube::StorageClass object);
template kube::CsiNode Picture::put(kube::CsiNode object);
template kube::Namespace Picture::put(kube::Namespace object);
template kube::Service Picture::put(kube::Service object);
template kube::ReplicaSet Picture::put(kube::ReplicaSet object);
template kube::StatefulSet Picture::put(kube::StatefulSet object);
template kube::ReplicationController Picture::put(kube::ReplicationController object);
template kube::Deployment Picture::put(kube::Deployment object);
template kube::PodTemplate Picture::put(kube::PodTemplate object);
template kube::NodeOverlay Picture::put(kube::NodeOverlay object);
template kube::CapacityBuffer Picture::put(kube::CapacityBuffer object);

void Picture::remove(state::Kind kind, const kube::ObjectMeta& meta) {
  fold(state::Gone{.kind = kind,
                   .key = {meta.namespace_, meta.name},
                   .uid = meta.uid,
                   .resource_version = ++version_});
}

void Picture::wait(Duration duration) {
  now = now + duration;
  state.fold_time(now);
}

void Picture::list_instances() {
  const state::EffectId id = emit({.action = state::ListClusterNodes{}});
  now = now + Duration::milliseconds(1);
  answer(id, Outcome::Done, hyperpod::Page<hyperpod::Node>{instances, {}});
}

void Picture::read(state::Action call, state::Payload payload) {
  const state::EffectId id = emit({.action = std::move(call)});
  answer(id, Outcome::Done, std::move(payload));
}

state::EffectId Picture::emit(Effect effect) {
  effect.id = ++effect_;
  state.fold_emitted(effect, now);
  return effect.id;
}

void Picture::answer(state::EffectId id, Outcome outcome, state::Payload payload,
                     std::string message) {
  fold(state::Answered{.effect = id,
                       .outcome = outcome,
                       .message = std::move(message),
                       .payload = std::move(payload)});
}

Effects Picture::look(std::string_view controller, const Key& key) {
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

const state::ClaimRecord& Picture::at_claim(std::string_view name) const {
  const state::ClaimRecord* record = state.find_claim(name);
  EXPECT_NE(record, nullptr) << name;
  return *record;
}

std::string Picture::claim_text(std::string_view name, std::string_view type) const {
  return text_of(at_claim(name).claim.conditions, type);
}

kube::NodeClaim Picture::put_running(const std::string& name, const std::string& pool_name,
                                     Time since) {
  kube::NodeClaim made = with_id(claim(name, pool_name), "id-" + name);
  instances.push_back(instance("id-" + name, instance_id(name)));
  made.node_name = "node-" + name;
  made.provider_id = hyperpod::provider_id("usw2-az1", "abcdefghijkl", instance_id(name));
  const hyperpod::InstanceType* type = state.instance_types().find("ml.c5.xlarge");
  made.capacity = type->capacity();
  made.allocatable = type->allocatable();
  kube::ConditionWriter writer(made.conditions, claim_condition::kDependents, 1, kStart, since);
  for (const std::string_view condition : claim_condition::kDependents) writer.set_true(condition);
  made = put(made);
  list_instances();
  put(initialized(registered(ready(new_node("node-" + name, instance_id(name))), made)));
  return made;
}

std::string Picture::instance_id(const std::string& name) {
  std::uint32_t sum = 0;
  for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
  std::string id = "i-";
  for (int shift = 28; shift >= 0; shift -= 4) id += "0123456789abcdef"[sum >> shift & 15U];
  return id;
}

void Picture::accept(const Effects& effects) {
  for (const Effect& effect : effects) accept(effect);
}

void Picture::accept(const Effect& effect) {
  Apis apis{*this};
  std::visit([&](const auto& action) { apis.carry_out(effect, action); }, effect.action);
}

void Picture::create(kube::NodeClaim claim) {
  claim.meta.uid.clear();
  Effect effect{.action = state::CreateNodeClaim{claim, {}}};
  effect.id = emit(effect);
  accept(effect);
}

Effects Picture::settle() {
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

}  // namespace hyperwright::controllers::test
