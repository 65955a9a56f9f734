#include "scheduling/templates.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "hyperpod/arn.h"
#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

kube::StringMap labels_of_pool(const kube::NodePool& pool) {
  kube::StringMap labels = pool.template_labels;
  labels.set(kube::kNodePool, pool.meta.name);
  labels.set(kube::kNodeClassLabel, pool.template_spec.node_class_ref.name);
  return labels;
}

const kube::Requirement* contradiction(const Template& made) {
  for (const kube::Requirement& requirement : made.requirements) {
    if (!is_possible(requirement)) return &requirement;
  }
  return nullptr;
}

std::string why_pool_is_left_out(const kube::NodePool& pool, const state::ClusterState& state,
                                 Time now) {
  if (pool.meta.is_deleting()) return "is being deleted";
  const kube::Condition* ready =
      kube::find_condition(pool.conditions, kube::node_pool_condition::kReady);
  if (ready == nullptr || ready->status != kube::ConditionStatus::True) {
    const std::string message = ready == nullptr ? std::string{} : ready->message;
    return message.empty() ? "is not Ready" : fmt::format("is not Ready ({})", message);
  }
  if (state.find_node_class(pool.template_spec.node_class_ref.name) == nullptr) {
    return fmt::format("has no HyperpodNodeClass \"{}\"", pool.template_spec.node_class_ref.name);
  }
  if (const auto* failure = state.creation_failure(pool.meta.name, now)) {
    return fmt::format("gets no NodeClaims until {}: they cannot be created: {}",
                       format_time(failure->until), failure->why);
  }
  return {};
}

// Why no pool offers anything; nullopt: some may.
std::optional<NotOffered> nothing_is_offered(const state::ClusterState& state, Time now) {
  constexpr const char* kCluster = "the HyperPod cluster";
  if (!state.hyperpod().cluster()) return NotOffered{kCluster, "is not known yet"};
  const auto* back_off = state.back_off("", now);
  if (back_off == nullptr) return std::nullopt;
  return NotOffered{kCluster, fmt::format("takes no launches until {}: {}",
                                          format_time(back_off->until), back_off->why)};
}

std::string why_group_is_left_out(const hyperpod::InstanceGroup* group,
                                  const state::ClusterState& state, Time now) {
  if (group == nullptr) return "is not in the cluster";
  if (group->status == hyperpod::InstanceGroupStatus::Deleting) return "is being deleted";
  if (!group->training_plan_arn.empty()) {
    const std::string_view plan = hyperpod::training_plan_name(group->training_plan_arn);
    if (!state.options().gates.reserved_capacity)
      return fmt::format(
          "draws on training plan {}, and the feature gate ReservedCapacity is closed", plan);
    if (!is_plan_active(*group))
      return fmt::format("draws on training plan {}, which is {}", plan,
                         group->training_plan_status);
  }
  if (const auto* back_off = state.back_off(group->name, now)) {
    return fmt::format("takes no launches until {}: {}", format_time(back_off->until),
                       back_off->why);
  }
  return {};
}

PoolTemplates pool_templates(const kube::NodePool& pool, const state::ClusterState& state,
                             Time now) {
  PoolTemplates result{.pool = &pool, .templates = {}, .not_offered = {}};
  const kube::HyperpodNodeClass& node_class =
      *state.find_node_class(pool.template_spec.node_class_ref.name);
  const hyperpod::Cluster& cluster = *state.hyperpod().cluster();
  std::vector<std::string_view> seen;
  for (const std::string& name : node_class.instance_groups) {
    if (std::ranges::find(seen, name) != seen.end()) continue;
    seen.push_back(name);
    const hyperpod::InstanceGroup* group = cluster.find_group(name);
    const std::string what = fmt::format("instance group \"{}\"", name);
    if (std::string why = why_group_is_left_out(group, state, now); !why.empty()) {
      result.not_offered.push_back({what, std::move(why)});
      continue;
    }
    Template made = make_template(pool, cluster, *group);
    if (const kube::Requirement* impossible = contradiction(made)) {
      result.not_offered.push_back({what, fmt::format("contradicts NodePool \"{}\" on {}",
                                                      pool.meta.name, impossible->key())});
      continue;
    }
    result.templates.push_back(std::move(made));
  }
  return result;
}

}  // namespace

