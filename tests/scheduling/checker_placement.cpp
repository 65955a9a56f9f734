#include "tests/scheduling/checker_placement.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "hyperpod/arn.h"
#include "hyperpod/mig.h"
#include "kube/requirement.h"
#include "kube/well_known.h"
#include "tests/scheduling/checker_defaults.h"

namespace hyperwright::scheduling {
namespace {

// The kubelet sets the old names beside the stable ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOldNames = {
    {{"beta.kubernetes.io/arch", kube::kArch},
     {"beta.kubernetes.io/os", kube::kOs},
     {"beta.kubernetes.io/instance-type", kube::kInstanceType},
     {"failure-domain.beta.kubernetes.io/zone", kube::kZone},
     {"failure-domain.beta.kubernetes.io/region", kube::kRegion}}};

class Builder {
 public:
  Builder(const Plan& plan, const state::ClusterState& state,
          const std::vector<const state::PodRecord*>& pods, Time now)
      : plan_(plan), state_(state), now_(now) {
    for (const state::PodRecord* pod : pods) planned_.insert(pod->pod.meta.uid);
  }

  checker::Placement build() {
    for (const auto& [name, pool] : state_.node_pools()) placement_.pools.push_back(pool);
    placement_.is_min_values_strict =
        state_.options().min_values_policy == state::MinValuesPolicy::Strict;
    for (const auto& [key, each] : state_.objects<kube::Namespace>())
      placement_.namespaces[key.name] = each.meta.labels;
    add_storage();
    add_reservations();
    for (const auto& [name, record] : state_.nodes()) add_node(name, record);
    for (const auto& [name, record] : state_.claims()) {
      if (record.node_name.empty()) add_claim(name, record);
    }
    for (const auto& [key, record] : state_.pods()) add_pod(record);
    for (const PlacedOnNode& placed : plan_.placed) {
      const std::string node = placed.node.empty() ? node_of_claim(placed.claim) : placed.node;
      add_planned(placed.pods, node);
    }
    for (const NewNode& bought : plan_.new_nodes) add_bought(bought);
    for (const auto& [name, pool] : state_.node_pools()) add_fresh(pool);
    finish();
    return std::move(placement_);
  }

 private:
  [[nodiscard]] std::string node_of_claim(const std::string& claim) const {
    const state::ClaimRecord* record = state_.find_claim(claim);
    return record == nullptr || record->node_name.empty() ? claim : record->node_name;
  }

  void add_storage() {
    for (const auto& [key, each] : state_.objects<kube::PersistentVolume>())
      placement_.storage.volumes[key.name] = each;
    for (const auto& [key, each] : state_.objects<kube::StorageClass>())
      placement_.storage.classes[key.name] = each;
    placement_.storage.claims = state_.objects<kube::PersistentVolumeClaim>();
  }

  void add_reservations() {
    const auto& cluster = state_.hyperpod().cluster();
    if (!cluster) return;
    for (const hyperpod::InstanceGroup& group : cluster->groups) {
      const std::string name = reservation_of(group.name);
      const auto* plan = name.empty() ? nullptr : state_.hyperpod().find_training_plan(name);
      if (plan != nullptr)
        placement_.reservations[name] = plan->total_instances - plan->unhealthy_instances;
    }
  }

  // The tail of its training plan's ARN.
  [[nodiscard]] std::string reservation_of(const std::string& group_name) const {
    const auto& cluster = state_.hyperpod().cluster();
    const auto* group = cluster ? cluster->find_group(group_name) : nullptr;
    if (group == nullptr || group->training_plan_arn.empty()) return {};
    return group->training_plan_arn.substr(group->training_plan_arn.rfind('/') + 1);
  }

  // --- nodes ---

