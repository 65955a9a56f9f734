// The way out as JSON: id and reason, and the action under its own name.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "state/codec.h"
#include "state/codec_fields.h"
#include "state/codec_hyperpod.h"

namespace hyperwright::state {

namespace json = boost::json;

template <>
struct Fields<kube::OwnerReference> {
  static void walk(auto& io, auto& owner) {
    io("apiVersion", owner.api_version);
    io("kind", owner.kind);
    io("name", owner.name);
    io("uid", owner.uid);
    io("controller", owner.controller);
    io("blockOwnerDeletion", owner.block_owner_deletion);
  }
};

// --- Kubernetes ---

template <>
struct Fields<CreateNodeClaim> {
  static void walk(auto& io, auto& create) {
    io("claim", create.claim);
    io("pods", create.pods);
  }
};
template <>
struct Fields<PatchNodeClaim> {
  static void walk(auto& io, auto& patch) {
    io("name", patch.name);
    io("uid", patch.uid);
    io("version", patch.resource_version);
    io("labels", patch.set_labels);
    io("annotations", patch.set_annotations);
    io("finalizers", patch.finalizers);
  }
};
template <>
struct Fields<UpdateNodeClaimStatus> {
  static void walk(auto& io, auto& update) { io("claim", update.claim); }
};
template <>
struct Fields<DeleteNodeClaim> {
  static void walk(auto& io, auto& deletion) {
    io("name", deletion.name);
    io("uid", deletion.uid);
  }
};
template <>
struct Fields<PatchNode> {
  static void walk(auto& io, auto& patch) {
    io("name", patch.name);
    io("uid", patch.uid);
    io("version", patch.resource_version);
    io("labels", patch.set_labels);
    io("annotations", patch.set_annotations);
    io("taints", patch.taints);
    io("finalizers", patch.finalizers);
    io("ownerReferences", patch.owner_references);
  }
};
template <>
struct Fields<DeleteNode> {
  static void walk(auto& io, auto& deletion) {
    io("name", deletion.name);
    io("uid", deletion.uid);
  }
};
template <>
struct Fields<EvictPod> {
  static void walk(auto& io, auto& eviction) {
    io("namespace", eviction.key.namespace_);
    io("name", eviction.key.name);
    io("uid", eviction.uid);
  }
};
template <>
struct Fields<DeletePod> {
  static void walk(auto& io, auto& deletion) {
    io("namespace", deletion.key.namespace_);
    io("name", deletion.key.name);
    io("uid", deletion.uid);
    io("graceSeconds", deletion.grace_seconds);
  }
};
template <>
struct Fields<PatchNodePool> {
  static void walk(auto& io, auto& patch) {
    io("name", patch.name);
    io("annotations", patch.set_annotations);
  }
};
template <>
struct Fields<UpdateNodePoolStatus> {
  static void walk(auto& io, auto& update) { io("pool", update.pool); }
};
template <>
struct Fields<PatchNodeClass> {
  static void walk(auto& io, auto& patch) {
    io("name", patch.name);
    io("annotations", patch.set_annotations);
  }
};
template <>
struct Fields<UpdateNodeClassStatus> {
  static void walk(auto& io, auto& update) { io("nodeClass", update.node_class); }
};
template <>
struct Fields<UpdateNodeOverlayStatus> {
  static void walk(auto& io, auto& update) { io("overlay", update.overlay); }
};
template <>
struct Fields<UpdateCapacityBufferStatus> {
  static void walk(auto& io, auto& update) { io("buffer", update.buffer); }
};
template <>
struct Fields<RecordEvent> {
  static void walk(auto& io, auto& record) {
    io("kind", record.kind);
    io("namespace", record.key.namespace_);
    io("name", record.key.name);
    io("uid", record.uid);
    io("warning", record.is_warning);
    io("reason", record.reason);
    io("message", record.message);
    io("quiet", record.quiet);
  }
};

// --- HyperPod ---

template <>
struct Fields<BatchAddClusterNodes> {
  static void walk(auto& io, auto& call) {
    io("clientToken", call.client_token);
    io("specifications", call.specifications);
  }
};
template <>
struct Fields<BatchDeleteClusterNodes> {
  static void walk(auto& io, auto& call) { io("logicalIds", call.logical_ids); }
};
template <>
struct Fields<DescribeCluster> {
  static void walk(auto& /*io*/, auto& /*call*/) {}
};
template <>
struct Fields<DescribeSubnets> {
  static void walk(auto& io, auto& call) { io("ids", call.ids); }
};
template <>
struct Fields<ListClusterNodes> {
  static void walk(auto& io, auto& call) { io("next", call.next_token); }
};
template <>
struct Fields<DescribeClusterNode> {
  static void walk(auto& io, auto& call) { io("instanceId", call.instance_id); }
};
template <>
struct Fields<DescribeTrainingPlan> {
  static void walk(auto& io, auto& call) { io("plan", call.name); }
};
template <>
struct Fields<ListClusterEvents> {
  static void walk(auto& io, auto& call) {
    io("after", call.after);
    io("next", call.next_token);
  }
};
template <>
struct Fields<DescribeClusterEvent> {
  static void walk(auto& io, auto& call) { io("event", call.event_id); }
};

// --- the picture only ---

template <>
struct Fields<NominatePods> {
  static void walk(auto& io, auto& nomination) {
    io("node", nomination.node);
    io("claim", nomination.claim);
    io("pods", nomination.pods);
  }
};
template <>
struct Fields<KeepRoom::Room> {
  static void walk(auto& io, auto& room) {
    io("namespace", room.buffer.namespace_);
    io("name", room.buffer.name);
    io("there", room.is_there);
  }
};
template <>
struct Fields<KeepRoom> {
  static void walk(auto& io, auto& keep) {
    io("inputsVersion", keep.inputs_version);
    io("rooms", keep.rooms);
    io("claims", keep.claims);
  }
};
template <>
struct Fields<MarkUnschedulable> {
  static void walk(auto& io, auto& verdict) {
    io("pods", verdict.pods);
    io("inputs", verdict.inputs_version);
    io("verdict", verdict.verdict);
  }
};
template <>
struct Fields<MarkUnavailable> {
  static void walk(auto& io, auto& mark) {
    io("offering", mark.offering);
    io("until", mark.until);
  }
};
template <>
struct Fields<BackOff> {
  static void walk(auto& io, auto& back_off) {
    io("group", back_off.group);
    io("until", back_off.until);
    io("why", back_off.why);
  }
};

namespace {

template <std::size_t I = 0>
void read_action(FieldReader& reader, const std::string& name, Action& action) {
  if constexpr (I < std::variant_size_v<Action>) {
    auto& alternative = action.emplace<I>();
    if (name_of(action) != name) return read_action<I + 1>(reader, name, action);
    reader(name, alternative);
  } else {
    reader.wrong(name, "is no action that is known");
  }
}

}  // namespace

json::value encode(const Effect& effect) {
  json::object object;
  FieldWriter writer(object);
  writer("id", effect.id);
  writer("reason", effect.reason);
  std::visit([&](const auto& action) { writer(name_of(effect.action), action); }, effect.action);
  return object;
}

Result<Effect> decode_effect(const json::value& value) {
  DecodeProblem problem;
  FieldReader reader(value, {}, problem);
  Effect effect;
  reader("id", effect.id);
  reader("reason", effect.reason);
  const std::string name = reader.other_than({"id", "reason"});
  if (name.empty()) {
    problem.keep("it has no action");
  } else {
    read_action(reader, name, effect.action);
  }
  reader.finish();
  if (problem.is_there()) return problem.failure();
  return effect;
}

}  // namespace hyperwright::state
