// NodeOverlays: other prices, and resources that the catalogue does not know, for what their
// requirements select.
//
//   price "4.20"          the price; priceAdjustment "+0.5", "-0.5": added to it; "+10%", "-10%":
//                         in parts of it; never below 0
//   capacity {a.b/c: 2}   nodes have that much of it; an amount of a name that is there is replaced
//
//   1. Requirements are met by the labels that a node will carry from the start; those of a
//   NodePool
//      (karpenter.sh/nodepool) and of an instance group count.
//   2. Overlays go by weight, heaviest first, then by name, the later name first. The first one
//   that
//      sets the price of an offering sets it alone; of each resource the first one sets the amount.
//   3. An overlay that sets the price, or a resource, of an offering for which an overlay of the
//   same
//      weight that goes before it sets the same, conflicts with it and is not applied at all.
//   4. One is in force once its status says that it is valid, so that all readers agree.
//
// Differs from Karpenter: capacity is given to the offerings that are selected, not to all of a
// type as soon as one is; a node would be bought for it that does not have it.
//
// Source: Karpenter v1, Concepts > NodeOverlays; pkg/controllers/nodeoverlay.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hyperpod/money.h"
#include "kube/node_overlay.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/string_map.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// What an overlay makes of a price.
struct PriceChange {
  enum class By : std::uint8_t { Replacing, Adding, Scaling };
  By by = By::Replacing;
  std::int64_t amount = 0;  // micro-dollars; millionths of a per cent where it scales; signed

  // Of spec.price, "4.20", and of spec.priceAdjustment, "+0.5" or "-10%". nullopt: it is none.
  static std::optional<PriceChange> parse_price(std::string_view text);
  static std::optional<PriceChange> parse_adjustment(std::string_view text);
  [[nodiscard]] hyperpod::MicroDollars of(hyperpod::MicroDollars usual) const;
  bool operator==(const PriceChange&) const = default;
};

// All that is wrong with an overlay by itself, one sentence a problem; empty: nothing.
std::vector<std::string> problems(const kube::NodeOverlay& overlay);

class NodeOverlays {
 public:
  NodeOverlays() = default;  // none
  // Those in force; none where the gate NodeOverlay is closed.
  explicit NodeOverlays(const state::ClusterState& state);

  [[nodiscard]] bool empty() const { return list_.empty(); }
  // `labels`: of the node. nullopt: no overlay sets its price.
  [[nodiscard]] std::optional<hyperpod::MicroDollars> price(const kube::StringMap& labels,
                                                            hyperpod::MicroDollars usual) const;
  // What overlays set of its capacity, and of what it has for pods.
  [[nodiscard]] kube::Resources capacity(const kube::StringMap& labels) const;

 private:
  struct Overlay {
    kube::Requirements requirements;
    std::optional<PriceChange> price;
    kube::Resources capacity;
  };
  std::vector<Overlay> list_;
};

// `resources` with the amounts of `overlay` in place of its own.
kube::Resources overlaid(kube::Resources resources, const kube::Resources& overlay);

// What a Node with these labels is expected to have, by its type, its instance group's labels and
// the overlays in force.
kube::Resources promised_capacity(const hyperpod::InstanceType& type, const kube::StringMap& labels,
                                  const NodeOverlays& overlays);
kube::Resources promised_allocatable(const hyperpod::InstanceType& type,
                                     const kube::StringMap& labels, const NodeOverlays& overlays);

// Heaviest first, then the later name first; those that are being deleted are left out.
std::vector<const kube::NodeOverlay*> overlays_in_order(const state::ClusterState& state);
bool is_met_by(const kube::Requirements& requirements, const kube::StringMap& labels);

// What all overlays together come to; see rule 3.
struct OverlayVerdict {
  const kube::NodeOverlay* overlay = nullptr;
  std::string
      reason;  // of the condition ValidationSucceeded: RuntimeValidation, Conflict; "": valid
  std::string message;
};
// In that order. Requires: the cluster is known.
std::vector<OverlayVerdict> judge_overlays(const state::ClusterState& state);

}  // namespace hyperwright::scheduling
