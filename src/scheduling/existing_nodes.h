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
// Kept from one plan to the next: `follow` looks again only at what changed (state/change_log.h),
// and what a plan takes is given back by `end`.
//
// Source: Karpenter, pkg/controllers/state/statenode.go and
// provisioning/scheduling/existingnode.go.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bitset.h"
#include "base/lookup.h"
#include "kube/pod.h"
#include "kube/resources.h"
#include "scheduling/daemon_overhead.h"
#include "scheduling/node_overlay.h"
#include "scheduling/pod_requirements.h"
#include "state/change_log.h"
#include "state/cluster_state.h"
#include "state/seen_capacity.h"

namespace hyperwright::scheduling {

// Pods of a class, by number; sorted by class.
using PodCounts = std::vector<std::pair<state::PodClassId, std::int32_t>>;

struct ExistingNode {
  std::string name;  // for the order
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
  PodCounts pods;  // that stand on it or are promised to it, and are not planned anew
  std::unique_ptr<const kube::StringMap> own_labels;  // of a claim without a Node
  std::size_t index = 0;
};

// A Node whose pods count although nothing can be placed on it: it is going.
struct GoingNode {
  const kube::StringMap* labels = nullptr;
  const std::vector<kube::Taint>* taints = nullptr;
  PodCounts pods;
};

// The values of one label. `of_node`: by node, an index of `values`.
struct NodeLabel {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::string> values;
  std::vector<std::uint32_t> of_node;
  TextLookup<std::uint32_t> ids;  // of values
};

// The nodes in the order in which they are filled; an index is a node's id in one plan.
class NodeList {
 public:
  class Iterator {
   public:
    using value_type = ExistingNode;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(ExistingNode* const* at) : at_(at) {}
    const ExistingNode& operator*() const { return **at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    ExistingNode* const* at_ = nullptr;
  };
  explicit NodeList(std::span<ExistingNode* const> nodes) : nodes_(nodes) {}
  const ExistingNode& operator[](std::size_t i) const { return *nodes_[i]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] Iterator begin() const { return Iterator(nodes_.data()); }
  [[nodiscard]] Iterator end() const { return Iterator(nodes_.data() + nodes_.size()); }

 private:
  std::span<ExistingNode* const> nodes_;
};

class ExistingNodes {
 public:
  using Changes = std::set<state::ChangeLog::Entry>;

  ExistingNodes() = default;
  ExistingNodes(const ExistingNodes&) = delete;
  ExistingNodes& operator=(const ExistingNodes&) = delete;

  // Everything anew. `daemons` must outlive this.
  void rebuild(const state::ClusterState& state, std::span<const Daemon> daemons);
  // The same in parts: nothing at first; `update` is to be told of all that this returns.
  Changes begin_anew(const state::ClusterState& state, std::span<const Daemon> daemons);
  // These Nodes and claims changed, and with each of the two what belongs to it.
  void update(const state::ClusterState& state, const Changes& changed);

  // A plan begins for these pods: what they hold by nomination is free, and they count nowhere.
  void begin(const state::ClusterState& state, std::span<const state::PodRecord* const> pods);
  // What the plan took is free again; it may be tried once more.
  void reset();
  // The plan is made. `update` must be told of the changes that this returns.
  Changes end();

  [[nodiscard]] NodeList list() const { return NodeList(order_); }
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  // For what a plan takes of it; until `reset`.
  ExistingNode& change(std::size_t node);
  // False: it had no room for that when the plan began. Thousands of full nodes are passed by
  // without a look at any of them.
  [[nodiscard]] bool may_fit(std::size_t node, const kube::Resources& requests) const {
    const Room& room = rooms_[node];
    return requests.get(kube::Resource::Cpu) <= room.cpu_millis &&
           requests.get(kube::Resource::Memory) <= room.memory_bytes;
  }
  // Classes of pods with required anti-affinity that stand on some node, or are promised to it.
  [[nodiscard]] auto repelling() const { return repelling_ | std::views::keys; }
  [[nodiscard]] auto going() const { return going_ | std::views::values; }

  [[nodiscard]] bool has_prefer_no_schedule() const;
  [[nodiscard]] const std::vector<kube::Taint>& taints_of(const ExistingNode& node) const {
    return taint_lists_[node.taints];
  }
  [[nodiscard]] const NodeLabel& label(std::string_view key);
  // Nodes whose labels one alternative allows, and nodes whose taints are tolerated.
  Bitset matching(const std::vector<kube::Requirements>& alternatives);
  [[nodiscard]] Bitset tolerated(const std::vector<kube::Toleration>& tolerations,
                                 bool tolerates_prefer_no_schedule) const;

 private:
  enum class Of : std::uint8_t { Node, Claim, ForeignClaim };
  using Source = std::pair<Of, std::string>;

  std::optional<ExistingNode> make(const Source& source);
  std::optional<ExistingNode> of_node(const state::NodeRecord& record);
  std::optional<ExistingNode> of_claim(const state::ClaimRecord& record);
  std::optional<ExistingNode> of_foreign_claim(const kube::NodeClaim& claim);
  void finish(ExistingNode& node, const std::vector<kube::Taint>& taints,
              std::span<const state::PodRecord* const> bound);
  void promise(ExistingNode& node, const std::vector<const state::PodRecord*>& pods) const;
  [[nodiscard]] PodCounts counts_of(std::span<const state::PodRecord* const> pods) const;
  // What the claim's node will offer, by its status, the catalogue, and what its like showed.
  [[nodiscard]] kube::Resources expected_allocatable(const state::ClaimRecord& record) const;
  void note_going(const std::string& node);
  // The pods of one node more, or of one less.
  void note_repelling(const PodCounts& pods, std::int32_t nodes);
  void put_in_order(std::vector<ExistingNode*> added);
  void replace(ExistingNode& known, ExistingNode came);
  std::uint32_t intern_taints(const std::vector<kube::Taint>& taints);

  const state::ClusterState* state_ = nullptr;
  std::span<const Daemon> daemons_;
  std::vector<const state::PodRecord*> batch_;  // sorted by address, for look-up only
  Changes held_;                                // where pods of the batch hold a place
  std::map<std::string, state::SeenCapacity, std::less<>> seen_;  // by NodeClass
  NodeOverlays overlays_;
  std::map<Source, ExistingNode> entries_;
  std::vector<ExistingNode*> order_;
  struct Room {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
  };
  static Room room_of(const ExistingNode& node);
  std::vector<Room> rooms_;                              // by index, side by side
  std::map<state::PodClassId, std::int32_t> repelling_;  // how many nodes have such pods
  std::map<std::string, GoingNode, std::less<>> going_;  // by name of the Node
  struct Taken {
    std::size_t node = 0;
    kube::Resources free;
    std::vector<kube::HostPort> ports;
  };
  std::vector<Taken> taken_;
  std::vector<bool> is_taken_;
  std::vector<std::vector<kube::Taint>> taint_lists_;
  std::map<std::vector<kube::Taint>, std::uint32_t> taint_ids_;
  std::vector<Bitset> with_taints_;                     // nodes, by list
  std::map<std::string, NodeLabel, std::less<>> keys_;  // that were asked for
};

}  // namespace hyperwright::scheduling
