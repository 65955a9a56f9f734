#include "sim/scheduler_filters.h"

#include <algorithm>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "sim/scheduler_node_affinity.h"

namespace hyperwright::sim {
namespace {

using kube::TaintEffect;

// nullptr: all NoSchedule and NoExecute taints are tolerated.
const kube::Taint* untolerated(const PodClass& pod, const SchedulerNode& node) {
  for (const kube::Taint& taint : node.node.taints) {
    if (taint.effect == TaintEffect::PreferNoSchedule) continue;
    if (!kube::is_tolerated(taint, pod.scheduling.tolerations)) return &taint;
  }
  return nullptr;
}

bool tolerates_unschedulable(const PodClass& pod) {
  const kube::Taint taint{.key = std::string(kube::kTaintUnschedulable),
                          .value = {},
                          .effect = TaintEffect::NoSchedule};
  return kube::is_tolerated(taint, pod.scheduling.tolerations);
}

bool is_any_address(const std::string& ip) { return ip.empty() || ip == "0.0.0.0"; }

bool ports_clash(const PodClass& pod, const SchedulerNode& node) {
  return std::ranges::any_of(pod.scheduling.host_ports, [&](const kube::HostPort& wanted) {
    return std::ranges::any_of(node.ports_used, [&](const kube::HostPort& used) {
      return wanted.port == used.port && wanted.protocol == used.protocol &&
             (wanted.ip == used.ip || is_any_address(wanted.ip) || is_any_address(used.ip));
    });
  });
}

bool resources_fit(const PodClass& pod, const SchedulerNode& node) {
  const auto& wanted = pod.scheduling.requests.slots();
  const auto& used = node.used.slots();
  const auto& there = node.node.allocatable.slots();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] > 0 && wanted[i] > there[i] - used[i]) return false;
  }
  return std::ranges::all_of(pod.scheduling.requests.overflow(), [&](const auto& item) {
    return item.second <= node.node.allocatable.get(item.first) - node.used.get(item.first);
  });
}

std::int64_t free_share(std::int64_t there, std::int64_t used) {
  return there <= 0 || used > there ? 0 : (there - used) * 100 / there;
}

}  // namespace

std::optional<Misfit> misfit(const PodClass& pod, const SchedulerNode& node) {
  using Filter = Misfit::Filter;
  if (node.node.unschedulable && !tolerates_unschedulable(pod))
    return Misfit{Filter::NodeUnschedulable, false};
  if (untolerated(pod, node) != nullptr) return Misfit{Filter::TaintToleration, false};
  if (!matches_node_selection(pod.scheduling, node.node))
    return Misfit{Filter::NodeAffinity, false};
  if (!pod.scheduling.host_ports.empty() && ports_clash(pod, node))
    return Misfit{Filter::NodePorts, true};
  if (!resources_fit(pod, node)) return Misfit{Filter::NodeResourcesFit, true};
  return std::nullopt;
}

std::vector<std::string> reasons(const Misfit& misfit, const PodClass& pod,
                                 const SchedulerNode& node) {
  switch (misfit.filter) {
    case Misfit::Filter::NodeUnschedulable:
      return {"node(s) were unschedulable"};
    case Misfit::Filter::TaintToleration: {
      const kube::Taint* taint = untolerated(pod, node);
      return {fmt::format("node(s) had untolerated taint {{{}: {}}}", taint->key, taint->value)};
    }
    case Misfit::Filter::NodeAffinity:
      return {"node(s) didn't match Pod's node affinity/selector"};
    case Misfit::Filter::NodePorts:
      return {"node(s) didn't have free ports for the requested pod ports"};
    case Misfit::Filter::NodeResourcesFit: {
      std::vector<std::string> out;
      pod.scheduling.requests.for_each([&](std::string_view name, std::int64_t wanted) {
        if (wanted <= node.node.allocatable.get(name) - node.used.get(name)) return;
        out.push_back(name == "pods" ? std::string("Too many pods")
                                     : fmt::format("Insufficient {}", name));
      });
      return out;
    }
    case Misfit::Filter::Topology:
      break;
  }
  return {};
}

std::int64_t score(const PodClass& pod, const SchedulerNode& node) {
  const std::int64_t cpu = free_share(node.node.allocatable.get(kube::Resource::Cpu),
                                      node.score_cpu_used + pod.score_cpu);
  const std::int64_t memory = free_share(node.node.allocatable.get(kube::Resource::Memory),
                                         node.score_memory_used + pod.score_memory);
  std::int64_t avoided = 0;
  for (const kube::Taint& taint : node.node.taints) {
    if (taint.effect != TaintEffect::PreferNoSchedule) continue;
    avoided += kube::is_tolerated(taint, pod.scheduling.tolerations) ? 0 : 1;
  }
  return (cpu + memory) / 2 + 2 * preference(pod.scheduling, node.node) + 3 * (100 / (1 + avoided));
}

}  // namespace hyperwright::sim
