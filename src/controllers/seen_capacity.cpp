// What Nodes of a group and type really offer is remembered on their HyperpodNodeClass, and plans
// rest on it from then on: else a type whose nodes show a little less than the catalogue promises
// would be bought again and again for a pod that just does not fit. See state/seen_capacity.h.
#include "state/seen_capacity.h"

#include "controllers/controllers.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

void remember(const state::ClusterState& state, const kube::HyperpodNodeClass& node_class,
              const state::SeenCapacity& seen, Decision& decision) {
  if (seen == state.seen_capacity(node_class.meta.name)) return;
  decision.emit(
      state::PatchNodeClass{.name = node_class.meta.name,
                            .set_annotations = {{std::string(kube::kSeenCapacity), seen.encode()}}},
      "seen_capacity");
}

}  // namespace

void seen_capacity(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  if (!state.is_synced()) return;
  if (key.of == state::Key::Of::NodeClass) {
    const kube::HyperpodNodeClass* node_class = state.find_node_class(key.name);
    if (node_class == nullptr || node_class->meta.is_deleting()) return;
    state::SeenCapacity seen = state.seen_capacity(key.name);
    for (const auto& [name, record] : state.nodes()) seen.note(*node_class, record.node);
    return remember(state, *node_class, seen, decision);
  }
  const state::NodeRecord* node = state.find_node(key.name);
  if (node == nullptr) return;
  for (const auto& [name, node_class] : state.node_classes()) {
    if (node_class.meta.is_deleting()) continue;
    const state::SeenCapacity& known = state.seen_capacity(name);
    if (known.covers(node_class, node->node)) continue;
    state::SeenCapacity seen = known;
    seen.note(node_class, node->node);
    remember(state, node_class, seen, decision);
  }
}

}  // namespace hyperwright::controllers
