// Promise 5: no two NodeClaims are bought for one need; what is in flight counts.
//
// Pods that are alike trade places, when the scheduler binds one where another was meant to go, or
// after a crash that lost a part of the plan. So claims are counted: of those that are coming and
// were made for pods that still wait, there are never more than pods that wait.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class OneClaimANeed : public Promise {
 public:
  OneClaimANeed() : Promise("one claim a need") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action);
    if (create == nullptr || world.claims().contains(create->claim.meta.name)) return;
    pods_of_[create->claim.meta.name] = create->pods;
    if (create->pods.empty()) return;
    std::set<std::string, std::less<>> waiting;
    for (const auto& pod : world.simulation().kubernetes().list("pods")) {
      if (sim::text_field(*pod, {"spec", "nodeName"}).empty()) waiting.emplace(sim::uid_of(*pod));
    }
    std::size_t coming = 0;
    for (const auto& [name, pods] : pods_of_) {
      const auto claim = world.claims().find(name);
      const bool is_coming =
          name == create->claim.meta.name ||
          (claim != world.claims().end() && !claim->second.object.meta.is_deleting() &&
           !claim->second.is(kube::node_claim_condition::kInitialized));
      const bool is_waited_for =
          std::ranges::any_of(pods, [&](const std::string& pod) { return waiting.contains(pod); });
      if (is_coming && is_waited_for) ++coming;
    }
    if (coming > waiting.size() && !waiting.empty()) {
      broken(fmt::format("NodeClaim {} is made for pod {}: {} claims are coming for {} pods",
                         create->claim.meta.name, create->pods.front(), coming, waiting.size()));
    }
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> pods_of_;  // by claim: UIDs
};

}  // namespace

std::unique_ptr<Promise> one_claim_a_need() { return std::make_unique<OneClaimANeed>(); }

}  // namespace hyperwright::swarm
