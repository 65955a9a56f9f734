// Why a pod has the place that it has: the rules are asked as if it were not there yet.
#include <algorithm>

#include "kube/well_known.h"
#include "scheduling/cells.h"
#include "scheduling/verdict.h"

namespace hyperwright::scheduling {
namespace {

bool has(const std::vector<std::string>& pods, const std::string& uid) {
  return std::ranges::find(pods, uid) != pods.end();
}

const NewNode* new_node_of(const kube::Pod& pod, const Plan& plan) {
  const auto it = std::ranges::find_if(
      plan.new_nodes, [&](const NewNode& node) { return has(node.pods, pod.meta.uid); });
  return it == plan.new_nodes.end() ? nullptr : &*it;
}

Placement placement_of(const kube::Pod& pod, const Plan& plan) {
  using Where = Placement::Where;
  if (!pod.node_name.empty()) return {.where = Where::Bound, .name = pod.node_name};
  for (const PlacedOnNode& placed : plan.placed) {
    if (!has(placed.pods, pod.meta.uid)) continue;
    if (!placed.node.empty()) return {.where = Where::Node, .name = placed.node};
    return {.where = Where::Claim, .name = placed.claim};
  }
  if (const NewNode* node = new_node_of(pod, plan)) {
    return {.where = Where::NewNode,
            .node_pool = node->node_pool,
            .offering = node->offering,
            .pods_beside = node->pods.size() - 1};
  }
  return {};
}

// What the node was bought as, at its price of today.
std::optional<hyperpod::Offering> offering_of(const ExistingNode& node, const Settled& settled) {
  const std::string_view zone = node.labels->get(kube::kZone);
  for (const OfferingCatalogue* pool : settled.pools) {
    for (const Candidate& candidate : pool->candidates) {
      const hyperpod::OfferingKey& key = candidate.offering.key;
      if (key.group != node.group || key.type != node.type) continue;
      if (key.zone.empty() || key.zone == zone) return candidate.offering;
    }
  }
  return std::nullopt;
}

// On an existing node: what the pod holds there is free again.
void leave_node(const Demand& demand, Placement& placement, Settled& settled) {
  for (std::size_t n = 0; n < settled.nodes.list().size(); ++n) {
    const ExistingNode& there = settled.nodes.list()[n];
    const std::string_view name = there.node.empty() ? there.claim : there.node;
    if (name != placement.name) continue;
    placement.node_pool = there.labels->get(kube::kNodePool);
    placement.offering = offering_of(there, settled);
    ExistingNode& node = settled.nodes.change(n);
    node.free += demand.pod->requests;
    for (const kube::HostPort& port : demand.pod->host_ports) {
      const auto taken = std::ranges::find(node.ports, port);
      if (taken != node.ports.end()) node.ports.erase(taken);
    }
    // Pods that were bound before are not counted: they are of the batch.
    if (placement.where != Placement::Where::Bound) {
      note_placed(demand, Domains(settled.topology.keys(), kNoDomain),
                  static_cast<std::uint32_t>(n), settled.topology, -1);
    }
    return;
  }
}

Domains domains_of(const kube::StringMap& labels, const Topology& topology) {
  Domains domains(topology.keys(), kNoDomain);
  for (KeyId key = 0; key < topology.keys(); ++key) {
    const std::string* value = labels.find(topology.key_name(key));
    const std::vector<std::string>& values = topology.values(key);
    const auto it = value == nullptr ? values.end() : std::ranges::find(values, *value);
    if (it != values.end()) domains[key] = static_cast<DomainId>(it - values.begin());
  }
  return domains;
}

// On a node that was to be bought: it is not, and the limit has room for it.
void leave_new_node(const Demand& demand, const NewNode& node, Settled& settled) {
  note_placed(demand, domains_of(*node.labels, settled.topology), kNoDomain, settled.topology, -1);
  for (std::size_t p = 0; p < settled.pools.size(); ++p) {
    const OfferingCatalogue& pool = *settled.pools[p];
    if (pool.pool->meta.name != node.node_pool) continue;
    const auto bought = std::ranges::find_if(pool.candidates, [&](const Candidate& candidate) {
      return candidate.offering.key == node.offering.key;
    });
    if (bought == pool.candidates.end()) continue;
    settled.limits[p].give_back(pool.shapes[bought->shape].capacity, 1);
    settled.reservations.give_back(settled.reservations.find(bought->offering.reservation), 1);
  }
}

}  // namespace

Explanation explanation_of(const state::PodRecord& pod, const Plan& plan, Settled& settled) {
  const auto asked = std::ranges::find_if(settled.demands, [&](const Demand& demand) {
    return std::ranges::find(demand.pods, &pod) != demand.pods.end();
  });
  check(asked != settled.demands.end(), "a pod that is explained is one of the batch");
  Placement placement = placement_of(pod.pod, plan);
  if (!asked->requirements.rejection.empty()) {
    Explanation made = explanation_of(*asked, settled);
    made.placement = std::move(placement);
    return made;
  }
  asked->level = level_of(*asked);
  if (placement.where == Placement::Where::NewNode) {
    leave_new_node(*asked, *new_node_of(pod.pod, plan), settled);
  } else if (placement.where != Placement::Where::Nowhere) {
    leave_node(*asked, placement, settled);
  }
  Explanation made = explanation_of(*asked, settled);
  made.nodes = tally_of_nodes(*asked, settled);
  made.placement = std::move(placement);
  return made;
}

}  // namespace hyperwright::scheduling
