#include "sim/scheduler_topology.h"

#include <algorithm>

#include "kube/well_known.h"
#include "sim/scheduler_node_affinity.h"

namespace hyperwright::sim {
namespace {

// matchLabelKeys and mismatchLabelKeys narrow the selector by the pod's own values.
bool keys_agree(const std::vector<std::string>& keys, const PodClass& owner, const PodClass& other,
                bool must_be_equal) {
  return std::ranges::all_of(keys, [&](const std::string& key) {
    const std::string* own = owner.labels.find(key);
    if (own == nullptr) return true;
    const std::string* theirs = other.labels.find(key);
    const bool is_equal = theirs != nullptr && *theirs == *own;
    return is_equal == must_be_equal;
  });
}

bool is_in_namespaces(const kube::PodAffinityTerm& term, const PodClass& owner,
                      const PodClass& other, const NamespaceLabels& namespaces) {
  if (term.namespaces.empty() && !term.namespace_selector) return other.ns == owner.ns;
  if (std::ranges::find(term.namespaces, other.ns) != term.namespaces.end()) return true;
  if (!term.namespace_selector) return false;
  const auto labels = namespaces(other.ns);
  return labels && term.namespace_selector->matches(*labels);
}

bool selects_by_all(const std::vector<kube::PodAffinityTerm>& terms, const PodClass& owner,
                    const PodClass& other, const NamespaceLabels& namespaces) {
  return std::ranges::all_of(terms, [&](const kube::PodAffinityTerm& term) {
    return selects(term, owner, other, namespaces);
  });
}

bool selects_by_any(const std::vector<kube::PodAffinityTerm>& terms, const PodClass& owner,
                    const PodClass& other, const NamespaceLabels& namespaces) {
  return std::ranges::any_of(terms, [&](const kube::PodAffinityTerm& term) {
    return selects(term, owner, other, namespaces);
  });
}

const std::string* domain(const SchedulerNode& node, const std::string& key) {
  const std::string* label = node.node.meta.labels.find(key);
  // A node that was made without the label is a domain of its own all the same.
  return label == nullptr && key == kube::kHostname ? &node.name : label;
}

bool must_hold(const kube::TopologySpreadConstraint& constraint) {
  return constraint.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule;
}

std::int64_t count_at(const std::map<std::string, std::int64_t, std::less<>>& counts,
                      std::string_view at) {
  const auto it = counts.find(at);
  return it == counts.end() ? 0 : it->second;
}

}  // namespace

bool selects(const kube::PodAffinityTerm& term, const PodClass& owner, const PodClass& other,
             const NamespaceLabels& namespaces) {
  return term.selector && term.selector->matches(other.labels) &&
         keys_agree(term.match_label_keys, owner, other, true) &&
         keys_agree(term.mismatch_label_keys, owner, other, false) &&
         is_in_namespaces(term, owner, other, namespaces);
}

bool selects(const kube::TopologySpreadConstraint& constraint, const PodClass& owner,
             const PodClass& other) {
  return other.ns == owner.ns && constraint.selector &&
         constraint.selector->matches(other.labels) &&
         keys_agree(constraint.match_label_keys, owner, other, true);
}

bool is_related(const PodClass& pod, const PodClass& other, const NamespaceLabels& namespaces) {
  return selects_by_any(pod.scheduling.required_pod_affinity, pod, other, namespaces) ||
         selects_by_any(pod.scheduling.required_pod_anti_affinity, pod, other, namespaces) ||
         selects_by_any(other.scheduling.required_pod_anti_affinity, other, pod, namespaces) ||
         std::ranges::any_of(pod.scheduling.topology_spread,
                             [&](const kube::TopologySpreadConstraint& constraint) {
                               return must_hold(constraint) && selects(constraint, pod, other);
                             });
}

Topology::Topology(const PodClass& pod, const SchedulerNodes& nodes,
                   const std::vector<const PodClass*>& classes, NamespaceLabels namespaces)
    : pod_(pod), nodes_(nodes), namespaces_(std::move(namespaces)) {
  affinity_.resize(pod.scheduling.required_pod_affinity.size());
  anti_.resize(pod.scheduling.required_pod_anti_affinity.size());
  selects_itself_ = selects_by_all(pod.scheduling.required_pod_affinity, pod, pod, namespaces_);
  for (const kube::TopologySpreadConstraint& constraint : pod.scheduling.topology_spread) {
    if (!must_hold(constraint)) continue;
    Spread spread{.constraint = &constraint,
                  .counts = {},
                  .domains_by_count = {},
                  .smallest = 0,
                  .self = selects(constraint, pod, pod) ? 1 : 0};
    for (const auto& [name, id] : nodes.by_name()) {
      const SchedulerNode& node = nodes.at(id);
      if (is_eligible(constraint, node)) spread.add(*domain(node, constraint.topology_key), 0);
    }
    spreads_.push_back(std::move(spread));
  }
  for (const PodClass* other : classes) {
    if (other->placed.empty() || !is_related(pod, *other, namespaces_)) continue;
    for (const auto& [id, placed] : other->placed) {
      count(*other, nodes.at(id), placed.all, placed.all - placed.terminating);
    }
  }
  for (Spread& spread : spreads_) settle(spread);
}

bool Topology::add(const PodClass& placed, std::uint32_t node) {
  if (!is_related(pod_, placed, namespaces_)) return false;
  bool has_relaxed = count(placed, nodes_.at(node), 1, 1);
  for (Spread& spread : spreads_) has_relaxed = settle(spread) || has_relaxed;
  return has_relaxed;
}

bool Topology::count(const PodClass& other, const SchedulerNode& node, std::int64_t all,
                     std::int64_t living) {
  bool has_relaxed = false;
  const auto& affinity = pod_.scheduling.required_pod_affinity;
  if (!affinity.empty() && selects_by_all(affinity, pod_, other, namespaces_)) {
    for (std::size_t i = 0; i < affinity.size(); ++i) {
      const std::string* at = domain(node, affinity[i].topology_key);
      if (at == nullptr) continue;
      std::int64_t& there = affinity_[i][*at];
      has_relaxed = has_relaxed || there == 0;
      there += all;
      any_affine_ = true;
    }
  }
  const auto& anti = pod_.scheduling.required_pod_anti_affinity;
  for (std::size_t i = 0; i < anti.size(); ++i) {
    const std::string* at = domain(node, anti[i].topology_key);
    if (at != nullptr && selects(anti[i], pod_, other, namespaces_)) anti_[i][*at] += all;
  }
  for (const kube::PodAffinityTerm& term : other.scheduling.required_pod_anti_affinity) {
    const std::string* at = domain(node, term.topology_key);
    if (at != nullptr && selects(term, other, pod_, namespaces_))
      repelled_.emplace(term.topology_key, *at);
  }
  for (Spread& spread : spreads_) {
    if (!selects(*spread.constraint, pod_, other) || !is_eligible(*spread.constraint, node))
      continue;
    spread.add(*domain(node, spread.constraint->topology_key), living);
  }
  return has_relaxed;
}

bool Topology::is_eligible(const kube::TopologySpreadConstraint& constraint,
                           const SchedulerNode& node) const {
  // Every key must be there: a node that lacks one takes no pod of this class.
  for (const kube::TopologySpreadConstraint& other : pod_.scheduling.topology_spread) {
    if (must_hold(other) && domain(node, other.topology_key) == nullptr) return false;
  }
  if (constraint.node_affinity_policy == kube::NodeInclusionPolicy::Honor &&
      !matches_node_selection(pod_.scheduling, node.node)) {
    return false;
  }
  if (constraint.node_taints_policy == kube::NodeInclusionPolicy::Ignore) return true;
  return std::ranges::all_of(node.node.taints, [&](const kube::Taint& taint) {
    return taint.effect == kube::TaintEffect::PreferNoSchedule ||
           kube::is_tolerated(taint, pod_.scheduling.tolerations);
  });
}

void Topology::Spread::add(const std::string& domain, std::int64_t pods) {
  const auto [it, is_new] = counts.try_emplace(domain, 0);
  if (!is_new && --domains_by_count[it->second] == 0) domains_by_count.erase(it->second);
  it->second += pods;
  domains_by_count[it->second] += 1;
}

// True when the smallest domain has grown, so that fuller ones may take one more.
bool Topology::settle(Spread& spread) {
  const std::int64_t before = spread.smallest;
  const bool is_short = std::ssize(spread.counts) < spread.constraint->min_domains.value_or(1);
  spread.smallest = 0;
  if (!is_short && !spread.counts.empty()) spread.smallest = spread.domains_by_count.begin()->first;
  return spread.smallest > before;
}

std::optional<Topology::Refusal> Topology::refusal(const SchedulerNode& node,
                                                   bool& by_hostname) const {
  // Domains of a hostname hold one node: a refusal there says nothing of others. All else is looked
  // at first, so that what is refused for its zone is not mistaken for it.
  for (const bool hostname_only : {false, true}) {
    by_hostname = hostname_only;
    const auto counts_now = [&](const std::string& key) {
      return (key == kube::kHostname) == hostname_only;
    };
    for (const Spread& spread : spreads_) {
      const kube::TopologySpreadConstraint& constraint = *spread.constraint;
      if (!counts_now(constraint.topology_key)) continue;
      const std::string* at = domain(node, constraint.topology_key);
      if (at == nullptr) return Refusal::SpreadMissingLabel;
      if (count_at(spread.counts, *at) + spread.self - spread.smallest > constraint.max_skew)
        return Refusal::Spread;
    }
    const auto& affinity = pod_.scheduling.required_pod_affinity;
    for (std::size_t i = 0; i < affinity.size(); ++i) {
      if (!counts_now(affinity[i].topology_key)) continue;
      const std::string* at = domain(node, affinity[i].topology_key);
      if (at == nullptr) return Refusal::Affinity;
      const bool is_first = !any_affine_ && selects_itself_;
      if (count_at(affinity_[i], *at) == 0 && !is_first) return Refusal::Affinity;
    }
    const auto& anti = pod_.scheduling.required_pod_anti_affinity;
    for (std::size_t i = 0; i < anti.size(); ++i) {
      if (!counts_now(anti[i].topology_key)) continue;
      const std::string* at = domain(node, anti[i].topology_key);
      if (at != nullptr && count_at(anti_[i], *at) > 0) return Refusal::AntiAffinity;
    }
    // What repels: few keys, each looked up for this node.
    std::string_view key;
    for (auto it = repelled_.begin(); it != repelled_.end();
         it = repelled_.upper_bound({std::string(key), "\x7f"})) {
      key = it->first;
      if (!counts_now(it->first)) continue;
      const std::string* at = domain(node, it->first);
      if (at != nullptr && repelled_.contains({it->first, *at}))
        return Refusal::ExistingAntiAffinity;
    }
  }
  return std::nullopt;
}

std::string_view reason(Topology::Refusal refusal) {
  switch (refusal) {
    case Topology::Refusal::Affinity:
      return "node(s) didn't match pod affinity rules";
    case Topology::Refusal::AntiAffinity:
      return "node(s) didn't match pod anti-affinity rules";
    case Topology::Refusal::ExistingAntiAffinity:
      return "node(s) didn't satisfy existing pods anti-affinity rules";
    case Topology::Refusal::Spread:
      return "node(s) didn't match pod topology spread constraints";
    case Topology::Refusal::SpreadMissingLabel:
      return "node(s) didn't match pod topology spread constraints (missing required label)";
  }
  return {};
}

}  // namespace hyperwright::sim
