#include "tests/scheduling/plan_check.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

bool allows(const std::vector<kube::NodeRequirement>& expressions, const kube::StringMap& labels) {
  return std::ranges::all_of(expressions, [&](const kube::NodeRequirement& expression) {
    const kube::Requirement requirement = kube::Requirement::from(expression);
    const std::string* value = labels.find(requirement.key());
    return value == nullptr ? requirement.allows_absence() : requirement.has(*value);
  });
}

bool allows(const kube::Scheduling& pod, const kube::StringMap& labels) {
  for (const auto& [key, value] : pod.node_selector) {
    if (labels.get(kube::normalized_key(key)) != value) return false;
  }
  return pod.required_node_terms.empty() ||
         std::ranges::any_of(pod.required_node_terms, [&](const kube::NodeSelectorTerm& term) {
           return !term.match_expressions.empty() && allows(term.match_expressions, labels);
         });
}

bool tolerates(const kube::Scheduling& pod, const std::vector<kube::Taint>& taints) {
  return std::ranges::all_of(taints, [&](const kube::Taint& taint) {
    return taint.effect == kube::TaintEffect::PreferNoSchedule ||
           kube::is_tolerated(taint, pod.tolerations);
  });
}

bool share_a_port(const kube::Scheduling& a, const kube::Scheduling& b) {
  const auto any = [](const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  for (const kube::HostPort& mine : a.host_ports) {
    for (const kube::HostPort& theirs : b.host_ports) {
      if (mine.port == theirs.port && mine.protocol == theirs.protocol &&
          (mine.ip == theirs.ip || any(mine.ip) || any(theirs.ip))) {
        return true;
      }
    }
  }
  return false;
}

class Checker {
 public:
  Checker(const Plan& plan, const state::ClusterState& state,
          const std::vector<const state::PodRecord*>& pods, Time now)
      : plan_(plan), state_(state), pods_(pods), now_(now) {}

  std::vector<std::string> run() {
    each_pod_once();
    for (const PlacedOnNode& placed : plan_.placed) existing(placed);
    for (const NewNode& node : plan_.new_nodes) bought(node);
    limits();
    return std::move(problems_);
  }

 private:
  template <typename... Args>
  void problem(fmt::format_string<Args...> format, Args&&... args) {
    problems_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void each_pod_once() {
    std::map<std::string, int> seen;
    for (const state::PodRecord* pod : pods_) seen[pod->pod.meta.uid] = 0;
    const auto count = [&](const std::vector<std::string>& uids) {
      for (const std::string& uid : uids) ++seen[uid];
    };
    for (const PlacedOnNode& placed : plan_.placed) count(placed.pods);
    for (const NewNode& node : plan_.new_nodes) count(node.pods);
    for (const Unplaced& unplaced : plan_.unplaced) count(unplaced.pods);
    for (const auto& [uid, times] : seen) {
      if (times != 1) problem("{} stands in the plan {} times", uid, times);
    }
    for (const Unplaced& unplaced : plan_.unplaced) {
      if (unplaced.verdict.empty())
        problem("{} is unplaced without a verdict", unplaced.pods.front());
    }
  }

  const kube::Scheduling& pod(const std::string& uid) {
    return state_.find_pod(uid)->pod.scheduling;
  }

  void node(const std::string& name, const std::vector<std::string>& uids,
            const kube::StringMap& labels, const std::vector<kube::Taint>& taints,
            kube::Resources free, const std::vector<const state::PodRecord*>& there) {
    std::vector<const kube::Scheduling*> ports;
    for (const state::PodRecord* record : there) ports.push_back(&record->pod.scheduling);
    for (const std::string& uid : uids) {
      const kube::Scheduling& wants = pod(uid);
      if (!allows(wants, labels)) problem("{} may not run on {}: labels", uid, name);
      if (!tolerates(wants, taints)) problem("{} may not run on {}: taints", uid, name);
      for (const kube::Scheduling* other : ports) {
        if (share_a_port(wants, *other)) problem("{} on {}: its host port is taken", uid, name);
      }
      ports.push_back(&wants);
      free -= wants.requests;
    }
    for (const auto& [key, set] : state_.daemon_sets()) {
      const bool is_there = std::ranges::any_of(there, [&](const state::PodRecord* record) {
        const kube::OwnerReference* owner = record->pod.meta.controller();
        return owner != nullptr && owner->uid == set.meta.uid;
      });
      // Label by label only: a DaemonSet that waits for a label that nobody has is not counted.
      if (!is_there && allows(set.scheduling, labels) && tolerates(set.scheduling, taints))
        free -= requests_of(set);
    }
    free.for_each([&](std::string_view resource, std::int64_t amount) {
      if (amount < 0) problem("{} is over-committed: {} {}", name, resource, amount);
    });
  }

  kube::Resources requests_of(const kube::DaemonSet& set) {
    const kube::Pod* newest = nullptr;
    for (const auto& [key, record] : state_.pods()) {
      const kube::OwnerReference* owner = record.pod.meta.controller();
      if (owner == nullptr || owner->uid != set.meta.uid) continue;
      if (newest == nullptr || newest->meta.creation_time <= record.pod.meta.creation_time)
        newest = &record.pod;
    }
    return newest == nullptr ? set.scheduling.requests : newest->scheduling.requests;
  }

  void existing(const PlacedOnNode& placed) {
    const state::ClaimRecord* claim =
        placed.claim.empty() ? nullptr : state_.find_claim(placed.claim);
    const std::string node_name =
        placed.node.empty() && claim != nullptr ? claim->node_name : placed.node;
    const state::NodeRecord* record = state_.find_node(node_name);
    const bool is_registered =
        record != nullptr &&
        (placed.claim.empty() || record->node.meta.labels.get(kube::kRegistered) == "true");
    kube::StringMap labels = is_registered ? record->node.meta.labels : claim->claim.meta.labels;
    std::vector<kube::Taint> taints =
        is_registered ? record->node.taints : claim->claim.spec.taints;
    if (claim != nullptr) {
      std::erase_if(taints, [&](const kube::Taint& taint) {
        return kube::is_ephemeral_taint(taint) ||
               kube::contains_taint(claim->claim.spec.startup_taints, taint);
      });
    }
    if (record != nullptr && record->node.meta.is_deleting())
      problem("pods on {}, which is being deleted", node_name);
    kube::Resources free = record != nullptr ? record->node.allocatable : kube::Resources{};
    if (claim != nullptr) {
      if (claim->is_deleting()) problem("pods on claim {}, which is being deleted", placed.claim);
      const auto* type = state_.instance_types().find(claim->launch->offering().type);
      type->allocatable().for_each([&](std::string_view name, std::int64_t amount) {
        if (free.get(name) == 0) free.set(name, amount);
      });
    }
    std::vector<const state::PodRecord*> there = state_.usage(node_name).pods;
    const auto add_nominated = [&](const std::vector<const state::PodRecord*>& nominated) {
      for (const state::PodRecord* other : nominated) {
        if (std::ranges::find(pods_, other) == pods_.end()) there.push_back(other);
      }
    };
    if (!node_name.empty()) add_nominated(state_.nominated_to_node(node_name));
    const std::string owner = !placed.claim.empty() ? placed.claim
                              : record != nullptr   ? record->claim
                                                    : std::string{};
    if (!owner.empty()) add_nominated(state_.nominated_to_claim(owner));
    for (const state::PodRecord* other : there) free -= other->pod.scheduling.requests;
    node(placed.node + placed.claim, placed.pods, labels, taints, free, there);
  }

  void bought(const NewNode& bought) {
    const kube::NodePool* pool = state_.find_node_pool(bought.node_pool);
    const hyperpod::Cluster& cluster = *state_.hyperpod().cluster();
    const hyperpod::InstanceGroup* group = cluster.find_group(bought.offering.key.group);
    const std::string name =
        fmt::format("a new {} in {}", bought.offering.key.type, bought.offering.key.zone);
    if (pool == nullptr || group == nullptr) return problem("{}: of no pool or group", name);
    const auto& allowed =
        state_.find_node_class(pool->template_spec.node_class_ref.name)->instance_groups;
    if (std::ranges::find(allowed, group->name) == allowed.end())
      problem("{}: its group is not the pool's", name);
    if (state_.is_unavailable(bought.offering.key, now_)) problem("{}: is unavailable", name);
    const auto offers = hyperpod::offerings_of(*group, cluster, state_.hyperpod().subnets(),
                                               state_.instance_types())
                            .list;
    if (std::ranges::find(offers, bought.offering) == offers.end())
      problem("{}: is not for sale", name);
    if (bought.pods.empty()) problem("{}: for nobody", name);
    if (!allows(pool->template_spec.requirements, bought.labels))
      problem("{}: not what the pool requires", name);
    if (bought.labels.get(kube::kInstanceType) != bought.offering.key.type)
      problem("{}: label of the type", name);
    if (bought.labels.get(kube::kZone) != bought.offering.key.zone)
      problem("{}: label of the zone", name);
    if (!bought.compatible_types.empty() &&
        std::ranges::find(bought.compatible_types, bought.offering.key.type) ==
            bought.compatible_types.end()) {
      problem("{}: is not among the compatible types", name);
    }
    std::vector<kube::Taint> taints = pool->template_spec.taints;
    kube::merge_taints(taints, group->taints);
    node(name, bought.pods, bought.labels, taints,
         state_.instance_types().find(bought.offering.key.type)->allocatable(), {});
  }

  void limits() {
    for (const auto& [name, pool] : state_.node_pools()) {
      if (!pool.limits) continue;
      kube::Resources used;
      std::int64_t nodes = 0;
      for (const auto& [claim_name, record] : state_.claims()) {
        if (record.claim.node_pool() != name) continue;
        ++nodes;
        used += state_.instance_types().find(record.launch->offering().type)->capacity();
      }
      bool buys = false;
      for (const NewNode& node : plan_.new_nodes) {
        if (node.node_pool != name) continue;
        buys = true;
        ++nodes;
        used += state_.instance_types().find(node.offering.key.type)->capacity();
      }
      used.set(kube::Resource::Nodes, nodes);
      if (const auto exceeded = pool.limits->exceeded_by(used); exceeded && buys) {
        problem("NodePool {} is over its limit of {}", name, *exceeded);
      }
    }
  }

  const Plan& plan_;
  const state::ClusterState& state_;
  const std::vector<const state::PodRecord*>& pods_;
  Time now_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> problems_of(const Plan& plan, const state::ClusterState& state,
                                     const std::vector<const state::PodRecord*>& pods, Time now) {
  return Checker(plan, state, pods, now).run();
}

hyperpod::MicroDollars price_of(const Plan& plan) {
  hyperpod::MicroDollars price;
  for (const NewNode& node : plan.new_nodes) price += node.offering.price.per_hour;
  return price;
}

std::size_t placed_pods(const Plan& plan) {
  std::size_t count = 0;
  for (const PlacedOnNode& placed : plan.placed) count += placed.pods.size();
  for (const NewNode& node : plan.new_nodes) count += node.pods.size();
  return count;
}

}  // namespace hyperwright::scheduling
