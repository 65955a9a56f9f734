#include "tests/scheduling/plan_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::scheduling {

std::string text_of(const Plan& plan) {
  std::string text;
  const auto add = [&text](std::string where, const std::vector<std::string>& uids) {
    text += fmt::format("{}: {}\n", where, fmt::join(uids, " "));
  };
  for (const PlacedOnNode& placed : plan.placed) add(placed.node + placed.claim, placed.pods);
  for (const NewNode& node : plan.new_nodes) {
    const auto& key = node.offering.key;
    add(fmt::format("{} {} {} {}", node.node_pool, key.group, key.type, key.zone), node.pods);
  }
  std::vector<std::string> waiting;
  for (const Unplaced& unplaced : plan.unplaced)
    waiting.insert(waiting.end(), unplaced.pods.begin(), unplaced.pods.end());
  std::ranges::sort(waiting);
  add("waiting", waiting);
  return text;
}

}  // namespace hyperwright::scheduling
