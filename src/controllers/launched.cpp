// Launched: Unknown, reason AwaitingCapacity, from the logical id until HyperPod names an instance;
// then True, with the provider id that the Node will have.
//
// Source: Karpenter v1, NodeClaim condition Launched; the logical id outlives the instance
// (HyperPod, node recovery), so that the condition may turn back to Unknown while an instance is
// replaced.
#include <fmt/format.h>

#include "controllers/back_off.h"
#include "controllers/lifecycle_step.h"
#include "kube/well_known.h"
#include "scheduling/node_overlay.h"

namespace hyperwright::controllers {
namespace {

constexpr std::string_view kType = kube::node_claim_condition::kLaunched;

void explain_wait_for_id(LifecycleStep& step) {
  if (!step.record.launch) {
    return step.conditions.set_unknown(
        kType, "LaunchFailed",
        fmt::format("this NodeClaim cannot be launched: {}; delete it, "
                    "pending pods get new ones",
                    step.record.launch_problem));
  }
  const std::string& group = step.record.launch->offering().group;
  if (backed_off_until(step.context, group) > step.context.now) {
    const state::BackOffRecord* own = step.context.state.back_off(group, step.context.now);
    const state::BackOffRecord* cluster = step.context.state.back_off("", step.context.now);
    return step.conditions.set_unknown(kType, "LaunchFailed",
                                       fmt::format("instance group {} takes no launches: {}", group,
                                                   (own == nullptr ? cluster : own)->why));
  }
  const state::LaunchAnswer* answer =
      step.context.state.launch_answer(step.record.launch->call.batch);
  const bool has_failed = answer != nullptr && answer->outcome != state::Outcome::Done;
  step.conditions.set_unknown(kType, "AwaitingLaunch",
                              fmt::format("HyperPod has not named a node for this claim yet{}{}",
                                          has_failed ? "; the last call failed: " : "",
                                          has_failed ? answer->message : std::string{}));
}

// HyperPod's list names neither zone nor zone id: the promised zone has it, or the Node, once it is
// there.
std::string provider_id_of(const LifecycleStep& step, const std::string& instance_id) {
  if (step.node != nullptr && !step.node->node.provider_id.empty())
    return step.node->node.provider_id;
  const state::HyperPodView& view = step.context.state.hyperpod();
  std::string zone_id = step.instance->node.zone_id;
  if (zone_id.empty()) zone_id = step.claim().meta.labels.get(kube::kZoneId);
  if (zone_id.empty() || !view.cluster()) return {};
  return hyperpod::provider_id(zone_id, hyperpod::cluster_id(view.cluster()->arn), instance_id);
}

}  // namespace

void update_launched(LifecycleStep& step) {
  if (step.record.logical_id.empty()) return explain_wait_for_id(step);
  if (step.instance == nullptr || step.instance->node.instance_id.empty()) {
    return step.conditions.set_unknown(
        kType, "AwaitingCapacity",
        fmt::format("HyperPod has not named an instance for node {} yet", step.record.logical_id));
  }
  const hyperpod::Node& instance = step.instance->node;
  step.next.provider_id = provider_id_of(step, instance.instance_id);
  const std::string_view promised = step.claim().meta.labels.get(kube::kInstanceType);
  const std::string_view type_name =
      instance.instance_type.empty() ? promised : std::string_view(instance.instance_type);
  if (const hyperpod::InstanceType* type = step.context.state.instance_types().find(type_name)) {
    const scheduling::NodeOverlays overlays(step.context.state);
    const kube::StringMap& labels = step.claim().meta.labels;
    step.next.capacity = scheduling::promised_capacity(*type, labels, overlays);
    step.next.allocatable = scheduling::promised_allocatable(*type, labels, overlays);
  }
  step.conditions.set_true(kType);
}

}  // namespace hyperwright::controllers
