#include "sim/scheduler_verdict.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/scheduler_filters.h"

namespace hyperwright::sim {
namespace {

using Counts = std::map<std::string, std::int64_t>;

// "1 node(s) were unschedulable, 2 Insufficient cpu": sorted as text, as upstream does.
std::string joined(const Counts& counts) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : counts) parts.push_back(fmt::format("{} {}", count, reason));
  std::ranges::sort(parts);
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool is_resolvable(Topology::Refusal refusal) {
  return refusal != Topology::Refusal::Affinity && refusal != Topology::Refusal::SpreadMissingLabel;
}

}  // namespace

std::string verdict(const PodClass& pod, const std::optional<std::string>& pin,
                    const SchedulerNodes& nodes, const Topology* topology) {
  if (!pod.problem.empty()) return fmt::format("the pod cannot be read: {}", pod.problem);
  if (nodes.size() == 0) return "no nodes available to schedule pods";
  Counts counts;
  Counts preemption;
  const auto look_at = [&](const SchedulerNode& node) {
    bool resolvable = false;
    if (const auto found = misfit(pod, node)) {
      resolvable = found->is_resolvable;
      for (const std::string& text : reasons(*found, pod, node)) counts[text] += 1;
    } else if (topology != nullptr) {
      bool by_hostname = false;
      if (const auto refusal = topology->refusal(node, by_hostname)) {
        resolvable = is_resolvable(*refusal);
        counts[std::string(reason(*refusal))] += 1;
      }
    }
    preemption[resolvable ? "No preemption victims found for incoming pod"
                          : "Preemption is not helpful for scheduling"] += 1;
  };
  if (!pin) {
    for (const auto& [name, id] : nodes.by_name()) look_at(nodes.at(id));
  } else {
    const auto id = nodes.find(*pin);
    if (id) look_at(nodes.at(*id));
    const std::int64_t others = std::ssize(nodes.by_name()) - (id ? 1 : 0);
    if (others > 0) {
      counts["node(s) didn't satisfy plugin(s) [NodeAffinity]"] += others;
      preemption["Preemption is not helpful for scheduling"] += others;
    }
  }
  return fmt::format("0/{0} nodes are available: {1}. preemption: 0/{0} nodes are available: {2}.",
                     nodes.size(), joined(counts), joined(preemption));
}

}  // namespace hyperwright::sim