  void add_node(const std::string& name, const state::NodeRecord& record) {
    const state::ClaimRecord* claim = state_.find_claim(record.claim);
    const bool is_registered =
        claim == nullptr || record.node.meta.labels.get(kube::kRegistered) == "true";
    checker::Node node{.name = name};
    node.labels = is_registered ? record.node.meta.labels : claim->claim.meta.labels;
    node.taints = is_registered ? record.node.taints : claim->claim.spec.taints;
    node.room = record.node.allocatable;
    if (const auto* csi = state_.find<kube::CsiNode>("", name)) node.volume_limits = csi->limits;
    if (is_registered && record.node.unschedulable) {
      node.taints.push_back(
          {std::string(kube::kTaintUnschedulable), "", kube::TaintEffect::NoSchedule});
    }
    node.is_going = record.node.meta.is_deleting() ||
                    std::ranges::any_of(record.node.taints, [](const kube::Taint& taint) {
                      return taint.key == kube::kTaintDisrupted;
                    });
    if (claim != nullptr) {
      if (record.node.meta.labels.get(kube::kInitialized) != "true") {
        without_passing(node.taints, claim->claim);
        fill_up(node.room, *claim);
      }
      own(node, *claim);
    }
    placement_.nodes.push_back(std::move(node));
  }

  void add_claim(const std::string& name, const state::ClaimRecord& record) {
    checker::Node node{.name = name};
    node.labels = record.claim.meta.labels;
    node.taints = record.claim.spec.taints;
    without_passing(node.taints, record.claim);
    fill_up(node.room, record);
    own(node, record);
    placement_.nodes.push_back(std::move(node));
  }

  // Taints that go by themselves do not count before the node is initialized.
  static void without_passing(std::vector<kube::Taint>& taints, const kube::NodeClaim& claim) {
    std::erase_if(taints, [&](const kube::Taint& taint) {
      return kube::is_ephemeral_taint(taint) ||
             kube::contains_taint(claim.spec.startup_taints, taint);
    });
  }

  [[nodiscard]] const hyperpod::InstanceType* type_of(const state::ClaimRecord& record) const {
    return record.launch ? state_.instance_types().find(record.launch->offering().type) : nullptr;
  }

  // What the kubelet does not say yet is what the type has.
  void fill_up(kube::Resources& room, const state::ClaimRecord& record) {
    const hyperpod::InstanceType* type = type_of(record);
    if (type == nullptr) return;
    overlaid(hyperpod::allocatable_of(*type, record.claim.meta.labels), record.claim.meta.labels)
        .for_each([&](std::string_view name, std::int64_t amount) {
          if (room.get(name) == 0) room.set(name, amount);
        });
  }

  void own(checker::Node& node, const state::ClaimRecord& record) {
    const kube::StringMap& labels = record.claim.meta.labels;
    node.node_pool = record.claim.node_pool();
    node.is_going = node.is_going || record.is_deleting();
    if (record.launch) node.reservation = reservation_of(record.launch->offering().group);
    if (const hyperpod::InstanceType* type = type_of(record))
      node.capacity = overlaid(hyperpod::capacity_of(*type, labels), labels);
  }

  // Amounts of the NodeOverlays that are valid and select the node: the heaviest, and of those the
  // last by name, is written last.
  [[nodiscard]] kube::Resources overlaid(kube::Resources resources,
                                         const kube::StringMap& labels) const {
    std::vector<const kube::NodeOverlay*> overlays;
    for (const auto& [key, overlay] : state_.objects<kube::NodeOverlay>()) {
      const bool selects =
          std::ranges::all_of(overlay.requirements, [&](const kube::NodeRequirement& requirement) {
            return checker::meets(requirement, labels.find(requirement.key));
          });
      if (selects &&
          kube::is_true(overlay.conditions, kube::node_overlay_condition::kValidationSucceeded))
        overlays.push_back(&overlay);
    }
    std::ranges::stable_sort(overlays, {}, &kube::NodeOverlay::weight);
    for (const kube::NodeOverlay* overlay : overlays) {
      overlay->capacity.for_each(
          [&](std::string_view name, std::int64_t amount) { resources.set(name, amount); });
    }
    return resources;
  }

