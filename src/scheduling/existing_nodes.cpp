#include "scheduling/existing_nodes.h"

#include <algorithm>
#include <utility>

namespace hyperwright::scheduling {
namespace {

// Karpenter's order: nodes that are ready for pods first.
auto rank(const ExistingNode& node) {
  return std::pair(!node.is_initialized, std::string_view(node.name));
}
bool is_before(const ExistingNode* a, const ExistingNode* b) { return rank(*a) < rank(*b); }

// Asked once per distinct value, not per node.
Bitset that_meet(const kube::Requirement& requirement, const NodeLabel& label) {
  std::vector<bool> is_allowed;
  is_allowed.reserve(label.values.size());
  for (const std::string& value : label.values) is_allowed.push_back(requirement.has(value));
  const bool allows_absence = requirement.allows_absence();
  Bitset nodes;
  for (std::size_t i = 0; i < label.of_node.size(); ++i) {
    const std::uint32_t value = label.of_node[i];
    if (value == NodeLabel::kNone ? allows_absence : is_allowed[value]) nodes.insert(i);
  }
  return nodes;
}

}  // namespace

void ExistingNodes::rebuild(const state::ClusterState& state, std::span<const Daemon> daemons) {
  update(state, begin_anew(state, daemons));
}

ExistingNodes::Changes ExistingNodes::begin_anew(const state::ClusterState& state,
                                                 std::span<const Daemon> daemons) {
  state_ = &state;
  daemons_ = daemons;
  entries_.clear();
  order_.clear();
  rooms_.clear();
  repelling_.clear();
  going_.clear();
  taint_lists_.clear();
  taint_ids_.clear();
  with_taints_.clear();
  keys_.clear();
  overlays_ = NodeOverlays(state);
  seen_.clear();
  for (const auto& [name, node_class] : state.node_classes())
    seen_.emplace(name, state::SeenCapacity::of(node_class));
  Changes everything;
  for (const auto& [name, record] : state.nodes()) everything.insert({false, name});
  for (const auto& [name, record] : state.claims()) everything.insert({true, name});
  return everything;
}

void ExistingNodes::update(const state::ClusterState& state, const Changes& changed) {
  std::set<Source> sources;
  std::set<std::string> nodes;
  const auto add_node = [&](const std::string& name) {
    sources.emplace(Of::Node, name);
    nodes.insert(name);
  };
  for (const auto& [is_claim, name] : changed) {
    if (is_claim) {
      sources.emplace(Of::Claim, name);
      const state::ClaimRecord* claim = state.find_claim(name);
      if (claim != nullptr && !claim->node_name.empty()) add_node(claim->node_name);
    } else {
      add_node(name);
      const state::NodeRecord* node = state.find_node(name);
      if (node != nullptr && !node->claim.empty()) sources.emplace(Of::Claim, node->claim);
    }
  }
  // There are few: whoever has them looks at all of them.
  for (const auto& [name, claim] : state.foreign_claims()) sources.emplace(Of::ForeignClaim, name);
  const auto foreign = entries_.lower_bound({Of::ForeignClaim, {}});
  for (auto it = foreign; it != entries_.end(); ++it) sources.insert(it->first);

  std::vector<ExistingNode*> added;
  bool has_removed = false;
  for (const Source& source : sources) {
    std::optional<ExistingNode> came = make(source);
    const auto known = entries_.find(source);
    if (known != entries_.end()) note_repelling(known->second.pods, -1);
    if (came) note_repelling(came->pods, 1);
    if (known == entries_.end()) {
      if (came) added.push_back(&entries_.emplace(source, std::move(*came)).first->second);
    } else if (came && rank(*came) == rank(known->second)) {
      replace(known->second, std::move(*came));
    } else {
      std::erase(order_, &known->second);
      has_removed = true;
      entries_.erase(known);
      if (came) added.push_back(&entries_.emplace(source, std::move(*came)).first->second);
    }
  }
  if (has_removed || !added.empty()) put_in_order(std::move(added));
  for (const std::string& node : nodes) note_going(node);
}

// The same node, as it is now.
void ExistingNodes::replace(ExistingNode& known, ExistingNode came) {
  came.index = known.index;
  if (came.taints != known.taints) {
    with_taints_[known.taints].erase(known.index);
    with_taints_.resize(taint_lists_.size());
    with_taints_[came.taints].insert(known.index);
  }
  std::erase_if(keys_, [&](const auto& entry) {
    const auto& [key, label] = entry;
    const std::string* value = came.labels->find(key);
    const std::uint32_t* id = value == nullptr ? nullptr : label.ids.find(*value);
    const std::uint32_t was = label.of_node[known.index];
    return value == nullptr ? was != NodeLabel::kNone : id == nullptr || *id != was;
  });
  rooms_[came.index] = room_of(came);
  known = std::move(came);
}

ExistingNodes::Room ExistingNodes::room_of(const ExistingNode& node) {
  return {node.free.get(kube::Resource::Cpu), node.free.get(kube::Resource::Memory)};
}

void ExistingNodes::note_repelling(const PodCounts& pods, std::int32_t nodes) {
  for (const auto& [id, count] : pods) {
    if (state_->pod_classes().get(id).scheduling.required_pod_anti_affinity.empty()) continue;
    const auto it = repelling_.try_emplace(id).first;
    it->second += nodes;
    if (it->second == 0) repelling_.erase(it);
  }
}

void ExistingNodes::put_in_order(std::vector<ExistingNode*> added) {
  std::ranges::sort(added, is_before);
  const auto middle = static_cast<std::ptrdiff_t>(order_.size());
  order_.insert(order_.end(), added.begin(), added.end());
  std::ranges::inplace_merge(order_, order_.begin() + middle, is_before);
  keys_.clear();
  with_taints_.assign(taint_lists_.size(), {});
  rooms_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    order_[i]->index = i;
    rooms_.push_back(room_of(*order_[i]));
    with_taints_[order_[i]->taints].insert(i);
  }
}

