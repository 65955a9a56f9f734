// Nodes that pods may go to without buying: those that are there, and those on their way
// (NodeClaims without a Node, or whose Node has not registered yet), ours and other people's.
//
//   labels, taints  the claim's until the Node is registered, then the Node's. Until it is
//                   initialized its startup taints and those that go by themselves
//                   (kube::is_ephemeral_taint) do not count
//   free            allocatable - bound pods - pods that are nominated to it - DaemonSets still to
//                   come; until it is initialized, what the Node does not report yet is what its
//                   like was seen to offer, or its claim or type says
//   order           initialized nodes first, then by name: the solver fills them in this order
//
// Not here: nodes and claims that are being deleted or that carry the taint karpenter.sh/disrupted.
//
// Source: Karpenter, pkg/controllers/state/statenode.go and
// provisioning/scheduling/existingnode.go.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bitset.h"
#include "base/lookup.h"
#include "kube/pod.h"
#include "kube/resources.h"
#include "scheduling/daemon_overhead.h"
#include "scheduling/label_index.h"
#include "scheduling/pod_requirements.h"
#include "state/cluster_state.h"
#include "state/seen_capacity.h"

namespace hyperwright::scheduling {

struct ExistingNode {
  std::string_view
      node;  // where a pod is nominated to: a Node, if it is initialized; "" otherwise, then
  std::string_view claim;  // a claim
  const kube::StringMap* labels = nullptr;
  std::uint32_t taints = 0;  // which list of taints, see ExistingNodes::taint_lists
  bool is_initialized = false;
  kube::Resources free;
  std::vector<kube::HostPort> ports;  // in use
  // What it was bought as; "" for nodes that are not ours.
  std::string_view group;
  std::string_view type;
};

class ExistingNodes {
 public:
  // Pods of `leaving` are planned anew: what they hold by nomination is free.
  ExistingNodes(const state::ClusterState& state, std::span<const Daemon> daemons,
                std::span<const state::PodRecord* const> leaving);
  ExistingNodes(const ExistingNodes&) = delete;
  ExistingNodes& operator=(const ExistingNodes&) = delete;

  [[nodiscard]] std::vector<ExistingNode>& list() { return nodes_; }
  [[nodiscard]] const std::vector<ExistingNode>& list() const { return nodes_; }
  [[nodiscard]] bool has_prefer_no_schedule() const;
  // Nodes whose labels one alternative allows, and nodes whose taints are tolerated.
  Bitset matching(const std::vector<kube::Requirements>& alternatives);
  [[nodiscard]] Bitset tolerated(const std::vector<kube::Toleration>& tolerations,
                                 bool tolerates_prefer_no_schedule) const;

 private:
  void add_node(const state::NodeRecord& record);
  void add_claim(const state::ClaimRecord& record);
  void add_foreign_claim(const kube::NodeClaim& claim);
  void add(ExistingNode node, const std::vector<kube::Taint>& taints,
           std::span<const state::PodRecord* const> bound);
  void subtract_nominated(ExistingNode& node,
                          const std::vector<const state::PodRecord*>& pods) const;
  // What the claim's node will offer, by its status, the catalogue, and what its like showed.
  [[nodiscard]] kube::Resources expected_allocatable(const state::ClaimRecord& record) const;
  std::uint32_t intern_taints(const std::vector<kube::Taint>& taints);
  void index_key(std::string_view key);

  const state::ClusterState& state_;
  std::span<const Daemon> daemons_;
  std::vector<const state::PodRecord*> leaving_;  // sorted by address, for look-up only
  std::map<std::string, state::SeenCapacity, std::less<>> seen_;  // by NodeClass
  std::vector<ExistingNode> nodes_;
  std::deque<kube::StringMap> own_labels_;  // of claims without a Node
  std::vector<std::vector<kube::Taint>> taint_lists_;
  std::map<std::vector<kube::Taint>, std::uint32_t> taint_ids_;
  std::vector<Bitset> with_taints_;  // nodes, by list
  LabelIndex labels_;                // of the keys that were asked for
  TextLookup<bool> indexed_;
};

}  // namespace hyperwright::scheduling
