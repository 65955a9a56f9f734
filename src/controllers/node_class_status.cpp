// HyperpodNodeClass status: do its instance groups exist, and are their zones known?
//
//   InstanceGroupReady  every named group is in the cluster; 1 to 10 of them
//   SubnetsReady        every subnet of those groups has a known zone
//   Ready               both
//
// Source: "Autoscaling on SageMaker HyperPod EKS", Creating a NodeClass: conditions and status
// fields.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "controllers/controllers.h"
#include "controllers/record.h"

namespace hyperwright::controllers {
namespace {

namespace condition = kube::node_class_condition;

struct Verdict {
  kube::ConditionStatus status = kube::ConditionStatus::True;
  std::string_view reason;
  std::string message;
};

Verdict is_false(std::string_view reason, std::string message) {
  return {kube::ConditionStatus::False, reason, std::move(message)};
}
Verdict is_unknown(std::string_view reason, std::string message) {
  return {kube::ConditionStatus::Unknown, reason, std::move(message)};
}

Verdict groups_verdict(const kube::HyperpodNodeClass& node_class,
                       const hyperpod::Cluster& cluster) {
  if (!node_class.decode_problems.empty())
    return is_false("InvalidSpec", fmt::format("{}", fmt::join(node_class.decode_problems, "; ")));
  if (node_class.instance_groups.empty()) {
    return is_false("NoInstanceGroups",
                    "spec.instanceGroups is empty; name 1 to 10 instance groups of the cluster");
  }
  if (node_class.instance_groups.size() > kube::kNodeClassGroupsMax) {
    return is_false("TooManyInstanceGroups",
                    fmt::format("spec.instanceGroups names {} groups, at most {} are allowed; "
                                "split them over several HyperpodNodeClasses",
                                node_class.instance_groups.size(), kube::kNodeClassGroupsMax));
  }
  std::vector<std::string> missing;
  for (const std::string& name : node_class.instance_groups) {
    if (cluster.find_group(name) == nullptr) missing.push_back(name);
  }
  if (missing.empty()) return {};
  std::vector<std::string> known;
  known.reserve(cluster.groups.size());
  for (const hyperpod::InstanceGroup& group : cluster.groups) known.push_back(group.name);
  std::ranges::sort(known);
  return is_false(
      "InstanceGroupNotFound",
      fmt::format(
          "spec.instanceGroups: \"{}\" is no instance group of cluster \"{}\", which has: {}",
          fmt::join(missing, "\", \""), cluster.name, fmt::join(known, ", ")));
}

Verdict subnets_verdict(const std::vector<const hyperpod::InstanceGroup*>& groups,
                        const state::HyperPodView& view) {
  for (const hyperpod::InstanceGroup* group : groups) {
    const auto& subnets = hyperpod::subnets_of(*group, *view.cluster());
    if (subnets.empty())
      return is_false("SubnetsNotFound",
                      fmt::format("instance group \"{}\" has no subnets", group->name));
    for (const std::string& id : subnets) {
      const hyperpod::Subnet* subnet = view.find_subnet(id);
      if (subnet != nullptr && !subnet->zone.empty()) continue;
      if (!view.subnets_problem().empty()) {
        return is_false(
            "ZoneUnknown",
            fmt::format("the zone of subnet {} of instance group \"{}\" is not known: {}; allow "
                        "ec2:DescribeSubnets, or name its zone in the file of --subnet-zones",
                        id, group->name, view.subnets_problem()));
      }
      if (subnet != nullptr) {
        return is_false(
            "ZoneUnknown",
            fmt::format("the zone of subnet {} of instance group \"{}\" is not known: EC2 has no "
                        "such subnet; give the group subnets that exist (OverrideVpcConfig), or "
                        "name its zone in the file of --subnet-zones",
                        id, group->name));
      }
      return is_unknown("AwaitingSubnets",
                        fmt::format("the zone of subnet {} is being asked for", id));
    }
  }
  return {};
}

kube::NodeClassInstanceGroup status_of(const hyperpod::InstanceGroup& group,
                                       const state::HyperPodView& view) {
  kube::NodeClassInstanceGroup status{.name = group.name,
                                      .instance_types = group.instance_types,
                                      .subnets = {},
                                      .desired_labels = group.labels,
                                      .capacity_type = std::string(to_string(group.capacity_type))};
  for (const std::string& id : hyperpod::subnets_of(group, *view.cluster())) {
    const hyperpod::Subnet* subnet = view.find_subnet(id);
    status.subnets.push_back(
        subnet == nullptr ? kube::NodeClassSubnet{.id = id, .zone = {}, .zone_id = {}}
                          : kube::NodeClassSubnet{subnet->id, subnet->zone, subnet->zone_id});
  }
  return status;
}

// Types that cannot be bought because nobody knows what they cost.
std::vector<std::string> types_without_price(
    const std::vector<const hyperpod::InstanceGroup*>& groups,
    const hyperpod::InstanceTypes& types) {
  std::set<std::string> names;
  for (const hyperpod::InstanceGroup* group : groups) {
    for (const std::string& name : group->instance_types) {
      const hyperpod::InstanceType* type = types.find(name);
      if (type == nullptr || !type->on_demand) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

void write(kube::ConditionWriter& writer, std::string_view type, const Verdict& verdict) {
  if (verdict.status == kube::ConditionStatus::True) return writer.set_true(type);
  if (verdict.status == kube::ConditionStatus::False)
    return writer.set_false(type, verdict.reason, verdict.message);
  writer.set_unknown(type, verdict.reason, verdict.message);
}

void update_status(const Context& context, const kube::HyperpodNodeClass& node_class,
                   Decision& decision) {
  const state::HyperPodView& view = context.state.hyperpod();
  kube::HyperpodNodeClass next = node_class;
  kube::ConditionWriter writer(next.conditions, condition::kDependents, node_class.meta.generation,
                               node_class.meta.creation_time, context.now);
  if (!view.cluster()) {
    const std::string why = view.cluster_problem().empty()
                                ? "the HyperPod cluster is being described"
                                : view.cluster_problem();
    write(writer, condition::kInstanceGroupReady, is_unknown("AwaitingCluster", why));
    write(writer, condition::kSubnetsReady, is_unknown("AwaitingCluster", why));
  } else {
    std::vector<const hyperpod::InstanceGroup*> groups;
    next.status_instance_groups.clear();
    for (const std::string& name : node_class.instance_groups) {
      const hyperpod::InstanceGroup* group = view.cluster()->find_group(name);
      if (group == nullptr) continue;
      groups.push_back(group);
      next.status_instance_groups.push_back(status_of(*group, view));
    }
    write(writer, condition::kInstanceGroupReady, groups_verdict(node_class, *view.cluster()));
    write(writer, condition::kSubnetsReady, subnets_verdict(groups, view));
    const auto unpriced = types_without_price(groups, context.state.instance_types());
    if (!unpriced.empty()) {
      decision.emit(warning(node_class, "PriceUnknown",
                            fmt::format("No price is known of {}: no node of these types is "
                                        "bought. Give one with --prices FILE, or allow "
                                        "pricing:GetProducts",
                                        fmt::join(unpriced, ", ")),
                            Duration::hours(1)),
                    "price_unknown");
    }
  }
  if (next != node_class) decision.emit(state::UpdateNodeClassStatus{std::move(next)}, "status");
}

}  // namespace

void node_class_status(const Context& context, const state::Key& key, Decision& decision) {
  if (key.of == state::Key::Of::NodeClass) {
    const kube::HyperpodNodeClass* node_class = context.state.find_node_class(key.name);
    if (node_class != nullptr && !node_class->meta.is_deleting())
      update_status(context, *node_class, decision);
    return;
  }
  for (const auto& [name, node_class] : context.state.node_classes()) {
    if (!node_class.meta.is_deleting()) update_status(context, node_class, decision);
  }
}

}  // namespace hyperwright::controllers
