// Promise 2, of pods: a PodDisruptionBudget is never bypassed except where terminationGracePeriod
// says so.
//
// The API model holds budgets for evictions. So a pod may be deleted only when its node goes by a
// deadline, and its own grace period would outlast it.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "kube/well_known.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class PodDisruptionBudgets : public Promise {
 public:
  PodDisruptionBudgets() : Promise("pod disruption budgets") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* deletion = std::get_if<state::DeletePod>(&effect.action);
    if (deletion == nullptr) return;
    const auto object =
        world.simulation().kubernetes().find("pods", deletion->key.namespace_, deletion->key.name);
    if (object == nullptr) return;
    const auto pod = kube::decode_pod(boost::json::value(*object));
    if (!pod || pod->meta.uid != deletion->uid) return;
    const auto deadline = deadline_of(world, pod->node_name);
    if (deadline && world.now() >= *deadline - Duration::seconds(pod->termination_grace_seconds))
      return;
    broken(fmt::format("pod {} is deleted and not evicted, and its node has {}", deletion->key.name,
                       deadline ? "time left" : "no deadline"));
  }

 private:
  static std::optional<Time> deadline_of(const World& world, std::string_view node) {
    const auto found = world.nodes().find(node);
    if (found == world.nodes().end()) return std::nullopt;
    const std::string_view uid = found->second.meta.annotations.get(kube::kNodeClaimUid);
    for (const auto& [name, claim] : world.claims()) {
      const auto& meta = claim.object.meta;
      if (meta.uid != uid || !meta.deletion_time || !claim.object.spec.termination_grace_period)
        continue;
      return *meta.deletion_time + *claim.object.spec.termination_grace_period;
    }
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<Promise> pod_disruption_budgets() {
  return std::make_unique<PodDisruptionBudgets>();
}

}  // namespace hyperwright::swarm
