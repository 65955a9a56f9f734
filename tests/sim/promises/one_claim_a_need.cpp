// Promise 5: no two NodeClaims are bought for one need; what is in flight counts.
//
//   1. Of claims that are coming and were made for pods that still wait, there are never more than
//      pods that wait.
//   2. No pod that waits is what two coming claims were made for. This says nothing across a crash,
//      which loses a part of the plan, and of a claim whose node is there: the scheduler may have
//      put others on it, or it may be lost.
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

  void autoscaler_began() override { ++life_; }

  void claim_changed(const World&, const Claim*, const Claim* after) override {
    if (after != nullptr && !after->object.node_name.empty()) had_node_.insert(after->name());
  }

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action);
    if (create == nullptr || world.claims().contains(create->claim.meta.name)) return;
    made_for_[create->claim.meta.name] = {create->pods, life_};
    if (create->pods.empty()) return;
    Names waiting;  // UIDs
    for (const auto& pod : world.simulation().kubernetes().list("pods")) {
      if (sim::text_field(*pod, {"spec", "nodeName"}).empty()) waiting.emplace(sim::uid_of(*pod));
    }
    std::size_t coming = 0;
    for (const auto& [name, made] : made_for_) {
      const auto claim = world.claims().find(name);
      const bool is_coming =
          name == create->claim.meta.name ||
          (claim != world.claims().end() && !claim->second.object.meta.is_deleting() &&
           !claim->second.is(kube::node_claim_condition::kInitialized));
      const bool is_waited_for = std::ranges::any_of(
          made.pods, [&](const std::string& pod) { return waiting.contains(pod); });
      if (is_coming && is_waited_for) ++coming;
      if (is_coming && name != create->claim.meta.name && made.life == life_ &&
          !had_node_.contains(name))
        look_at_both(*create, name, made.pods, waiting);
    }
    if (coming > waiting.size() && !waiting.empty()) {
      broken(fmt::format("NodeClaim {} is made for pod {}: {} claims are coming for {} pods",
                         create->claim.meta.name, create->pods.front(), coming, waiting.size()));
    }
  }

 private:
  using Names = std::set<std::string, std::less<>>;
  struct Made {
    std::vector<std::string> pods;  // UIDs
    int life = 0;                   // of which autoscaler
  };

  void look_at_both(const state::CreateNodeClaim& create, const std::string& other,
                    const std::vector<std::string>& pods, const Names& waiting) {
    for (const std::string& pod : create.pods) {
      if (waiting.contains(pod) && std::ranges::find(pods, pod) != pods.end())
        broken(fmt::format("NodeClaims {} and {} are both made for pod {}", other,
                           create.claim.meta.name, pod));
    }
  }

  std::map<std::string, Made, std::less<>> made_for_;  // by claim
  Names had_node_;                                     // claims
  int life_ = 0;
};

}  // namespace

std::unique_ptr<Promise> one_claim_a_need() { return std::make_unique<OneClaimANeed>(); }

}  // namespace hyperwright::swarm
