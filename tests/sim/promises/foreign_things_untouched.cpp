// Promise 6: nothing is touched that is not ours: instances that others asked for, their Nodes and
// the pods on them, and the NodePools and claims of another Karpenter.
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class ForeignThingsUntouched : public Promise {
 public:
  ForeignThingsUntouched() : Promise("foreign things untouched") {}

  void call_arrives(const World& world, const state::Effect& effect) override {
    if (const auto* removal = std::get_if<state::BatchDeleteClusterNodes>(&effect.action)) {
      for (const std::string& id : removal->logical_ids) {
        if (service::find_node(world.cluster(), id) != nullptr && world.token_of(id).empty())
          broken(fmt::format("node {}, which somebody else asked for, is deleted", id));
      }
      return;
    }
    if (std::holds_alternative<state::RecordEvent>(effect.action)) return;
    for (const state::Target& target : state::targets_of(effect.action)) {
      if (target.of == state::Target::Of::NodeClaim) look_at_claim(world, effect, target.name);
      if (target.of == state::Target::Of::NodePool) look_at_pool(world, effect, target.name);
      if (target.of == state::Target::Of::Node) look_at_node(world, effect, target.name);
    }
    if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action))
      look_at_pool(world, effect, create->claim.node_pool());
    if (const auto* eviction = std::get_if<state::EvictPod>(&effect.action))
      look_at_pod(world, effect, eviction->key);
    if (const auto* deletion = std::get_if<state::DeletePod>(&effect.action))
      look_at_pod(world, effect, deletion->key);
  }

 private:
  void look_at_pool(const World& world, const state::Effect& effect, std::string_view name) {
    if (world.foreign_pools().contains(name)) {
      broken(fmt::format("{} touches NodePool {} of another Karpenter",
                         state::name_of(effect.action), name));
    }
  }

  void look_at_claim(const World& world, const state::Effect& effect, const std::string& name) {
    if (world.foreign_claims().contains(name)) {
      broken(fmt::format("{} touches NodeClaim {} of another Karpenter",
                         state::name_of(effect.action), name));
    }
  }

  void look_at_node(const World& world, const state::Effect& effect, std::string_view name) {
    const auto node = world.nodes().find(name);
    if (node != world.nodes().end() && !world.is_ours(node->second)) {
      broken(fmt::format("{} touches Node {}, which is not ours", state::name_of(effect.action),
                         name));
    }
  }

  void look_at_pod(const World& world, const state::Effect& effect, const kube::ObjectKey& key) {
    const auto pod = world.simulation().kubernetes().find("pods", key.namespace_, key.name);
    if (pod != nullptr) look_at_node(world, effect, sim::text_field(*pod, {"spec", "nodeName"}));
  }
};

}  // namespace

std::unique_ptr<Promise> foreign_things_untouched() {
  return std::make_unique<ForeignThingsUntouched>();
}

}  // namespace hyperwright::swarm
