#include "tests/sim/harness/rest.h"

#include <algorithm>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "kube/well_known.h"
#include "service/scenario.h"
#include "sim/kubernetes_fields.h"
#include "tests/sim/harness/swarm.h"

namespace hyperwright::swarm {
namespace {

namespace condition = kube::node_claim_condition;

// The few ways in which a pod of a swarm is choosy; spread over hosts never forbids a new node.
bool tolerates(const kube::Pod& pod, const kube::NodePool& pool) {
  return std::ranges::all_of(pool.template_spec.taints, [&](const kube::Taint& taint) {
    return std::ranges::any_of(pod.scheduling.tolerations, [&](const kube::Toleration& toleration) {
      return toleration.key == taint.key;
    });
  });
}

bool selects(const kube::Pod& pod, const kube::NodePool& pool) {
  for (const auto& [key, value] : pod.scheduling.node_selector) {
    if (pool.template_labels.get(key) != value) return false;
  }
  return true;
}

bool may_use(const kube::NodePool& pool, const std::string& group) {
  return std::ranges::all_of(
      pool.template_spec.requirements, [&](const kube::NodeRequirement& requirement) {
        return requirement.key != kube::kInstanceGroup ||
               std::ranges::find(requirement.values, group) != requirement.values.end();
      });
}

// With room to spare: how much DaemonSets and the kubelet take is not judged here.
bool fits_well(const kube::Resources& requests, const hyperpod::InstanceType& type) {
  const kube::Resources has = type.allocatable();
  const auto fits = [&](kube::Resource resource) {
    return requests.get(resource) * 5 / 4 + (resource == kube::Resource::Cpu ? 200 : 0) <=
           has.get(resource);
  };
  return fits(kube::Resource::Cpu) && fits(kube::Resource::Memory) &&
         requests.get(kube::Resource::NvidiaGpu) <= has.get(kube::Resource::NvidiaGpu);
}

bool has_room(const World& world, const kube::NodePool& pool, const hyperpod::InstanceType& type) {
  if (!pool.limits) return true;
  kube::Resources usage = type.capacity();
  usage.set(kube::Resource::Nodes, 1);
  for (const auto& [name, claim] : world.claims()) {
    if (claim.object.node_pool() == pool.meta.name) usage += world.capacity_of(claim);
  }
  return !pool.limits->exceeded_by(usage);
}

// A node for this pod alone could be bought: then the pod need not wait.
bool can_be_bought_for(const World& world, const kube::Pod& pod) {
  for (const auto& [name, pool] : world.pools()) {
    if (pool.meta.is_deleting() || !tolerates(pod, pool) || !selects(pod, pool)) continue;
    for (const service::GroupRecord& group : world.cluster().groups) {
      if (group.status != hyperpod::InstanceGroupStatus::InService || !may_use(pool, group.name))
        continue;
      const auto serves = [&](const std::string& type_name) {
        const hyperpod::InstanceType* type = world.types().find(type_name);
        return type != nullptr && type->on_demand && fits_well(pod.scheduling.requests, *type) &&
               has_room(world, pool, *type);
      };
      // Of a group with a choice, the one that is tried first may be too much for a limit.
      if (std::ranges::all_of(group.instance_types, serves)) return true;
    }
  }
  return false;
}

// Something that the autoscaler may buy for those that wait is held back for a while: by a quota
// that was full, by a shortage.
bool is_offer_held_back(const World& world) {
  return world.simulation().autoscaler().loop().state().next_offer(world.now()) != Time::max();
}

// A Job whose pod failed makes the next one after a growing while.
void look_at_jobs(const World& world, std::vector<std::string>& list) {
  for (const auto& job : world.simulation().kubernetes().list("jobs.batch")) {
    if (!sim::has_condition(*job, "Complete", "True") &&
        !sim::has_condition(*job, "Failed", "True") &&
        sim::int_field(*job, {"status", "active"}, 0) == 0)
      list.push_back(fmt::format("Job {} has pods to make", sim::name_of(*job)));
  }
}

void look_at_pods(const World& world, std::vector<std::string>& list) {
  for (const auto& object : world.simulation().kubernetes().list("pods")) {
    const kube::Pod pod = kube::decode_pod(boost::json::value(*object)).value();
    if (kube::is_terminal(pod) || kube::is_owned_by_daemon_set(pod)) continue;
    if (pod.meta.is_deleting()) {
      list.push_back(fmt::format("pod {} is terminating", pod.meta.name));
    } else if (const auto* owner = pod.meta.controller();
               owner != nullptr && owner->kind == "Job" && pod.phase == kube::PodPhase::Running) {
      list.push_back(fmt::format("pod {} of a Job will end", pod.meta.name));
    } else if (!pod.node_name.empty()) {
      if (pod.phase != kube::PodPhase::Running)
        list.push_back(
            fmt::format("pod {} is on node {} and does not run", pod.meta.name, pod.node_name));
    } else if (can_be_bought_for(world, pod)) {
      list.push_back(fmt::format("pod {} waits, and a node for it can be bought", pod.meta.name));
    } else if (is_offer_held_back(world)) {
      list.push_back(fmt::format("pod {} waits, and an offering is held back", pod.meta.name));
    }
  }
}

bool has_pods(const World& world, std::string_view node) {
  for (const auto& object : world.simulation().kubernetes().list("pods")) {
    const kube::Pod pod = kube::decode_pod(boost::json::value(*object)).value();
    if (pod.node_name == node && kube::is_reschedulable(pod)) return true;
  }
  return false;
}

void look_at_claims(const World& world, std::vector<std::string>& list) {
  for (const auto& [name, claim] : world.claims()) {
    if (claim.object.meta.is_deleting()) {
      list.push_back(fmt::format("NodeClaim {} is going", name));
    } else if (!claim.is(condition::kInitialized)) {
      list.push_back(fmt::format("NodeClaim {} is coming", name));
    } else if (claim.object.spec.expire_after) {
      list.push_back(fmt::format("NodeClaim {} will expire", name));  // its pool's claims no more
    } else {
      const auto pool = world.pools().find(claim.object.node_pool());
      const bool may_go = pool != world.pools().end() && pool->second.disruption.consolidate_after;
      if (may_go && !has_pods(world, claim.object.node_name))
        list.push_back(fmt::format("NodeClaim {} is empty", name));
    }
  }
}

}  // namespace

std::vector<std::string> unfinished(const World& world) {
  std::vector<std::string> list;
  if (!world.simulation().has_autoscaler()) return {"no autoscaler runs"};
  const state::ClusterState& picture = world.simulation().autoscaler().loop().state();
  for (const auto& [id, pending] : picture.pending()) {
    // Readings go on for ever.
    const auto targets = state::targets_of(pending.action);
    if (targets.empty() || targets.front().of != state::Target::Of::Reading)
      list.push_back(fmt::format("{} is under way", state::name_of(pending.action)));
  }
  for (const service::NodeRecord& node : world.cluster().nodes) {
    if (!node.counts() && !world.token_of(node.logical_id).empty())
      list.push_back(fmt::format("node {} is ending", node.logical_id));
  }
  for (const auto& [name, node] : world.nodes()) {
    if (node.meta.is_deleting()) list.push_back(fmt::format("Node {} is going", name));
  }
  look_at_jobs(world, list);
  look_at_pods(world, list);
  look_at_claims(world, list);
  return list;
}

}  // namespace hyperwright::swarm
