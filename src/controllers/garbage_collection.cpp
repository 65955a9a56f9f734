// Garbage collection, both ways: claims whose instance is gone, and Nodes and instances whose claim
// is gone.
//
//   claim without instance  it was launched, and a complete list newer than that does not name it;
//                           a Node that is Ready protects it
//   Node without claim      it carries our mark and its claim is not there: it is deleted, drained,
//                           and its instance ended (termination.cpp)
//   instance without claim  somebody took the claim's finalizer: it is ended, once no Node of it
//                           is left to be drained
//   foreign instance        in a group that a NodeClass of ours uses, and of no claim: told, never
//                           touched
//
// Source: Karpenter v1, controller nodeclaim.garbagecollection. HyperPod's managed autoscaler
// scales foreign nodes of its groups down to zero; this one never does.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "controllers/controllers.h"
#include "controllers/record.h"
#include "controllers/withdrawal.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_claim_condition;

using Of = state::ClaimIndex::Of;

constexpr std::size_t kNamedMax = 5;

void collect_claim(const Context& context, const state::ClaimRecord& record, Decision& decision) {
  if (record.is_being_created || record.is_deleting() || record.logical_id.empty()) return;
  const state::HyperPodView& view = context.state.hyperpod();
  const kube::Condition* launched =
      kube::find_condition(record.claim.conditions, condition::kLaunched);
  // It was seen by a list once, or its condition would not be True.
  if (launched == nullptr || launched->status != kube::ConditionStatus::True) return;
  if (view.find_node(record.logical_id) != nullptr ||
      view.nodes_listed_at() <= launched->last_transition_time)
    return;
  const state::NodeRecord* node = context.state.find_node(record.node_name);
  if (node != nullptr && kube::is_ready(node->node)) return;
  decision.emit(deletion_of(record.claim), "garbage_collected");
}

void collect_node(const Context& context, const state::NodeRecord& record, Decision& decision) {
  const kube::Node& node = record.node;
  const std::string_view uid = node.meta.annotations.get(kube::kNodeClaimUid);
  if (uid.empty() || node.meta.is_deleting() ||
      !node.meta.has_finalizer(kube::kTerminationFinalizer))
    return;
  if (context.state.find_claim(record.claim) != nullptr) return;
  decision.emit(state::DeleteNode{node.meta.name, node.meta.uid}, "garbage_collected");
}

// A Node of this instance carries our mark.
bool has_our_node(const state::ClusterState& state, const std::string& instance_id) {
  return std::ranges::any_of(state.nodes_of_instance(instance_id),
                             [](const state::NodeRecord* node) {
                               return node->node.meta.annotations.contains(kube::kNodeClaimUid);
                             });
}

void collect_instances(const Context& context, Decision& decision) {
  std::vector<std::string> without_node;
  for (const std::string& id : context.state.orphaned_instances()) {
    const state::HyperPodView::NodeRecord* record = context.state.hyperpod().find_node(id);
    if (record == nullptr || !has_our_node(context.state, record->node.instance_id))
      without_node.push_back(id);
  }
  withdraw_orphans(context, without_node, decision);
}

using GroupNodes = std::map<std::string, std::vector<std::string>, std::less<>>;

// Instances, by group, that belong to nobody. A group with an open launch is left out: the answer
// may name them.
GroupNodes foreign_nodes(const state::ClusterState& state) {
  std::set<std::string, std::less<>> launching;
  for (const std::string& name : state.claim_index().of(Of::Open)) {
    const state::ClaimRecord& claim = *state.find_claim(name);
    if (claim.logical_id.empty() && claim.launch) launching.insert(claim.launch->offering().group);
  }
  GroupNodes foreign;
  for (const std::string& id : state.claim_index().unowned_instances()) {
    const state::HyperPodView::NodeRecord& record = *state.hyperpod().find_node(id);
    const bool is_ours = state.find_deletion(id) != nullptr ||
                         state.orphaned_instances().contains(id) ||
                         has_our_node(state, record.node.instance_id);
    if (is_ours || launching.contains(record.node.group) ||
        record.node.status == hyperpod::InstanceStatus::ShuttingDown)
      continue;
    foreign[record.node.group].push_back(record.node.instance_id.empty() ? id
                                                                         : record.node.instance_id);
  }
  return foreign;
}

void tell_foreign(const Context& context, Decision& decision) {
  const GroupNodes foreign = foreign_nodes(context.state);
  if (foreign.empty()) return;
  for (const auto& [name, node_class] : context.state.node_classes()) {
    for (const std::string& group : node_class.instance_groups) {
      const auto it = foreign.find(group);
      if (it == foreign.end()) continue;
      std::vector<std::string> names = it->second;
      std::ranges::sort(names);
      const std::size_t count = names.size();
      if (count > kNamedMax) names.resize(kNamedMax);
      decision.emit(
          warning(node_class, "ForeignNodes",
                  fmt::format(
                      "Instance group {} has {} node{} that no NodeClaim owns ({}{}); {} left "
                      "alone. Delete {} with "
                      "BatchDeleteClusterNodes if nobody needs {}, or use a group that starts at 0",
                      group, count, count == 1 ? "" : "s", fmt::join(names, ", "),
                      count > kNamedMax ? ", ..." : "", count == 1 ? "it is" : "they are",
                      count == 1 ? "it" : "them", count == 1 ? "it" : "them"),
                  Duration::hours(1)),
          "foreign_nodes");
    }
  }
}

}  // namespace

void garbage_collection(const Context& context, const state::Key& key, Decision& decision) {
  // Only a complete picture says that something is missing.
  if (!context.state.is_synced() || context.state.hyperpod().nodes_listed_at().is_zero()) return;
  if (key.of == state::Key::Of::NodeClaim) {
    const state::ClaimRecord* claim = context.state.find_claim(key.name);
    if (claim != nullptr) collect_claim(context, *claim, decision);
    return;
  }
  if (key.of == state::Key::Of::Node) {
    const state::NodeRecord* node = context.state.find_node(key.name);
    if (node != nullptr) collect_node(context, *node, decision);
    return;
  }
  const state::ClaimIndex& index = context.state.claim_index();
  for (const std::string& name : index.of(Of::Unlisted))
    collect_claim(context, *context.state.find_claim(name), decision);
  for (const std::string& name : index.orphan_nodes())
    collect_node(context, *context.state.find_node(name), decision);
  collect_instances(context, decision);
  tell_foreign(context, decision);
}

}  // namespace hyperwright::controllers
