#include "tests/scheduling/checker_bought.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace hyperwright::checker {
namespace {

void look_at_limits(const Placement& placement, std::vector<std::string>& problems) {
  for (const kube::NodePool& pool : placement.pools) {
    if (!pool.limits) continue;
    kube::Resources used;
    std::int64_t count = 0;
    bool buys = false;
    for (const Node& node : placement.nodes) {
      if (node.node_pool != pool.meta.name) continue;
      used += node.capacity;
      ++count;
      buys = buys || node.is_new;
    }
    used.set(kube::Resource::Nodes, count);
    for (const auto& [name, limit] : pool.limits->amounts) {
      if (buys && used.get(name) > limit) {
        problems.push_back(fmt::format("NodePool {} has {} of {}, and a limit of {}",
                                       pool.meta.name, used.get(name), name, limit));
      }
    }
  }
}

void look_at_reservations(const Placement& placement, std::vector<std::string>& problems) {
  for (const auto& [name, instances] : placement.reservations) {
    std::int64_t count = 0;
    bool takes = false;
    for (const Node& node : placement.nodes) {
      if (node.reservation != name) continue;
      ++count;
      takes = takes || node.is_new;
    }
    if (takes && count > instances) {
      problems.push_back(
          fmt::format("{} nodes draw on reservation {}, which has {}", count, name, instances));
    }
  }
}

// A node of this kind could be bought in the place of that one, for the same pods.
bool could_stand_for(const Placement& placement, const Node& kind, const Node& bought) {
  if (!kind.is_for_sale || kind.node_pool != bought.node_pool) return false;
  kube::Resources sum;
  for (const PlacedPod& placed : placement.pods) {
    if (placed.node != bought.name) continue;
    const kube::Scheduling& wants = placed.pod.scheduling;
    if (!may_run(wants, kind) || share_a_port(wants.host_ports, kind.taken_ports) ||
        !volume_problems(placement.storage, placed.pod, kind.labels).empty())
      return false;
    sum += wants.requests;
  }
  return !sum.first_misfit(kind.room);
}

void look_at_min_values(const Placement& placement, const kube::NodePool& pool, const Node& bought,
                        std::vector<std::string>& problems) {
  for (const kube::NodeRequirement& asked : pool.template_spec.requirements) {
    if (!asked.min_values) continue;
    std::set<std::string> values;
    for (const Node& kind : placement.fresh) {
      const std::string* value = kind.labels.find(asked.key);
      if (value != nullptr && could_stand_for(placement, kind, bought)) values.insert(*value);
    }
    if (std::ssize(values) < *asked.min_values) {
      problems.push_back(fmt::format("{} leaves {} values of {}, and NodePool {} asks for {}",
                                     bought.name, values.size(), asked.key, pool.meta.name,
                                     *asked.min_values));
    }
  }
}

}  // namespace

std::vector<std::string> bought_problems(const Placement& placement) {
  std::vector<std::string> problems;
  look_at_limits(placement, problems);
  look_at_reservations(placement, problems);
  for (const Node& node : placement.nodes) {
    if (!node.is_new || !placement.is_min_values_strict) continue;
    const auto pool = std::ranges::find(
        placement.pools, node.node_pool,
        [](const kube::NodePool& each) -> const std::string& { return each.meta.name; });
    if (pool != placement.pools.end()) look_at_min_values(placement, *pool, node, problems);
  }
  return problems;
}

}  // namespace hyperwright::checker