  void add_bought(const NewNode& bought) {
    checker::Node node{.name = fmt::format("new-{}", ++count_of_new_)};
    node.labels = *bought.labels;
    node.node_pool = bought.node_pool;
    node.is_new = true;
    if (const kube::NodePool* pool = state_.find_node_pool(bought.node_pool))
      node.taints = pool->template_spec.taints;
    if (const auto* group = state_.hyperpod().cluster()->find_group(bought.offering.key.group))
      kube::merge_taints(node.taints, group->taints);
    set_type(node, bought.offering.key.type);
    node.reservation = bought.offering.reservation;
    add_planned(bought.pods, node.name);
    placement_.nodes.push_back(std::move(node));
  }

  void set_type(checker::Node& node, const std::string& name) {
    const hyperpod::InstanceType* type = state_.instance_types().find(name);
    if (type == nullptr) return;
    node.capacity = overlaid(hyperpod::capacity_of(*type, node.labels), node.labels);
    node.room = overlaid(hyperpod::allocatable_of(*type, node.labels), node.labels);
  }

  // --- what a pool could add ---

  void add_fresh(const kube::NodePool& pool) {
    const kube::Condition* ready =
        kube::find_condition(pool.conditions, kube::node_pool_condition::kReady);
    const auto* node_class = state_.find_node_class(pool.template_spec.node_class_ref.name);
    if (pool.meta.is_deleting() || pool.replicas || node_class == nullptr || ready == nullptr ||
        ready->status != kube::ConditionStatus::True || !state_.hyperpod().cluster())
      return;
    const hyperpod::Cluster& cluster = *state_.hyperpod().cluster();
    const auto requirements = kube::Requirements::from(pool.template_spec.requirements);
    std::set<std::string> groups(node_class->instance_groups.begin(),
                                 node_class->instance_groups.end());
    for (const std::string& name : groups) {
      const hyperpod::InstanceGroup* group = cluster.find_group(name);
      if (group == nullptr || group->status == hyperpod::InstanceGroupStatus::Deleting ||
          state_.back_off(name, now_) != nullptr)
        continue;
      const auto offerings = hyperpod::offerings_of(*group, cluster, state_.hyperpod().subnets(),
                                                    state_.instance_types())
                                 .list;
      for (const hyperpod::Offering& offering : offerings)
        add_fresh(pool, requirements, *group, offering);
    }
  }

  void add_fresh(const kube::NodePool& pool, const kube::Requirements& requirements,
                 const hyperpod::InstanceGroup& group, const hyperpod::Offering& offering) {
    const hyperpod::Cluster& cluster = *state_.hyperpod().cluster();
    const hyperpod::InstanceType& type = *state_.instance_types().find(offering.key.type);
    checker::Node node;
    node.node_pool = pool.meta.name;
    node.taints = pool.template_spec.taints;
    kube::merge_taints(node.taints, group.taints);
    node.is_for_sale = !state_.is_unavailable(offering.key, now_);
    node.reservation = offering.reservation;
    node.labels = group.labels;
    node.labels.set(kube::kInstanceGroup, group.name);
    node.labels.set(kube::kComputeType, "hyperpod");
    node.labels.set(kube::kClusterName, cluster.name);
    node.labels.set(kube::kNodeHealthStatus, "Schedulable");
    if (group.has_deep_health_checks) node.labels.set(kube::kDeepHealthCheckStatus, "Passed");
    if (const auto region = hyperpod::region_of(cluster.arn); !region.empty())
      node.labels.set(kube::kRegion, region);
    const kube::StringMap facts = {
        {std::string(kube::kNodePool), pool.meta.name},
        {std::string(kube::kNodeClassLabel), pool.template_spec.node_class_ref.name},
        {std::string(kube::kOs), "linux"},
        {std::string(kube::kArch), type.arch},
        {std::string(kube::kInstanceType), type.name},
        {std::string(kube::kCapacityType),
         std::string(hyperpod::karpenter_word(offering.capacity_type))}};
    node.labels.merge(facts);
    if (!offering.reservation.empty()) node.labels.set(kube::kReservationId, offering.reservation);
    if (!offering.key.zone.empty()) node.labels.set(kube::kZone, offering.key.zone);
    if (!offering.zone_id.empty()) node.labels.set(kube::kZoneId, offering.zone_id);
    for (const auto& [key, value] : pool.template_labels) {
      const std::string* known = node.labels.find(key);
      if (known != nullptr && *known != value) return;
      node.labels.set(key, value);
    }
    set_type(node, type.name);
    add_with_open_keys(requirements, std::move(node));
  }

