#include "tests/scheduling/plan_check.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "tests/scheduling/checker_defaults.h"
#include "tests/scheduling/checker_placement.h"

namespace hyperwright::scheduling {
namespace {

bool allows(const std::vector<kube::NodeRequirement>& expressions, const kube::StringMap& labels) {
  return std::ranges::all_of(expressions, [&](const kube::NodeRequirement& expression) {
    const kube::Requirement requirement = kube::Requirement::from(expression);
    const std::string* value = labels.find(requirement.key());
    return value == nullptr ? requirement.allows_absence() : requirement.has(*value);
  });
}

class PlanCheck {
 public:
  PlanCheck(const Plan& plan, const state::ClusterState& state,
            const std::vector<const state::PodRecord*>& pods, Time now, checker::SpreadHolds spread)
      : plan_(plan), state_(state), pods_(pods), now_(now), spread_(spread) {}

  std::vector<std::string> run() {
    each_pod_once();
    for (const PlacedOnNode& placed : plan_.placed) existing(placed);
    for (const NewNode& node : plan_.new_nodes) bought(node);
    for (std::string& sentence : checker::check(placement_of(plan_, state_, pods_, now_), spread_))
      problems_.push_back(std::move(sentence));
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
      if (unplaced.verdict().empty())
        problem("{} is unplaced without a verdict", unplaced.pods.front());
    }
  }

  void existing(const PlacedOnNode& placed) {
    const state::ClaimRecord* claim =
        placed.claim.empty() ? nullptr : state_.find_claim(placed.claim);
    if (claim == nullptr && state_.find_node(placed.node) == nullptr)
      problem("pods on {}{}, which is not there", placed.node, placed.claim);
    if (placed.pods.empty()) problem("{}{}: for nobody", placed.node, placed.claim);
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
    // A NodeOverlay may have set another price.
    const bool is_for_sale = std::ranges::any_of(offers, [&](hyperpod::Offering offer) {
      if (bought.has_price_overlay) offer.price = bought.offering.price;
      return offer == bought.offering;
    });
    if (!is_for_sale) problem("{}: is not for sale", name);
    if (bought.offering.capacity_type == hyperpod::CapacityType::Reserved &&
        (bought.labels->get(kube::kCapacityType) != "reserved" ||
         bought.labels->get(kube::kReservationId) != bought.offering.reservation)) {
      problem("{}: its labels do not say whose instance it is", name);
    }
    if (bought.pods.empty()) problem("{}: for nobody", name);
    if (!allows(pool->template_spec.requirements, *bought.labels))
      problem("{}: not what the pool requires", name);
    if (bought.labels->get(kube::kInstanceType) != bought.offering.key.type)
      problem("{}: label of the type", name);
    if (bought.labels->get(kube::kZone) != bought.offering.key.zone)
      problem("{}: label of the zone", name);
    look_at_min_values(bought, name);
    if (!bought.compatible_types->empty() &&
        std::ranges::find(*bought.compatible_types, bought.offering.key.type) ==
            bought.compatible_types->end()) {
      problem("{}: is not among the compatible types", name);
    }
  }

  // The API server takes no minValues above the number of values that stand beside it.
  void look_at_min_values(const NewNode& bought, const std::string& name) {
    for (const kube::NodeRequirement& each : bought.requirements->written()) {
      if (each.op == kube::NodeOperator::In && each.min_values &&
          *each.min_values > std::ssize(each.values)) {
        problem("{}: minValues of {} is {}, with {} values", name, each.key, *each.min_values,
                each.values.size());
      }
    }
    if (bought.is_min_values_relaxed &&
        state_.options().min_values_policy == state::MinValuesPolicy::Strict)
      problem("{}: minValues gave way", name);
  }

  const Plan& plan_;
  const state::ClusterState& state_;
  const std::vector<const state::PodRecord*>& pods_;
  Time now_;
  checker::SpreadHolds spread_;
  std::vector<std::string> problems_;
};

// Whether `one` may stand wherever `other` does, in its place.
bool could_replace(const kube::Pod& one, const kube::Pod& other) {
  if (one.meta.namespace_ != other.meta.namespace_ || one.meta.labels != other.meta.labels ||
      one.meta.owner_references != other.meta.owner_references)
    return false;
  bool asks_no_more = true;
  one.scheduling.requests.for_each([&](std::string_view name, std::int64_t amount) {
    asks_no_more = asks_no_more && amount <= other.scheduling.requests.get(name);
  });
  kube::Scheduling wants = one.scheduling;
  wants.priority = other.scheduling.priority;
  wants.requests = other.scheduling.requests;
  return asks_no_more && wants == other.scheduling;
}

}  // namespace

std::vector<std::string> needlessly_waiting(const Plan& plan, const state::ClusterState& state,
                                            const std::vector<const state::PodRecord*>& pods,
                                            Time now) {
  std::vector<std::string> found;
  if (plan.unplaced.empty()) return found;
  checker::Placement end = placement_of(plan, state, pods, now);
  for (const Unplaced& unplaced : plan.unplaced) {
    for (const std::string& uid : unplaced.pods) {
      const kube::Pod pod = with_default_spread(state.find_pod(uid)->pod, state);
      const checker::Node* node = checker::fresh_node_for(end, pod);
      if (node == nullptr) continue;
      found.push_back(
          fmt::format("{} could be on a new {} in {} ({}) of {}; the plan says: {}", pod.meta.name,
                      node->labels.get(kube::kInstanceType), node->labels.get(kube::kZone),
                      node->labels.get(kube::kCapacityType), node->node_pool, unplaced.verdict()));
    }
  }
  return found;
}

std::vector<std::string> passed_over(const Plan& plan, const state::ClusterState& state) {
  std::vector<std::string> found;
  for (const Unplaced& unplaced : plan.unplaced) {
    for (const std::string& waiting_uid : unplaced.pods) {
      const kube::Pod& waiting = state.find_pod(waiting_uid)->pod;
      for (const NewNode& node : plan.new_nodes) {
        for (const std::string& uid : node.pods) {
          const kube::Pod& placed = state.find_pod(uid)->pod;
          if (placed.scheduling.priority < waiting.scheduling.priority &&
              could_replace(waiting, placed))
            found.push_back(fmt::format("{} waits, and {}, less important, has a new {}",
                                        waiting.meta.name, placed.meta.name,
                                        node.offering.key.type));
        }
      }
    }
  }
  return found;
}

std::vector<std::string> problems_of(const Plan& plan, const state::ClusterState& state,
                                     const std::vector<const state::PodRecord*>& pods, Time now,
                                     checker::SpreadHolds spread) {
  return PlanCheck(plan, state, pods, now, spread).run();
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
