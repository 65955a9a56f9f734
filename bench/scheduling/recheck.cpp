#include "bench/scheduling/recheck.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bench/scheduling/world.h"
#include "kube/well_known.h"

namespace hyperwright::bench {
namespace {

using Host = Placement::Host;

class Problems {
 public:
  void add(std::string problem) {
    constexpr std::size_t kShownMax = 20;
    if (list_.size() < kShownMax) list_.push_back(std::move(problem));
    ++count_;
  }
  [[nodiscard]] std::vector<std::string> take() {
    if (count_ > list_.size()) list_.push_back(fmt::format("and {} more", count_ - list_.size()));
    return std::move(list_);
  }

 private:
  std::vector<std::string> list_;
  std::size_t count_ = 0;
};

// Pods of each host, those that were there included.
std::vector<std::vector<const kube::Pod*>> pods_by_host(const Placement& placement,
                                                        const Workload& workload) {
  std::vector<std::vector<const kube::Pod*>> pods(placement.hosts.size());
  for (std::size_t h = 0; h < placement.hosts.size(); ++h) {
    for (const std::size_t shape : placement.hosts[h].standing)
      pods[h].push_back(&workload.shapes[shape]);
  }
  for (std::size_t p = 0; p < placement.host_of.size(); ++p) {
    if (placement.host_of[p] != Placement::kUnplaced)
      pods[placement.host_of[p]].push_back(&workload.shapes[workload.pods[p]]);
  }
  return pods;
}

bool allows_type(const kube::Pod& pod, const std::string& type) {
  const auto& terms = pod.scheduling.required_node_terms;
  return terms.empty() || std::ranges::any_of(terms, [&](const kube::NodeSelectorTerm& term) {
           return std::ranges::all_of(term.match_expressions, [&](const kube::NodeRequirement& r) {
             return r.key == kube::kInstanceType && r.op == kube::NodeOperator::In &&
                    std::ranges::find(r.values, type) != r.values.end();
           });
         });
}

void check_host(const Host& host, const std::vector<const kube::Pod*>& pods,
                const hyperpod::InstanceType& type, Problems& problems) {
  kube::Resources sum;
  for (const kube::Pod* pod : pods) {
    sum += pod->scheduling.requests;
    if (!allows_type(*pod, host.type))
      problems.add(
          fmt::format("a pod stands on a {}, which its node affinity rules out", host.type));
  }
  if (const auto misfit = sum.first_misfit(type.allocatable()))
    problems.add(fmt::format("a {} is asked for more {} than it has", host.type, *misfit));
  std::set<const kube::Pod*> seen;
  for (const kube::Pod* pod : pods) {
    for (const kube::PodAffinityTerm& term : pod->scheduling.required_pod_anti_affinity) {
      if (term.topology_key != kube::kHostname || !term.selector || !seen.insert(pod).second)
        continue;
      const auto repelled = std::ranges::count_if(
          pods, [&](const kube::Pod* p) { return term.selector->matches(p->meta.labels); });
      if (repelled > (term.selector->matches(pod->meta.labels) ? 1 : 0))
        problems.add(fmt::format("{} pods that repel each other share a {}", repelled, host.type));
    }
  }
}

// Pods with affinity to their own label: all of them, and all that the term selects, in one zone.
void check_zone_groups(const Placement& placement, const Workload& workload,
                       const std::vector<std::vector<const kube::Pod*>>& pods, Problems& problems) {
  std::map<kube::LabelSelector, std::set<std::string>> zones;
  for (const kube::Pod& shape : workload.shapes) {
    for (const kube::PodAffinityTerm& term : shape.scheduling.required_pod_affinity) {
      if (term.topology_key == kube::kZone && term.selector) zones[*term.selector];
    }
  }
  for (std::size_t h = 0; h < pods.size() && !zones.empty(); ++h) {
    for (const kube::Pod* pod : pods[h]) {
      for (auto& [selector, where] : zones) {
        if (selector.matches(pod->meta.labels)) where.insert(placement.hosts[h].zone);
      }
    }
  }
  for (const auto& [selector, where] : zones) {
    if (where.size() > 1) {
      problems.add(fmt::format("pods with affinity to {}={} within a zone stand in {} zones",
                               selector.match_labels.begin()->first,
                               selector.match_labels.begin()->second, where.size()));
    }
  }
}

}  // namespace

Placement placement_of(const scheduling::Plan& plan, const Workload& workload) {
  Placement placement;
  placement.host_of.assign(workload.pods.size(), Placement::kUnplaced);
  for (const StandingNode& node : workload.nodes)
    placement.hosts.push_back({node.type, node.zone, node.pods});
  const auto put = [&](const std::vector<std::string>& uids, std::size_t host) {
    for (const std::string& uid : uids) {
      std::size_t& place = placement.host_of[place_of(uid)];
      if (place != Placement::kUnplaced)
        placement.problems.push_back(fmt::format("{} is placed twice", uid));
      place = host;
    }
  };
  for (const scheduling::PlacedOnNode& placed : plan.placed) {
    // "node-17"
    put(placed.pods, static_cast<std::size_t>(std::stoul(placed.node.substr(5))));
  }
  for (const scheduling::NewNode& node : plan.new_nodes) {
    placement.hosts.push_back({node.offering.key.type, node.offering.key.zone, {}});
    put(node.pods, placement.hosts.size() - 1);
  }
  return placement;
}

Recheck recheck(const Placement& placement, const Workload& workload) {
  Recheck result;
  result.unplaced =
      static_cast<std::size_t>(std::ranges::count(placement.host_of, Placement::kUnplaced));
  Problems problems;
  for (const std::string& problem : placement.problems) problems.add(problem);
  if (result.unplaced > 0) problems.add(fmt::format("{} pods are not placed", result.unplaced));
  std::map<std::string, const hyperpod::InstanceType*> types;
  for (const TypeOnSale& sold : workload.types) types[sold.type.name] = &sold.type;
  const auto pods = pods_by_host(placement, workload);
  for (std::size_t h = 0; h < pods.size(); ++h)
    check_host(placement.hosts[h], pods[h], *types.at(placement.hosts[h].type), problems);
  check_zone_groups(placement, workload, pods, problems);
  std::map<std::string, std::size_t> tilted;
  for (const std::size_t pod : spread_violations(placement, workload)) {
    const kube::Scheduling& scheduling = workload.shapes[workload.pods[pod]].scheduling;
    ++tilted[scheduling.topology_spread.front().topology_key];
  }
  for (const auto& [key, count] : tilted)
    problems.add(
        fmt::format("no order was found in which {} pods keep their spread over {}", count, key));
  result.problems = problems.take();
  return result;
}

}  // namespace hyperwright::bench