  // One node for each value of each key that the pool leaves open.
  void add_with_open_keys(const kube::Requirements& requirements, checker::Node node) {
    for (const kube::Requirement& requirement : requirements) {
      const std::string* value = node.labels.find(requirement.key());
      if (value != nullptr && !requirement.has(*value)) return;
      if (value != nullptr || requirement.allows_absence()) continue;
      std::vector<std::string> values = requirement.values();
      if (requirement.is_complement()) {
        values.clear();
        if (const auto any = requirement.any_value()) values.push_back(*any);
      }
      for (const std::string& open : values) {
        checker::Node with = node;
        with.labels.set(requirement.key(), open);
        add_with_open_keys(requirements, std::move(with));
      }
      return;
    }
    node.name = fmt::format("fresh-{}", placement_.fresh.size());
    placement_.fresh.push_back(std::move(node));
  }

  // --- pods ---

  void add_pod(const state::PodRecord& record) {
    if (planned_.contains(record.pod.meta.uid)) return;
    std::string node = record.pod.node_name;
    if (node.empty() && record.nomination) {
      node = record.nomination->node.empty() ? node_of_claim(record.nomination->claim)
                                             : record.nomination->node;
    }
    if (!node.empty()) placement_.pods.push_back({record.pod, node, false});
  }

  void add_planned(const std::vector<std::string>& uids, const std::string& node) {
    for (const std::string& uid : uids)
      placement_.pods.push_back(
          {with_default_spread(state_.find_pod(uid)->pod, state_), node, true});
  }

  // --- hostnames, old names, DaemonSets ---

  void finish() {
    for (auto* nodes : {&placement_.nodes, &placement_.fresh}) {
      for (checker::Node& node : *nodes) {
        if (!node.labels.contains(kube::kHostname)) node.labels.set(kube::kHostname, node.name);
        for (const auto& [old_name, name] : kOldNames) {
          if (const std::string* value = node.labels.find(name)) node.labels.set(old_name, *value);
        }
        for (const auto& [key, set] : state_.objects<kube::DaemonSet>()) add_daemon_set(node, set);
      }
    }
  }

  void add_daemon_set(checker::Node& node, const kube::DaemonSet& set) {
    const auto is_of_set = [&](const kube::Pod& pod) {
      const kube::OwnerReference* owner = pod.meta.controller();
      return owner != nullptr && owner->uid == set.meta.uid;
    };
    const bool is_there =
        std::ranges::any_of(placement_.pods, [&](const checker::PlacedPod& placed) {
          return placed.node == node.name && is_of_set(placed.pod);
        });
    if (is_there || !checker::may_run(set.scheduling, node)) return;
    // The newest live pod says what its successors will ask for.
    const kube::Pod* newest = nullptr;
    for (const auto& [key, record] : state_.pods()) {
      if (is_of_set(record.pod) &&
          (newest == nullptr || newest->meta.creation_time <= record.pod.meta.creation_time))
        newest = &record.pod;
    }
    const kube::Scheduling& wants = newest == nullptr ? set.scheduling : newest->scheduling;
    node.room -= wants.requests;
    node.taken_ports.insert(node.taken_ports.end(), wants.host_ports.begin(),
                            wants.host_ports.end());
  }

  const Plan& plan_;
  const state::ClusterState& state_;
  Time now_;
  std::set<std::string> planned_;
  checker::Placement placement_;
  int count_of_new_ = 0;
};

}  // namespace

checker::Placement placement_of(const Plan& plan, const state::ClusterState& state,
                                const std::vector<const state::PodRecord*>& pods, Time now) {
  return Builder(plan, state, pods, now).build();
}

}  // namespace hyperwright::scheduling
