// CapacityBuffer status: for how many pods of which template room is kept, and whether it is there.
//
//   ReadyForProvisioning  True Resolved; False PodTemplateNotFound, ScalableRefNotFound,
//                         ResolutionFailed
//   Provisioning          True FitsExistingCapacity: all its virtual pods fit on nodes that are
//                         there or on their way; False RequiresNewCapacity,
//                         NotReadyForProvisioning, BufferEmpty. Before the first plan it stays as
//                         it is
//
// The room itself is planned by the provisioner, with the pods that wait.
//
// Source: Karpenter v1, controller capacitybuffer (feature gate CapacityBuffer).
#include <algorithm>
#include <iterator>

#include "controllers/controllers.h"
#include "state/capacity_buffers.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::capacity_buffer_condition;

// Another controller provides it, and has said so. To say otherwise would be a quarrel without end.
bool is_provided_by_another(const kube::CapacityBuffer& buffer) {
  return state::has_foreign_strategy(buffer) &&
         buffer.status_provisioning_strategy == buffer.provisioning_strategy;
}

// These conditions have no root that they feed.
void set(kube::CapacityBuffer& buffer, std::string_view type, bool is_true, std::string_view reason,
         std::string_view message, Time now) {
  auto it = std::ranges::find(buffer.conditions, type, &kube::Condition::type);
  if (it == buffer.conditions.end()) {
    buffer.conditions.push_back({.type = std::string(type), .last_transition_time = now});
    it = std::prev(buffer.conditions.end());
  }
  const auto status = is_true ? kube::ConditionStatus::True : kube::ConditionStatus::False;
  if (it->status != status) it->last_transition_time = now;
  it->status = status;
  it->reason = reason;
  it->message = message;
  it->observed_generation = buffer.meta.generation;
}

void set_provisioning(const state::ClusterState& state, const state::ResolvedBuffer& resolved,
                      kube::CapacityBuffer& buffer, Time now) {
  constexpr std::string_view kType = condition::kProvisioning;
  if (!resolved.is_resolved()) {
    return set(buffer, kType, false, "NotReadyForProvisioning", "ReadyForProvisioning says why",
               now);
  }
  if (resolved.count == 0)
    return set(buffer, kType, false, "BufferEmpty", "it keeps room for no pods", now);
  const auto& rooms = state.buffer_plan().rooms;
  const auto room = rooms.find({buffer.meta.namespace_, buffer.meta.name});
  if (room == rooms.end()) return;
  if (room->second) {
    set(buffer, kType, true, "FitsExistingCapacity", "all its pods fit on nodes that are there",
        now);
  } else {
    set(buffer, kType, false, "RequiresNewCapacity",
        "some of its pods need a node that is not there", now);
  }
}

}  // namespace

void capacity_buffer(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  if (!state.options().gates.capacity_buffer || !state.is_synced()) return;
  const std::size_t slash = key.name.find('/');
  if (slash == std::string::npos) return;
  const auto* buffer = state.find<kube::CapacityBuffer>(
      std::string_view(key.name).substr(0, slash), std::string_view(key.name).substr(slash + 1));
  if (buffer == nullptr || buffer->meta.is_deleting() || is_provided_by_another(*buffer)) return;
  const state::ResolvedBuffer resolved = state::resolve(*buffer, state);
  kube::CapacityBuffer next = *buffer;
  if (resolved.is_resolved()) {
    next.status_pod_template = buffer->pod_template;
    next.status_pod_template_generation.reset();
    if (buffer->pod_template) next.status_pod_template_generation = resolved.template_generation;
    next.status_replicas = resolved.count;
    next.status_provisioning_strategy = state::kActiveCapacity;
    set(next, condition::kReadyForProvisioning, true, "Resolved", resolved.message, context.now);
  } else {
    set(next, condition::kReadyForProvisioning, false, resolved.reason, resolved.message,
        context.now);
  }
  set_provisioning(state, resolved, next, context.now);
  if (next != *buffer) decision.emit(state::UpdateCapacityBufferStatus{std::move(next)}, "status");
}

}  // namespace hyperwright::controllers
