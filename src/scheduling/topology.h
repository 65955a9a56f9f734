// Constraints between pods: topology spread, pod affinity and pod anti-affinity.
//
// Pods whose constraints say the same share a group: what is counted (a selector in some
// namespaces), and over which domains (the values of a node label). The groups carry the counts,
// and everything the solver asks is answered from them:
//
//   spread          a domain may get a pod while count + 1 - min <= maxSkew
//   affinity        a domain may get a pod that has a counted one; or any domain, when nothing is
//                   counted anywhere and the pod counts itself (the first of its kind), and no
//                   others are to come that it could join. As long as that first one is alone,
//                   pods that it counts may come to its domain only: it is to stand beside others
//                   in the end, whoever is bound first
//   anti-affinity   a domain may get a pod that has no counted one; and, both ways, no pod that is
//                   counted may join one that carries the constraint
//
// kubernetes.io/hostname is a key of its own kind: its domains are the nodes, new ones come at
// will, and so its least count is zero (as in Karpenter). What holds on one new node is in
// host_rules.h.
//
// Source: Kubernetes, Pod Topology Spread Constraints and Inter-pod affinity and anti-affinity;
// Karpenter, pkg/controllers/provisioning/scheduling/topology.go.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bitset.h"
#include "base/lookup.h"
#include "kube/pod.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/pod_requirements.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

using GroupId = std::uint32_t;
using KeyId = std::uint32_t;     // of a label that groups count over, but the hostname
using DomainId = std::uint32_t;  // of a value of one key
inline constexpr DomainId kNoDomain = UINT32_MAX;
inline constexpr KeyId kHostKey = UINT32_MAX;

enum class TopologyKind : std::uint8_t { Spread, Affinity, AntiAffinity };

// Pods that a constraint looks at.
struct PodSelection {
  // Pods of these, sorted, and pods of those that the selector selects by their labels.
  std::vector<std::string> namespaces;
  std::optional<kube::LabelSelector> namespace_selector;
  std::optional<kube::LabelSelector> selector;  // with matchLabelKeys; absent: selects nothing
  auto operator<=>(const PodSelection&) const = default;

  // `state` knows the labels of Namespaces.
  [[nodiscard]] bool selects(const state::PodClass& pod, const state::ClusterState& state) const;
};

// What a group is: two constraints with equal terms count the same things.
struct TopologyTerm {
  TopologyKind kind = TopologyKind::Spread;
  std::string key;
  bool is_preferred = false;
  // Pods count that all of these select, sorted. Several: of a pod with several terms of required
  // affinity, which together say whom it is to be near to, each in its own domain.
  std::vector<PodSelection> selections;
  std::int32_t max_skew = 0;
  std::int32_t min_domains = 0;
  // Spread only, its nodes: one of these must allow a node (nodeAffinityPolicy Honor, and the keys
  // of the pod's other spreads, which its nodes must have; empty: all do), and its taints must be
  // tolerated (nodeTaintsPolicy Honor).
  std::vector<kube::Requirements> node_alternatives;
  std::optional<std::vector<kube::Toleration>> tolerations;
  auto operator<=>(const TopologyTerm&) const = default;

  [[nodiscard]] bool counts(const state::PodClass& pod, const state::ClusterState& state) const;
};

// The constraints that are kept at this level, and those that always are.
std::vector<TopologyTerm> terms_of(const state::PodClass& pod, const Level& level);

struct TopologyGroup {
  TopologyTerm term;
  KeyId key = kHostKey;
  // By domain; for the hostname, by existing node. Missing entries are zero.
  std::vector<std::int32_t> counted;
  std::vector<std::int32_t> owners;  // pods of this batch, and for required anti-affinity of any
  std::int64_t total = 0;            // counted anywhere
  bool has_owners_in_batch = false;
  bool expects_targets = false;  // of affinity: nobody goes first, others are to come
  std::int64_t own = 0;          // of affinity: pods of this batch that carry it and are counted
  // Of a spread: those that exist or that some pool could bring. One of a node that is going counts
  // as long as pods are there that do.
  Bitset domains;
  Bitset nodes;  // existing ones that its filter lets through
  // Of a spread with a filter, by pool: the candidates whose nodes it can let through. Where a pool
  // leaves a key open that the filter asks for, they may turn out either way.
  std::vector<Bitset> looked_at;
  bool is_open = false;
  // One pod that carries the affinity went first, and nothing else is counted anywhere.
  [[nodiscard]] bool is_lone() const { return own == 1 && total == 1; }
  [[nodiscard]] bool is_filtered() const {
    return !term.node_alternatives.empty() || term.tolerations.has_value();
  }
};

// To TopologyGroup::counted or ::owners, which grow as they must.
void add_at(std::vector<std::int32_t>& counts, std::size_t i, std::int64_t pods);

// Where a node or a planned one stands: a domain by key.
using Domains = std::vector<DomainId>;
// Whether spreads with a filter look at a planned node, where that is known; by group.
using Sides = std::vector<std::pair<GroupId, bool>>;

class Topology {
 public:
  Topology(const state::ClusterState& state, ExistingNodes& nodes);
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  GroupId intern(const TopologyTerm& term);
  // The groups that are carried by pods that have a place, or are promised one, and that count pods
  // of these classes: their anti-affinity keeps them away.
  void intern_placed(std::span<const state::PodClassId> batch);
  // Once all groups are known: what is there already.
  void count(std::span<const OfferingCatalogue* const> pools);

  [[nodiscard]] const TopologyGroup& group(GroupId id) const { return groups_[id]; }
  [[nodiscard]] TopologyGroup& group(GroupId id) { return groups_[id]; }
  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  [[nodiscard]] const std::vector<GroupId>& counting(state::PodClassId pod_class);

  [[nodiscard]] std::size_t keys() const { return keys_.size(); }
  [[nodiscard]] const std::string& key_name(KeyId key) const { return keys_[key].name; }
  [[nodiscard]] const std::string& value(KeyId key, DomainId domain) const {
    return keys_[key].values[domain];
  }
  [[nodiscard]] DomainId domain_of_node(KeyId key, std::size_t node) const {
    return keys_[key].of_node[node];
  }
  // The domains of a key that the pods of `pools` and the existing nodes know.
  [[nodiscard]] const std::vector<std::string>& values(KeyId key) const {
    return keys_[key].values;
  }
  DomainId intern_value(KeyId key, std::string_view value);

 private:
  struct Key {
    std::string name;
    TextLookup<DomainId> ids;
    std::vector<std::string> values;
    std::vector<DomainId> of_node;
  };
  KeyId intern_key(const std::string& name);
  const std::vector<GroupId>& carried_by(state::PodClassId pod_class);
  void count_pods(state::PodClassId pod_class, std::int32_t pods, std::size_t node);
  void count_pods(state::PodClassId pod_class, std::int32_t pods, const GoingNode& node);
  void learn_domains(std::span<const OfferingCatalogue* const> pools);
  void learn_universe(TopologyGroup& group, std::span<const OfferingCatalogue* const> pools);

  const state::ClusterState& state_;
  ExistingNodes& nodes_;
  std::map<TopologyTerm, GroupId> ids_;
  std::vector<TopologyGroup> groups_;
  std::vector<Key> keys_;
  std::vector<std::optional<std::vector<GroupId>>> counting_, carried_;  // by pod class
};

}  // namespace hyperwright::scheduling
