// Promise 3, of instances: every instance that we asked for belongs to a claim, at every instant
// and across every crash; and at rest every claim has its node, and every Node its claim.
//
// A node belongs to the claim that has its logical id; before the id is stored, to a claim of the
// call that asked for it.
#include <algorithm>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class NoLeak : public Promise {
 public:
  NoLeak() : Promise("no leak") {}

  void instant_is_over(const World& world) override {
    for (const service::NodeRecord& node : world.cluster().nodes) {
      const std::string_view token = world.token_of(node.logical_id);
      if (!node.counts() || token.empty() || world.find_claim_of(node.logical_id) != nullptr)
        continue;
      const bool is_waited_for = std::ranges::any_of(world.claims(), [&](const auto& entry) {
        const Claim& claim = entry.second;
        return claim.launch && claim.launch->call.batch == token && claim.logical_id.empty();
      });
      if (!is_waited_for && !has_marked_node(world, node))
        broken(fmt::format("node {} of call {} belongs to no NodeClaim", node.logical_id, token));
    }
  }

  void at_rest(const World& world) override {
    for (const service::NodeRecord& node : world.cluster().nodes) {
      if (!world.token_of(node.logical_id).empty() &&
          world.find_claim_of(node.logical_id) == nullptr)
        broken(fmt::format("node {} is left, and no NodeClaim has it", node.logical_id));
    }
    for (const auto& [name, claim] : world.claims()) {
      const service::NodeRecord* node = service::find_node(world.cluster(), claim.logical_id);
      if (node == nullptr || !node->counts())
        broken(fmt::format("NodeClaim {} is left without a node in HyperPod", name));
    }
    for (const auto& [name, node] : world.nodes()) {
      const std::string_view uid = node.meta.annotations.get(kube::kNodeClaimUid);
      const bool has_claim = std::ranges::any_of(
          world.claims(), [&](const auto& entry) { return entry.second.uid() == uid; });
      if (!uid.empty() && !has_claim)
        broken(fmt::format("Node {} is left without NodeClaim", name));
    }
  }

 private:
  // A Node that carries our mark outlives its claim when somebody takes the claim's finalizer; it
  // is found by the mark, and its instance ended.
  static bool has_marked_node(const World& world, const service::NodeRecord& record) {
    return std::ranges::any_of(world.nodes(), [&](const auto& entry) {
      const kube::Node& node = entry.second;
      return node.meta.annotations.contains(kube::kNodeClaimUid) &&
             node.meta.has_finalizer(kube::kTerminationFinalizer) &&
             world.logical_id_of(node) == record.logical_id;
    });
  }
};

}  // namespace

std::unique_ptr<Promise> no_leak() { return std::make_unique<NoLeak>(); }

}  // namespace hyperwright::swarm