// Pods of a Node that takes no more still count for constraints between pods.
void ExistingNodes::note_going(const std::string& name) {
  const state::NodeRecord* node = state_->find_node(name);
  const state::ClaimRecord* claim = node == nullptr ? nullptr : state_->find_claim(node->claim);
  const bool has_entry =
      entries_.contains({Of::Node, name}) ||
      (claim != nullptr && claim->node_name == name && entries_.contains({Of::Claim, node->claim}));
  PodCounts pods;
  if (node != nullptr && !has_entry) pods = counts_of(state_->usage(name).pods);
  if (const auto it = going_.find(name); it != going_.end()) {
    note_repelling(it->second.pods, -1);
    going_.erase(it);
  }
  if (pods.empty()) return;
  note_repelling(pods, 1);
  going_[name] = {&node->node.meta.labels, &node->node.taints, std::move(pods)};
}

// --- a plan ---

void ExistingNodes::begin(const state::ClusterState& state,
                          std::span<const state::PodRecord* const> pods) {
  for (const state::PodRecord* pod : pods) {
    if (!pod->pod.node_name.empty()) held_.insert({false, pod->pod.node_name});
    if (!pod->nomination) continue;
    if (!pod->nomination->node.empty()) held_.insert({false, pod->nomination->node});
    if (!pod->nomination->claim.empty()) held_.insert({true, pod->nomination->claim});
  }
  if (!held_.empty()) {
    batch_.assign(pods.begin(), pods.end());
    std::ranges::sort(batch_);
    update(state, held_);
  }
  is_taken_.assign(order_.size(), false);
}

ExistingNode& ExistingNodes::change(std::size_t node) {
  ExistingNode& entry = *order_[node];
  if (!is_taken_[node]) {
    is_taken_[node] = true;
    taken_.push_back({node, entry.free, entry.ports});
  }
  return entry;
}

void ExistingNodes::reset() {
  for (Taken& taken : taken_) {
    is_taken_[taken.node] = false;
    order_[taken.node]->free = std::move(taken.free);
    order_[taken.node]->ports = std::move(taken.ports);
  }
  taken_.clear();
}

ExistingNodes::Changes ExistingNodes::end() {
  reset();
  batch_.clear();
  return std::exchange(held_, {});
}

// --- what pods ask ---

std::uint32_t ExistingNodes::intern_taints(const std::vector<kube::Taint>& taints) {
  const auto [it, is_new] =
      taint_ids_.try_emplace(taints, static_cast<std::uint32_t>(taint_lists_.size()));
  if (is_new) taint_lists_.push_back(taints);
  return it->second;
}

bool ExistingNodes::has_prefer_no_schedule() const {
  for (std::size_t i = 0; i < with_taints_.size(); ++i) {
    const bool prefers = std::ranges::any_of(taint_lists_[i], [](const kube::Taint& taint) {
      return taint.effect == kube::TaintEffect::PreferNoSchedule;
    });
    if (prefers && !with_taints_[i].empty()) return true;
  }
  return false;
}

const NodeLabel& ExistingNodes::label(std::string_view key) {
  const auto [it, is_new] = keys_.try_emplace(std::string(key));
  NodeLabel& label = it->second;
  if (!is_new) return label;
  label.of_node.reserve(order_.size());
  for (const ExistingNode* node : order_) {
    const std::string* value = node->labels->find(key);
    if (value == nullptr) {
      label.of_node.push_back(NodeLabel::kNone);
      continue;
    }
    const std::uint32_t* id = label.ids.find(*value);
    const auto next = static_cast<std::uint32_t>(label.values.size());
    label.of_node.push_back(id == nullptr ? next : *id);
    if (id != nullptr) continue;
    label.ids.set(*value, next);
    label.values.push_back(*value);
  }
  return label;
}

Bitset ExistingNodes::tolerated(const std::vector<kube::Toleration>& tolerations,
                                bool tolerates_prefer_no_schedule) const {
  Bitset found;
  for (std::size_t i = 0; i < with_taints_.size(); ++i) {
    if (first_untolerated(taint_lists_[i], tolerations, tolerates_prefer_no_schedule) == nullptr)
      found |= with_taints_[i];
  }
  return found;
}

Bitset ExistingNodes::matching(const std::vector<kube::Requirements>& alternatives) {
  Bitset allowed;
  for (const kube::Requirements& alternative : alternatives) {
    Bitset nodes = Bitset::all(order_.size());
    for (const kube::Requirement& requirement : alternative)
      nodes &= that_meet(requirement, label(requirement.key()));
    allowed |= nodes;
  }
  return allowed;
}

}  // namespace hyperwright::scheduling
