// Disruption budgets: how many nodes of a NodePool may be disrupted now, and for which reason.
//
//   allowed = max(0, smallest limit of the budgets that apply - nodes already out of service)
//
// A budget applies when it names the reason and its window is open (window.h). Nodes out of
// service count against every reason, whoever took them out: two reasons together must not take
// more than one alone may.
//
// Source: Karpenter v1, Concepts > Disruption > NodePool Disruption Budgets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "disruption/window.h"
#include "kube/node_pool.h"

namespace hyperwright::disruption {

// Spelled as in the NodePool, so that YAML, event, metric and code say the same word.
enum class Reason : std::uint8_t { Underutilized, Empty, Drifted };
std::string_view to_string(Reason reason);

struct NodeLimit {
  std::int32_t value = 0;
  bool is_percent = false;  // of the pool's initialized nodes, rounded up
};

struct Budget {
  NodeLimit nodes;
  std::optional<std::vector<Reason>> reasons;  // absent: every reason; empty: none, as in Karpenter
  std::optional<Window> window;                // absent: always open
};

struct PoolNodes {
  std::int32_t initialized = 0;     // managed, initialized, instance not terminating
  std::int32_t out_of_service = 0;  // of those: not Ready, or marked for deletion
};

// Reads `nodes`: "5" or "10%". Fails with Invalid; the caller then allows the pool no disruption
// at all, because a typo must not open the gate.
Result<NodeLimit> parse_node_limit(std::string_view text);

// All budgets of a pool. The first that cannot be read fails them all, with its place in the list.
Result<std::vector<Budget>> read_budgets(const kube::Disruption& disruption);

// Nodes that may still be disrupted for `reason`, 0 or more; nullopt: no budget applies, no limit.
std::optional<std::int32_t> allowed_disruptions(std::span<const Budget> budgets, Reason reason,
                                                PoolNodes nodes, Time now);

// When a window opens or closes next; max: there is none.
Time next_window_change(std::span<const Budget> budgets, Time now);

}  // namespace hyperwright::disruption