Template make_template(const kube::NodePool& pool, const hyperpod::Cluster& cluster,
                       const hyperpod::InstanceGroup& group) {
  Template made{
      .pool = &pool, .group = &group, .requirements = {}, .labels = {}, .open = {}, .taints = {}};
  made.requirements = kube::Requirements::from(pool.template_spec.requirements);
  made.requirements.add(kube::Requirements::from_labels(labels_of_pool(pool)));
  made.requirements.add(kube::Requirements::from_labels(labels_of_group(cluster, group)));
  for (const kube::Requirement& requirement : made.requirements) {
    if (!requirement.is_complement() && requirement.values().size() == 1) {
      made.labels.set(requirement.key(), requirement.values()[0]);
    } else if (!is_fixed_by_offering(requirement.key())) {
      made.open.add(requirement);
    }
  }
  made.taints = pool.template_spec.taints;
  kube::merge_taints(made.taints, group.taints);
  return made;
}

kube::StringMap labels_of_group(const hyperpod::Cluster& cluster,
                                const hyperpod::InstanceGroup& group) {
  kube::StringMap labels = group.labels;
  labels.set(kube::kInstanceGroup, group.name);
  labels.set(kube::kComputeType, "hyperpod");
  labels.set(kube::kClusterName, cluster.name);
  // Jobs ask for it; the health agent sets it before it lets pods in.
  labels.set(kube::kNodeHealthStatus, "Schedulable");
  if (group.has_deep_health_checks) labels.set(kube::kDeepHealthCheckStatus, "Passed");
  labels.set(kube::kCapacityType, hyperpod::karpenter_word(capacity_type_of(group)));
  if (const std::string id = reservation_id_of(group); !id.empty())
    labels.set(kube::kReservationId, id);
  labels.set(kube::kOs, "linux");
  if (const std::string_view region = hyperpod::region_of(cluster.arn); !region.empty())
    labels.set(kube::kRegion, region);
  return labels;
}

bool is_possible(const kube::Requirement& requirement) {
  return requirement.is_complement() || !requirement.values().empty() ||
         requirement.allows_absence();
}

bool is_fixed_by_offering(std::string_view key) {
  return key == kube::kInstanceType || key == kube::kZone || key == kube::kZoneId ||
         key == kube::kArch;
}

PoolTemplates templates_of_pool(const kube::NodePool& pool, const state::ClusterState& state,
                                Time now) {
  if (auto nothing = nothing_is_offered(state, now))
    return {.pool = &pool, .templates = {}, .not_offered = {*std::move(nothing)}};
  if (std::string why = why_pool_is_left_out(pool, state, now); !why.empty()) {
    const std::string what = fmt::format("NodePool \"{}\"", pool.meta.name);
    return {.pool = &pool, .templates = {}, .not_offered = {{what, std::move(why)}}};
  }
  return pool_templates(pool, state, now);
}

Templates templates_of(const state::ClusterState& state, Time now) {
  Templates result;
  if (auto nothing = nothing_is_offered(state, now)) {
    result.not_offered.push_back(*std::move(nothing));
    return result;
  }
  std::vector<const kube::NodePool*> usable;
  for (const auto& [name, pool] : state.node_pools()) {
    if (!pool.template_spec.node_class_ref.is_hyperpod()) continue;
    std::string why = pool.replicas && !pool.meta.is_deleting()
                          ? "is static (it has replicas)"
                          : why_pool_is_left_out(pool, state, now);
    if (!why.empty()) {
      result.not_offered.push_back({fmt::format("NodePool \"{}\"", name), std::move(why)});
    } else {
      usable.push_back(&pool);
    }
  }
  std::ranges::sort(usable, std::ranges::greater{}, [](const kube::NodePool* pool) {
    return std::tie(pool->weight, pool->meta.name);
  });
  for (const kube::NodePool* pool : usable)
    result.pools.push_back(pool_templates(*pool, state, now));
  return result;
}

}  // namespace hyperwright::scheduling
