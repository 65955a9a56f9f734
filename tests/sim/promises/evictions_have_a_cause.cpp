// Promise 4, as far as it applies so far: nobody is evicted from a node that stays. Nodes go
// because they are empty, or by expiry, failure or a user's deletion, none of which asks for a
// place first.
#include <fmt/format.h>

#include "kube/well_known.h"
#include "sim/kubernetes_fields.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class EvictionsHaveACause : public Promise {
 public:
  EvictionsHaveACause() : Promise("evictions have a cause") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* eviction = std::get_if<state::EvictPod>(&effect.action);
    if (eviction == nullptr) return;
    const auto pod =
        world.simulation().kubernetes().find("pods", eviction->key.namespace_, eviction->key.name);
    if (pod == nullptr || sim::uid_of(*pod) != eviction->uid) return;
    const auto node = world.nodes().find(sim::text_field(*pod, {"spec", "nodeName"}));
    if (node == world.nodes().end() || node->second.meta.is_deleting()) return;
    const std::string_view uid = node->second.meta.annotations.get(kube::kNodeClaimUid);
    for (const auto& [claim_name, claim] : world.claims()) {
      if (claim.uid() == uid && claim.object.meta.is_deleting()) return;
    }
    broken(fmt::format("pod {} is evicted from node {}, which stays", eviction->key.name,
                       node->first));
  }
};

}  // namespace

std::unique_ptr<Promise> evictions_have_a_cause() {
  return std::make_unique<EvictionsHaveACause>();
}

}  // namespace hyperwright::swarm
