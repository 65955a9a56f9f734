#include "scheduling/reservations.h"

#include <algorithm>
#include <map>

#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

// Instances in this cluster, by reservation.
struct Use {
  std::map<std::string, std::int64_t, std::less<>> claims;
  std::map<std::string, std::int64_t, std::less<>> foreign;  // nodes that no claim owns
  std::map<std::string, std::int64_t, std::less<>> nodes;    // all that HyperPod lists

  explicit Use(const state::ClusterState& state) {
    for (const auto& [name, claim] : state.claims()) {
      if (std::string id = reservation_of(claim, state); !id.empty()) ++claims[std::move(id)];
    }
    for (const auto& [logical_id, record] : state.hyperpod().nodes()) {
      const auto* group = state.hyperpod().cluster()->find_group(record.node.group);
      if (group == nullptr || group->training_plan_arn.empty()) continue;
      const std::string id = reservation_id_of(*group);
      ++nodes[id];
      if (state.find_claim_by_logical_id(logical_id) == nullptr) ++foreign[id];
    }
  }

  static std::int64_t of(const std::map<std::string, std::int64_t, std::less<>>& counts,
                         std::string_view id) {
    const auto it = counts.find(id);
    return it == counts.end() ? 0 : it->second;
  }
};

std::int64_t left_of(const hyperpod::InstanceGroup& group, const std::string& id, const Use& use,
                     const state::HyperPodView& view) {
  const std::string_view name = hyperpod::training_plan_name(group.training_plan_arn);
  const hyperpod::TrainingPlan* plan = view.find_training_plan(name);
  if (plan == nullptr) return view.is_training_plan_hidden(name) ? Reservations::kNoEnd : 0;
  if (plan->status != "Active") return 0;
  const std::int64_t elsewhere =
      std::max<std::int64_t>(0, plan->instances_in_use - Use::of(use.nodes, id));
  return std::int64_t{plan->total_instances} - plan->unhealthy_instances - Use::of(use.claims, id) -
         Use::of(use.foreign, id) - elsewhere;
}

}  // namespace

std::string reservation_of(const state::ClaimRecord& claim, const state::ClusterState& state) {
  const auto& cluster = state.hyperpod().cluster();
  if (claim.launch && cluster) {
    if (const auto* group = cluster->find_group(claim.launch->offering().group))
      return reservation_id_of(*group);
  }
  return std::string(claim.claim.meta.labels.get(kube::kReservationId));
}

Reservations::Reservations(const state::ClusterState& state) {
  const auto& cluster = state.hyperpod().cluster();
  if (!cluster || !state.options().gates.reserved_capacity) return;
  const bool has_any = std::ranges::any_of(cluster->groups, [](const hyperpod::InstanceGroup& g) {
    return !g.training_plan_arn.empty();
  });
  if (!has_any) return;
  const Use use(state);
  for (const hyperpod::InstanceGroup& group : cluster->groups) {
    const std::string id = reservation_id_of(group);
    if (!id.empty()) add(id, left_of(group, id, use, state.hyperpod()));
  }
}

void Reservations::add(std::string_view name, std::int64_t left) {
  left = std::max<std::int64_t>(0, left);
  if (const Id known = find(name); known != kNone) {
    list_[known].left = std::min(list_[known].left, left);
  } else {
    list_.push_back({std::string(name), left});
  }
}

Reservations::Id Reservations::find(std::string_view name) const {
  const auto it = std::ranges::find(list_, name, &Reservation::name);
  return it == list_.end() ? kNone : static_cast<Id>(it - list_.begin());
}

std::int64_t Reservations::left(Id id) const { return id == kNone ? kNoEnd : list_[id].left; }

void Reservations::take(Id id, std::int64_t instances) {
  if (id != kNone && list_[id].left != kNoEnd) list_[id].left -= instances;
}

}  // namespace hyperwright::scheduling
