// NodeOverlay status: is it valid by itself, and beside the others? An overlay is applied once its
// status says so (scheduling/node_overlay.h).
//
//   ValidationSucceeded  False RuntimeValidation: a field that cannot be; False Conflict: an
//   overlay
//                        of the same weight sets the same of the same offerings
//   Ready                the same
//
// Every change of one of them, of a NodePool or of a NodeClass has all of them judged anew.
//
// Source: Karpenter v1, controller nodeoverlay.
#include "scheduling/node_overlay.h"

#include "controllers/controllers.h"
#include "kube/condition.h"

namespace hyperwright::controllers {

namespace condition = kube::node_overlay_condition;

void node_overlay_status(const Context& context, const state::Key& /*key*/, Decision& decision) {
  if (!context.state.options().gates.node_overlay || !context.state.is_synced()) return;
  for (const scheduling::OverlayVerdict& verdict : scheduling::judge_overlays(context.state)) {
    kube::NodeOverlay next = *verdict.overlay;
    kube::ConditionWriter writer(next.conditions, condition::kDependents, next.meta.generation,
                                 next.meta.creation_time, context.now);
    if (verdict.reason.empty()) {
      writer.set_true(condition::kValidationSucceeded);
    } else {
      writer.set_false(condition::kValidationSucceeded, verdict.reason, verdict.message);
    }
    if (next != *verdict.overlay)
      decision.emit(state::UpdateNodeOverlayStatus{std::move(next)}, "status");
  }
}

}  // namespace hyperwright::controllers
