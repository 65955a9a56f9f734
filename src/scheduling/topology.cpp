#include "scheduling/topology.h"

#include <algorithm>

#include "kube/well_known.h"
#include "scheduling/feasibility.h"

namespace hyperwright::scheduling {
namespace {

constexpr std::size_t kNoNode = SIZE_MAX;

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

TopologyTerm term_of(TopologyKind kind, bool is_preferred, const kube::PodAffinityTerm& written,
                     const state::PodClass& pod) {
  TopologyTerm term{.kind = kind, .key = std::string(kube::normalized_key(written.topology_key))};
  term.is_preferred = is_preferred;
  term.selector = written.selector;
  add_label_keys(term.selector, pod.labels, written.match_label_keys, kube::SelectorOperator::In);
  add_label_keys(term.selector, pod.labels, written.mismatch_label_keys,
                 kube::SelectorOperator::NotIn);
  term.namespaces = written.namespaces;
  if (written.namespaces.empty() && !written.namespace_selector) term.namespaces = {pod.namespace_};
  // Which Namespaces a selector means is not known: to keep away from all of them is safe. Pods
  // whose affinity needs to know it are not placed (pod_requirements.cpp).
  if (written.namespace_selector) {
    term.is_every_namespace =
        kind == TopologyKind::AntiAffinity || *written.namespace_selector == kube::LabelSelector{};
  }
  std::ranges::sort(term.namespaces);
  return term;
}

TopologyTerm term_of(const kube::TopologySpreadConstraint& written, const state::PodClass& pod) {
  TopologyTerm term{.kind = TopologyKind::Spread,
                    .key = std::string(kube::normalized_key(written.topology_key))};
  term.is_preferred = written.when_unsatisfiable == kube::WhenUnsatisfiable::ScheduleAnyway;
  term.selector = written.selector;
  add_label_keys(term.selector, pod.labels, written.match_label_keys, kube::SelectorOperator::In);
  term.namespaces = {pod.namespace_};
  term.max_skew = written.max_skew;
  term.min_domains = written.min_domains.value_or(0);
  if (written.node_affinity_policy == kube::NodeInclusionPolicy::Honor)
    term.node_alternatives = required_alternatives(pod.scheduling);
  if (written.node_taints_policy == kube::NodeInclusionPolicy::Honor)
    term.tolerations = pod.scheduling.tolerations;
  return term;
}

}  // namespace

bool TopologyTerm::counts(const state::PodClass& pod) const {
  if (!selector) return false;
  if (!is_every_namespace && !std::ranges::binary_search(namespaces, pod.namespace_)) return false;
  return selector->matches(pod.labels);
}

std::vector<TopologyTerm> terms_of(const state::PodClass& pod, const Level& level) {
  const kube::Scheduling& asked = pod.scheduling;
  std::vector<TopologyTerm> terms;
  terms.reserve(asked.required_pod_affinity.size() + asked.required_pod_anti_affinity.size() +
                asked.topology_spread.size());
  for (const auto& term : asked.required_pod_affinity)
    terms.push_back(term_of(TopologyKind::Affinity, false, term, pod));
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

void Topology::intern_placed() {
  std::vector<bool> is_seen(state_.pod_classes().size(), false);
  for (const auto& [key, record] : state_.pods()) {
    const bool is_placed = !record.pod.node_name.empty() || record.nomination.has_value();
    if (is_seen[record.pod_class] || !is_placed) continue;
    is_seen[record.pod_class] = true;
    const state::PodClass& pod = state_.pod_classes().get(record.pod_class);
    for (const auto& term : pod.scheduling.required_pod_anti_affinity)
      intern(term_of(TopologyKind::AntiAffinity, false, term, pod));
  }
}

const std::vector<GroupId>& Topology::counting(state::PodClassId pod_class) {
  if (counting_.size() <= pod_class) counting_.resize(state_.pod_classes().size());
  std::optional<std::vector<GroupId>>& known = counting_[pod_class];
  if (!known) {
    known.emplace();
    const state::PodClass& pod = state_.pod_classes().get(pod_class);
    for (GroupId id = 0; id < groups_.size(); ++id) {
      if (groups_[id].term.counts(pod)) known->push_back(id);
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
    const std::vector<ExistingNode>& list = nodes_.list();
    for (const ExistingNode& node : list) {
      if (const std::string* value = node.labels->find(keys_[id].name)) values.push_back(*value);
    }
    std::ranges::sort(values);
    const auto same = std::ranges::unique(values);
    values.erase(same.begin(), same.end());
    for (const std::string& value : values) intern_value(id, value);
    for (const ExistingNode& node : list) {
      const std::string* value = node.labels->find(keys_[id].name);
      keys_[id].of_node.push_back(value == nullptr ? kNoDomain : *keys_[id].ids.find(*value));
    }
  }
}

// The domains that the group's own nodes have, or could have: a pool without capacity for now, or
// at its limit, still counts.
void Topology::learn_universe(TopologyGroup& group,
                              std::span<const OfferingCatalogue* const> pools) {
  const TopologyTerm& term = group.term;
  group.nodes = Bitset::all(nodes_.list().size());
  if (!term.node_alternatives.empty()) group.nodes &= nodes_.matching(term.node_alternatives);
  if (term.tolerations) group.nodes &= nodes_.tolerated(*term.tolerations, false);
  if (term.kind != TopologyKind::Spread || group.key == kHostKey) return;
  const Key& key = keys_[group.key];
  for (const OfferingCatalogue* pool : pools) {
    const LabelFit fit =
        fit_labels(term.node_alternatives.empty() ? std::vector<kube::Requirements>{{}}
                                                  : term.node_alternatives,
                   term.tolerations ? &*term.tolerations : nullptr, false, *pool);
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

void Topology::count_pod(const state::PodRecord& pod, std::size_t node,
                         const kube::StringMap& labels) {
  const auto add = [&](TopologyGroup& group, std::vector<std::int32_t>& counts) {
    DomainId domain = kNoDomain;
    if (group.key == kHostKey) {
      if (node != kNoNode) domain = static_cast<DomainId>(node);
    } else if (const std::string* value = labels.find(keys_[group.key].name)) {
      domain = intern_value(group.key, *value);
    }
    if (domain == kNoDomain) return;
    if (counts.size() <= domain) counts.resize(domain + 1);
    ++counts[domain];
  };
  for (const GroupId id : counting(pod.pod_class)) {
    TopologyGroup& group = groups_[id];
    if (node != kNoNode && !group.nodes.contains(node)) continue;
    ++group.total;
    add(group, group.counted);
  }
  const state::PodClass& pod_class = state_.pod_classes().get(pod.pod_class);
  for (const auto& term : pod_class.scheduling.required_pod_anti_affinity) {
    TopologyGroup& group =
        groups_[ids_.at(term_of(TopologyKind::AntiAffinity, false, term, pod_class))];
    add(group, group.owners);
  }
}

void Topology::count(std::span<const state::PodRecord* const> batch,
                     std::span<const OfferingCatalogue* const> pools) {
  if (groups_.empty()) return;
  learn_domains(pools);
  for (TopologyGroup& group : groups_) learn_universe(group, pools);
  const auto count_all = [&](const std::vector<const state::PodRecord*>& pods, std::size_t node,
                             const kube::StringMap& labels) {
    for (const state::PodRecord* pod : pods) {
      if (kube::is_active(pod->pod) && !std::ranges::binary_search(batch, pod))
        count_pod(*pod, node, labels);
    }
  };
  std::vector<std::string_view> counted;
  for (std::size_t i = 0; i < nodes_.list().size(); ++i) {
    const ExistingNode& entry = nodes_.list()[i];
    std::string_view claim = entry.claim;
    std::string_view node = entry.node;
    if (node.empty()) {
      if (const state::ClaimRecord* record = state_.find_claim(claim)) node = record->node_name;
    } else if (const state::NodeRecord* record = state_.find_node(node)) {
      claim = record->claim;
    }
    count_all(state_.usage(node).pods, i, *entry.labels);
    count_all(state_.nominated_to_node(node), i, *entry.labels);
    if (!claim.empty()) count_all(state_.nominated_to_claim(claim), i, *entry.labels);
    if (!node.empty()) counted.push_back(node);
  }
  std::ranges::sort(counted);
  for (const auto& [name, record] : state_.nodes()) {
    if (!std::ranges::binary_search(counted, std::string_view(name)))
      count_all(state_.usage(name).pods, kNoNode, record.node.meta.labels);
  }
}

}  // namespace hyperwright::scheduling
