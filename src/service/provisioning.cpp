#include "service/provisioning.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "service/event_log.h"
#include "service/registration.h"
#include "service/zones.h"

namespace hyperwright::service {
namespace {

using hyperpod::EventLevel;

struct Choice {
  std::string type;
  hyperpod::Subnet place;
};

std::int32_t instances_of(const ControlPlane& state, std::string_view type, std::string_view zone) {
  std::int32_t count = 0;
  for (const ClusterRecord& cluster : state.clusters) {
    for (const NodeRecord& node : cluster.nodes) {
      if (node.has_instance() && node.instance_type == type && node.place.zone == zone) ++count;
    }
  }
  return count;
}

bool has_capacity(const Turn& turn, std::string_view type, std::string_view zone) {
  const auto limit = available(turn.scenario(), type, zone, turn.since_start());
  return !limit || instances_of(turn.state, type, zone) < *limit;
}

const std::vector<std::string>& types_to_try(const GroupRecord& group, const NodeRecord& node) {
  return node.wanted_types.empty() ? group.instance_types : node.wanted_types;
}

std::vector<hyperpod::Subnet> places_to_try(const Turn& turn, const ClusterRecord& cluster,
                                            const GroupRecord& group, const NodeRecord& node) {
  std::vector<hyperpod::Subnet> places = places_of(turn.state, cluster, group);
  if (node.wanted_zones.empty()) return places;
  std::erase_if(places, [&node](const hyperpod::Subnet& place) {
    return std::ranges::find(node.wanted_zones, place.zone) == node.wanted_zones.end();
  });
  return places;
}

// The first type counts most, then the first subnet. A flexible group lists its types in order of
// preference.
std::optional<Choice> choose(const Turn& turn, const ClusterRecord& cluster,
                             const GroupRecord& group, const NodeRecord& node) {
  const auto places = places_to_try(turn, cluster, group, node);
  for (const std::string& type : types_to_try(group, node)) {
    for (const hyperpod::Subnet& place : places) {
      if (has_capacity(turn, type, place.zone)) return Choice{type, place};
    }
  }
  return std::nullopt;
}

std::string shortage_text(const Turn& turn, const ClusterRecord& cluster, const GroupRecord& group,
                          const NodeRecord& node) {
  std::vector<std::string> zones;
  for (const hyperpod::Subnet& place : places_to_try(turn, cluster, group, node)) {
    if (std::ranges::find(zones, place.zone) == zones.end()) zones.push_back(place.zone);
  }
  return fmt::format(
      "Insufficient capacity: there is not enough {} capacity in {} now. HyperPod keeps trying.",
      fmt::join(types_to_try(group, node), ", "), fmt::join(zones, ", "));
}

std::string failed_text(const ClusterRecord& cluster, const NodeRecord& node) {
  return fmt::format("Instance creation in Cluster {} and InstanceGroup {} failed", cluster.name,
                     node.group);
}

std::string private_ip(std::uint64_t number) {
  return fmt::format("10.{}.{}.{}", number >> 16U & 0xffU, number >> 8U & 0xffU, number & 0xffU);
}

// Whatever the scenario says: a node that fails at once and for ever must not stop time.
constexpr Duration kRetryMin = Duration::milliseconds(100);

// The instance is no longer billed, and the record forgets it.
void end_billing(Turn& turn, const GroupRecord& group, const NodeRecord& node) {
  add_instance_time(turn.state.ended_instances, node.instance_type, group.capacity_type,
                    turn.now - *node.launched);
}

void forget_instance(NodeRecord& node) {
  node.instance_id.clear();
  node.instance_type.clear();
  node.place = {};
  node.private_ip.clear();
  node.launched.reset();
}

void remove_from_kubernetes(Turn& turn, const ClusterRecord& cluster, NodeRecord& node) {
  if (node.is_registered)
    put_out(turn, NodeToRemove{.cluster = cluster.name, .name = node_name(node)});
  node.is_registered = false;
}

void fail_attempt(Turn& turn, ClusterRecord& cluster, NodeRecord& node, std::string message,
                  std::string lifecycle_state) {
  record_node_event(turn, cluster, node,
                    {.level = EventLevel::Error,
                     .description = failed_text(cluster, node),
                     .failure_message = message,
                     .lifecycle_state = std::move(lifecycle_state)});
  node.message = std::move(message);
  node.phase = NodePhase::Retrying;
  set_due(turn, cluster, node,
          std::max(turn.after(turn.scenario().delays.retry), turn.now + kRetryMin));
}

void launch(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, NodeRecord& node) {
  const auto choice = choose(turn, cluster, group, node);
  if (!choice) {
    fail_attempt(turn, cluster, node, shortage_text(turn, cluster, group, node), "");
    return;
  }
  node.instance_id = draw_instance_id(turn.random);
  node.instance_type = choice->type;
  node.place = choice->place;
  node.private_ip = private_ip(turn.next_sequence());
  node.launched = turn.now;
  node.phase = NodePhase::Joining;
  const bool joins =
      !is_faulty(turn.scenario().never_joins, node.group, node.instance_type, turn.since_start());
  set_due(turn, cluster, node, joins ? turn.after(turn.scenario().delays.join) : Time::max());
  record_node_event(turn, cluster, node,
                    {.description = fmt::format("EC2 instance of type {} is provisioned in {}",
                                                node.instance_type, node.place.zone)});
}

void join(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, NodeRecord& node) {
  if (is_faulty(turn.scenario().failing_lifecycle_script, node.group, node.instance_type,
                turn.since_start())) {
    end_billing(turn, group, node);
    fail_attempt(
        turn, cluster, node,
        "Lifecycle scripts did not run successfully. The instance is terminated and tried again.",
        "Failed");
    forget_instance(node);
    return;
  }
  node.phase = NodePhase::Running;
  node.is_registered = true;
  set_due(turn, cluster, node, Time::max());
  put_out(turn,
          NodeToRegister{.cluster = cluster.name, .node = node_object(turn, cluster, group, node)});
  record_node_event(turn, cluster, node,
                    {.description = node.is_replacing ? "Instance replacement is completed"
                                                      : "Instance is running",
                     .lifecycle_state = "Succeeded"});
  node.is_replacing = false;
}

void erase(Turn& turn, ClusterRecord& cluster, NodeRecord& node) {
  set_due(turn, cluster, node, Time::max());
  cluster.nodes.erase(cluster.nodes.begin() + (&node - cluster.nodes.data()));
}

const GroupRecord& group_of(const ClusterRecord& cluster, const NodeRecord& node) {
  const GroupRecord* group = find_group(cluster, node.group);
  check(group != nullptr, "a group outlives its nodes");
  return *group;
}

}  // namespace

NodeRecord& add_node(Turn& turn, ClusterRecord& cluster, const GroupRecord& group, Time from,
                     std::vector<std::string> wanted_types, std::vector<std::string> wanted_zones) {
  NodeRecord& node = cluster.nodes.emplace_back();
  node.sequence = turn.next_sequence();
  node.logical_id = turn.random.uuid();
  node.group = group.name;
  node.created = turn.now;
  node.wanted_types = std::move(wanted_types);
  node.wanted_zones = std::move(wanted_zones);
  set_due(turn, cluster, node,
          from + draw_delay(turn.scenario().delays, turn.scenario().delays.launch, turn.random));
  return node;
}

void remove_node(Turn& turn, ClusterRecord& cluster, std::string_view logical_id) {
  NodeRecord* node = find_node(cluster, logical_id);
  check(node != nullptr && node->counts(), "a node is removed once");
  if (!node->has_instance()) {
    record_node_event(turn, cluster, *node, {.description = "Instance request is withdrawn"});
    erase(turn, cluster, *node);
    return;
  }
  record_node_event(turn, cluster, *node, {.description = "Instance termination is started"});
  end_billing(turn, group_of(cluster, *node), *node);
  node->phase = NodePhase::ShuttingDown;
  node->message.clear();
  set_due(turn, cluster, *node, turn.after(turn.scenario().delays.terminate));
}

void replace_node(Turn& turn, ClusterRecord& cluster, NodeRecord& node) {
  check(node.has_instance() && node.counts(), "only a living instance is replaced");
  record_node_event(turn, cluster, node,
                    {.level = EventLevel::Warn, .description = "Instance replacement is started"});
  end_billing(turn, group_of(cluster, node), node);
  remove_from_kubernetes(turn, cluster, node);
  forget_instance(node);
  node.phase = NodePhase::Launching;
  node.is_replacing = true;
  set_due(turn, cluster, node, turn.after(turn.scenario().delays.launch));
}

void advance_node(Turn& turn, ClusterRecord& cluster, NodeRecord& node) {
  switch (node.phase) {
    case NodePhase::Launching:
      launch(turn, cluster, group_of(cluster, node), node);
      return;
    case NodePhase::Retrying:
      node.phase = NodePhase::Launching;
      node.message.clear();
      set_due(turn, cluster, node, turn.after(turn.scenario().delays.launch));
      return;
    case NodePhase::Joining:
      join(turn, cluster, group_of(cluster, node), node);
      return;
    case NodePhase::Running:
      check(false, "a running node has no due time");
      return;
    case NodePhase::ShuttingDown:
      record_node_event(turn, cluster, node, {.description = "Instance is terminated"});
      remove_from_kubernetes(turn, cluster, node);
      erase(turn, cluster, node);
      return;
  }
}

}  // namespace hyperwright::service
