#include "scheduling/topology.h"

#include <algorithm>

#include "kube/well_known.h"
#include "scheduling/feasibility.h"

namespace hyperwright::scheduling {
namespace {

void add_label_keys(std::optional<kube::LabelSelector>& selector, const kube::StringMap& labels,
                    const std::vector<std::string>& keys, kube::SelectorOperator op) {
  if (!selector) return;
  for (const std::string& key : keys) {
    if (const std::string* value = labels.find(key))
      selector->match_expressions.push_back({key, op, {*value}});
  }
  std::ranges::sort(selector->match_expressions);
  const auto same = std::ranges::unique(selector->match_expressions);
  selector->match_expressions.erase(same.begin(), same.end());
}

PodSelection selection_of(const kube::PodAffinityTerm& written, const state::PodClass& pod) {
  PodSelection selection{.namespaces = written.namespaces,
                         .namespace_selector = written.namespace_selector,
                         .selector = written.selector};
  add_label_keys(selection.selector, pod.labels, written.match_label_keys,
                 kube::SelectorOperator::In);
  add_label_keys(selection.selector, pod.labels, written.mismatch_label_keys,
                 kube::SelectorOperator::NotIn);
  if (written.namespaces.empty() && !written.namespace_selector)
    selection.namespaces = {pod.namespace_};
  std::ranges::sort(selection.namespaces);
  return selection;
}

TopologyTerm term_of(TopologyKind kind, bool is_preferred, const kube::PodAffinityTerm& written,
                     const state::PodClass& pod) {
  TopologyTerm term{.kind = kind, .key = std::string(kube::normalized_key(written.topology_key))};
  term.is_preferred = is_preferred;
  term.selections = {selection_of(written, pod)};
  return term;
}

// kube-scheduler looks for pods that all terms select.
std::vector<TopologyTerm> required_affinity_of(const state::PodClass& pod) {
  std::vector<PodSelection> selections;
  for (const auto& written : pod.scheduling.required_pod_affinity)
    selections.push_back(selection_of(written, pod));
  std::ranges::sort(selections);
  const auto same = std::ranges::unique(selections);
  selections.erase(same.begin(), same.end());
  std::vector<TopologyTerm> terms;
  for (const auto& written : pod.scheduling.required_pod_affinity) {
    terms.push_back(term_of(TopologyKind::Affinity, false, written, pod));
    terms.back().selections = selections;
  }
  return terms;
}

// kube-scheduler looks at nodes only that have the keys of all the pod's spreads. Each has a
// hostname, and its own key a node needs in any case.
std::vector<std::string_view> other_keys(const kube::TopologySpreadConstraint& written,
                                         const kube::Scheduling& pod) {
  std::vector<std::string_view> keys;
  const std::string_view own = kube::normalized_key(written.topology_key);
  for (const kube::TopologySpreadConstraint& other : pod.topology_spread) {
    const std::string_view key = kube::normalized_key(other.topology_key);
    if (other.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule && key != own &&
        key != kube::kHostname)
      keys.push_back(key);
  }
  return keys;
}

TopologyTerm term_of(const kube::TopologySpreadConstraint& written, const state::PodClass& pod) {
  TopologyTerm term{.kind = TopologyKind::Spread,
                    .key = std::string(kube::normalized_key(written.topology_key))};
  term.is_preferred = written.when_unsatisfiable == kube::WhenUnsatisfiable::ScheduleAnyway;
  PodSelection& selection = term.selections.emplace_back();
  selection.selector = written.selector;
  add_label_keys(selection.selector, pod.labels, written.match_label_keys,
                 kube::SelectorOperator::In);
  selection.namespaces = {pod.namespace_};
  term.max_skew = written.max_skew;
  term.min_domains = written.min_domains.value_or(0);
  if (written.node_affinity_policy == kube::NodeInclusionPolicy::Honor)
    term.node_alternatives = required_alternatives(pod.scheduling);
  if (!term.is_preferred) {
    for (const std::string_view key : other_keys(written, pod.scheduling)) {
      if (term.node_alternatives.empty()) term.node_alternatives.emplace_back();
      for (kube::Requirements& alternative : term.node_alternatives)
        alternative.add(kube::Requirement::exists(key));
    }
  }
  if (written.node_taints_policy == kube::NodeInclusionPolicy::Honor)
    term.tolerations = pod.scheduling.tolerations;
  return term;
}

// The filter of a spread lets the node through.
bool looks_at(const TopologyTerm& term, const GoingNode& node) {
  if (term.tolerations && first_untolerated(*node.taints, *term.tolerations, false) != nullptr)
    return false;
  return term.node_alternatives.empty() ||
         std::ranges::any_of(term.node_alternatives, [&](const kube::Requirements& alternative) {
           return std::ranges::all_of(alternative, [&](const kube::Requirement& requirement) {
             const std::string* value = node.labels->find(requirement.key());
             return value == nullptr ? requirement.allows_absence() : requirement.has(*value);
           });
         });
}

}  // namespace

void add_at(std::vector<std::int32_t>& counts, std::size_t i, std::int64_t pods) {
  if (counts.size() <= i) counts.resize(i + 1);
  counts[i] += static_cast<std::int32_t>(pods);
}

bool PodSelection::selects(const state::PodClass& pod, const state::ClusterState& state) const {
  if (!selector) return false;
  if (!std::ranges::binary_search(namespaces, pod.namespace_)) {
    if (!namespace_selector) return false;
    // A Namespace that is not in the picture yet has no labels, as kube-scheduler takes it.
    static const kube::StringMap kNone;
    const auto* found = state.find<kube::Namespace>("", pod.namespace_);
    if (!namespace_selector->matches(found == nullptr ? kNone : found->meta.labels)) return false;
  }
  return selector->matches(pod.labels);
}

bool TopologyTerm::counts(const state::PodClass& pod, const state::ClusterState& state) const {
  return std::ranges::all_of(selections,
                             [&](const PodSelection& each) { return each.selects(pod, state); });
}

std::vector<TopologyTerm> terms_of(const state::PodClass& pod, const Level& level) {
  const kube::Scheduling& asked = pod.scheduling;
  std::vector<TopologyTerm> terms = required_affinity_of(pod);
  for (const auto& term : asked.required_pod_anti_affinity)
    terms.push_back(term_of(TopologyKind::AntiAffinity, false, term, pod));
  for (const auto& term : level.preferred_pod_affinity)
    terms.push_back(term_of(TopologyKind::Affinity, true, term, pod));
  for (const auto& term : level.preferred_pod_anti_affinity)
    terms.push_back(term_of(TopologyKind::AntiAffinity, true, term, pod));
  for (const auto& spread : asked.topology_spread) {
    if (spread.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule)
      terms.push_back(term_of(spread, pod));
  }
  for (const auto& spread : level.preferred_spread) terms.push_back(term_of(spread, pod));
  return terms;
}

Topology::Topology(const state::ClusterState& state, ExistingNodes& nodes)
    : state_(state), nodes_(nodes) {}

KeyId Topology::intern_key(const std::string& name) {
  if (name == kube::kHostname) return kHostKey;
  const auto known = std::ranges::find(keys_, name, &Key::name);
  if (known != keys_.end()) return static_cast<KeyId>(known - keys_.begin());
  keys_.push_back({.name = name, .ids = {}, .values = {}, .of_node = {}});
  return static_cast<KeyId>(keys_.size() - 1);
}

DomainId Topology::intern_value(KeyId key, std::string_view value) {
  Key& known = keys_[key];
  if (const DomainId* id = known.ids.find(value)) return *id;
  const auto id = static_cast<DomainId>(known.values.size());
  known.ids.set(std::string(value), id);
  known.values.emplace_back(value);
  return id;
}

GroupId Topology::intern(const TopologyTerm& term) {
  const auto [it, is_new] = ids_.try_emplace(term, static_cast<GroupId>(groups_.size()));
  if (is_new) {
    groups_.emplace_back();
    groups_.back().term = term;
    groups_.back().key = intern_key(term.key);
  }
  return it->second;
}

void Topology::intern_placed(std::span<const state::PodClassId> batch) {
  const auto counts_some = [&](const TopologyTerm& term) {
    return std::ranges::any_of(batch, [&](state::PodClassId id) {
      return term.counts(state_.pod_classes().get(id), state_);
    });
  };
  for (const state::PodClassId id : nodes_.repelling()) {
    const state::PodClass& pod = state_.pod_classes().get(id);
    for (const auto& written : pod.scheduling.required_pod_anti_affinity) {
      const TopologyTerm term = term_of(TopologyKind::AntiAffinity, false, written, pod);
      if (counts_some(term)) intern(term);
    }
  }
}

const std::vector<GroupId>& Topology::counting(state::PodClassId pod_class) {
  if (counting_.size() <= pod_class) counting_.resize(state_.pod_classes().size());
  std::optional<std::vector<GroupId>>& known = counting_[pod_class];
  if (!known) {
    known.emplace();
    const state::PodClass& pod = state_.pod_classes().get(pod_class);
    for (GroupId id = 0; id < groups_.size(); ++id) {
      if (groups_[id].term.counts(pod, state_)) known->push_back(id);
    }
  }
  return *known;
}

void Topology::learn_domains(std::span<const OfferingCatalogue* const> pools) {
  for (KeyId id = 0; id < keys_.size(); ++id) {
    std::vector<std::string> values;
    for (const OfferingCatalogue* pool : pools) {
      for (const std::string& value : pool->labels.values(keys_[id].name, pool->everything()))
        values.push_back(value);
      for (const Template& made : pool->templates) {
        const kube::Requirement* open = made.open.find(keys_[id].name);
        if (open != nullptr && !open->is_complement())
          values.insert(values.end(), open->values().begin(), open->values().end());
      }
    }
    const NodeLabel& label = nodes_.label(keys_[id].name);
    values.insert(values.end(), label.values.begin(), label.values.end());
    std::ranges::sort(values);
    const auto same = std::ranges::unique(values);
    values.erase(same.begin(), same.end());
    for (const std::string& value : values) intern_value(id, value);
    std::vector<DomainId> domains;  // by value of the label
    for (const std::string& value : label.values) domains.push_back(*keys_[id].ids.find(value));
    for (const std::uint32_t value : label.of_node)
      keys_[id].of_node.push_back(value == NodeLabel::kNone ? kNoDomain : domains[value]);
  }
}

// The domains that the group's own nodes have, or could have: a pool without capacity for now, or
// at its limit, still counts.
void Topology::learn_universe(TopologyGroup& group,
                              std::span<const OfferingCatalogue* const> pools) {
  const TopologyTerm& term = group.term;
  group.nodes = Bitset::all(nodes_.size());
  if (!term.node_alternatives.empty()) group.nodes &= nodes_.matching(term.node_alternatives);
  if (term.tolerations) group.nodes &= nodes_.tolerated(*term.tolerations, false);
  if (term.kind != TopologyKind::Spread || group.key == kHostKey) return;
  const Key& key = keys_[group.key];
  for (const OfferingCatalogue* pool : pools) {
    const LabelFit fit =
        fit_labels(term.node_alternatives.empty() ? std::vector<kube::Requirements>{{}}
                                                  : term.node_alternatives,
                   term.tolerations ? &*term.tolerations : nullptr, false, *pool);
    if (group.is_filtered()) {
      group.looked_at.push_back(fit.matching);
      group.is_open |= std::ranges::any_of(
          fit.alternatives, [](const LabelFit::Alternative& each) { return !each.open.empty(); });
    }
    for (const std::string& value : pool->labels.values(key.name, fit.matching))
      group.domains.insert(*key.ids.find(value));
    for (std::size_t i = 0; i < pool->templates.size(); ++i) {
      const kube::Requirement* open = pool->templates[i].open.find(key.name);
      if (open == nullptr || !fit.matching.intersects(pool->of_template[i])) continue;
      for (const std::string& value : open->values()) {
        if (open->has(value)) group.domains.insert(*key.ids.find(value));
      }
    }
  }
  group.nodes.for_each([&](std::size_t node) {
    if (key.of_node[node] != kNoDomain) group.domains.insert(key.of_node[node]);
  });
}

void Topology::count_pods(state::PodClassId id, std::int32_t pods, std::size_t node) {
  const auto add = [&](const TopologyGroup& group, std::vector<std::int32_t>& counts) {
    const DomainId domain =
        group.key == kHostKey ? static_cast<DomainId>(node) : keys_[group.key].of_node[node];
    if (domain != kNoDomain) add_at(counts, domain, pods);
  };
  for (const GroupId group_id : counting(id)) {
    TopologyGroup& group = groups_[group_id];
    if (!group.nodes.contains(node)) continue;
    group.total += pods;
    add(group, group.counted);
  }
  for (const GroupId group : carried_by(id)) add(groups_[group], groups_[group].owners);
}

// kube-scheduler counts them, and their domain, until the Node is gone.
void Topology::count_pods(state::PodClassId id, std::int32_t pods, const GoingNode& node) {
  const auto domain_of = [&](const TopologyGroup& group) {
    if (group.key == kHostKey) return kNoDomain;
    const std::string* value = node.labels->find(keys_[group.key].name);
    return value == nullptr ? kNoDomain : intern_value(group.key, *value);
  };
  for (const GroupId group_id : counting(id)) {
    TopologyGroup& group = groups_[group_id];
    if (!looks_at(group.term, node)) continue;
    group.total += pods;
    const DomainId domain = domain_of(group);
    if (domain == kNoDomain) continue;
    add_at(group.counted, domain, pods);
    if (group.term.kind == TopologyKind::Spread) group.domains.insert(domain);
  }
  for (const GroupId group : carried_by(id)) {
    const DomainId domain = domain_of(groups_[group]);
    if (domain != kNoDomain) add_at(groups_[group].owners, domain, pods);
  }
}

// The groups of the required anti-affinity that pods of this class carry.
const std::vector<GroupId>& Topology::carried_by(state::PodClassId id) {
  if (carried_.size() <= id) carried_.resize(state_.pod_classes().size());
  std::optional<std::vector<GroupId>>& known = carried_[id];
  if (!known) {
    known.emplace();
    const state::PodClass& pod = state_.pod_classes().get(id);
    for (const auto& written : pod.scheduling.required_pod_anti_affinity) {
      const auto group = ids_.find(term_of(TopologyKind::AntiAffinity, false, written, pod));
      if (group != ids_.end()) known->push_back(group->second);
    }
  }
  return *known;
}

void Topology::count(std::span<const OfferingCatalogue* const> pools) {
  if (groups_.empty()) return;
  learn_domains(pools);
  for (TopologyGroup& group : groups_) learn_universe(group, pools);
  std::size_t n = 0;
  for (const ExistingNode& node : nodes_.list()) {
    for (const auto& [pod_class, pods] : node.pods) count_pods(pod_class, pods, n);
    ++n;
  }
  for (const GoingNode& node : nodes_.going()) {
    for (const auto& [pod_class, pods] : node.pods) count_pods(pod_class, pods, node);
  }
}

}  // namespace hyperwright::scheduling
