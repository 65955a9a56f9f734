// BatchAddClusterNodes: raises target counts, and names the logical id of each node that will come.
//
// The answer never says "no capacity": what can be refused here is a group or a place that does not
// exist. One specification may fail while others succeed; the HTTP status is 200 then. A
// ClientToken is good for 8 hours: the same token with the same NodesToAdd gives the same logical
// ids again, each with its status of now (NotFound where it was deleted since); with another
// NodesToAdd it is an error.
#include <algorithm>
#include <numeric>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/event_log.h"
#include "service/group_specification.h"
#include "service/operations.h"
#include "service/provisioning.h"
#include "service/wire.h"
#include "service/zones.h"

namespace hyperwright::service {
namespace {

constexpr Duration kTokenLife = Duration::hours(8);
constexpr std::size_t kTypesMax = 20;
constexpr std::size_t kZonesMax = 10;

struct Request {
  std::string cluster{};
  std::string token{};
  std::vector<hyperpod::AddSpecification> nodes{};
  std::string parameters{};
};

void check_types(const RequestReader& node, const std::vector<std::string>& names,
                 const hyperpod::InstanceTypes& types) {
  for (const std::string& name : names) {
    if (types.find(name) == nullptr)
      node.constraint("InstanceTypes", name, "Member must be an instance type of HyperPod");
  }
}

Request read(const RequestReader& reader, const hyperpod::InstanceTypes& types) {
  Request request;
  request.cluster = read_cluster_name(reader);
  request.token = reader.text("ClientToken", {.max = 64, .pattern = &kClientTokenPattern});
  for (const RequestReader& node :
       reader.objects("NodesToAdd", {Need::Required, 1, hyperpod::kAddSpecificationsMax})) {
    hyperpod::AddSpecification specification;
    specification.group = node.text("InstanceGroupName", {Need::Required, 1, 63, &kNamePattern});
    specification.count =
        node.number("IncrementTargetCountBy", {Need::Required, 1, hyperpod::kAddNodesMax})
            .value_or(0);
    specification.zones =
        node.texts("AvailabilityZones", {.min = 1, .max = kZonesMax}, {.pattern = &kZonePattern});
    specification.types = node.texts("InstanceTypes", {.min = 1, .max = kTypesMax}, {});
    check_types(node, specification.types, types);
    request.nodes.push_back(std::move(specification));
  }
  request.parameters = reader.json_text("NodesToAdd");
  return request;
}

bool is_subset(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::ranges::all_of(part, [&whole](const std::string& text) {
    return std::ranges::find(whole, text) != whole.end();
  });
}

struct Refusal {
  std::string code;
  std::string message;
};

std::optional<Refusal> refusal_of(const ControlPlane& state, const ClusterRecord& cluster,
                                  const hyperpod::AddSpecification& wanted) {
  const GroupRecord* group = find_group(cluster, wanted.group);
  if (group == nullptr) {
    return Refusal{"InstanceGroupNotFound",
                   fmt::format("Cluster {} has no InstanceGroup {}.", cluster.name, wanted.group)};
  }
  if (group->status != hyperpod::InstanceGroupStatus::InService) {
    return Refusal{"InvalidInstanceGroupStatus",
                   fmt::format("InstanceGroup {} is {}; nodes can be added when it is InService.",
                               group->name, to_string(group->status))};
  }
  if (!group->is_flexible && !wanted.types.empty()) {
    return Refusal{"IncompatibleInstanceTypes",
                   fmt::format("InstanceGroup {} is not flexible: InstanceTypes cannot be chosen.",
                               group->name)};
  }
  if (!group->is_flexible && !wanted.zones.empty()) {
    return Refusal{
        "IncompatibleAvailabilityZones",
        fmt::format("InstanceGroup {} is not flexible: AvailabilityZones cannot be chosen.",
                    group->name)};
  }
  if (!is_subset(wanted.types, group->instance_types)) {
    return Refusal{"IncompatibleInstanceTypes",
                   fmt::format("InstanceGroup {} has the instance types {} only.", group->name,
                               fmt::join(group->instance_types, ", "))};
  }
  std::vector<std::string> zones;
  for (const hyperpod::Subnet& place : places_of(state, cluster, *group))
    zones.push_back(place.zone);
  if (!is_subset(wanted.zones, zones)) {
    return Refusal{"IncompatibleAvailabilityZones",
                   fmt::format("The subnets of InstanceGroup {} are in {} only.", group->name,
                               fmt::join(zones, ", "))};
  }
  return std::nullopt;
}

hyperpod::AddResult add(Turn& turn, ClusterRecord& cluster, const Request& request) {
  hyperpod::AddResult result;
  for (const hyperpod::AddSpecification& wanted : request.nodes) {
    if (auto refusal = refusal_of(turn.state, cluster, wanted)) {
      result.failed.push_back({.group = wanted.group,
                               .code = std::move(refusal->code),
                               .count = wanted.count,
                               .zones = wanted.zones,
                               .types = wanted.types,
                               .message = std::move(refusal->message)});
      continue;
    }
    const GroupRecord& group = *find_group(cluster, wanted.group);
    for (std::int32_t i = 0; i < wanted.count; ++i) {
      const NodeRecord& node = add_node(turn, cluster, group, turn.now, wanted.types, wanted.zones);
      result.successful.push_back({.logical_id = node.logical_id,
                                   .group = wanted.group,
                                   .status = status_of(node),
                                   .zones = wanted.zones,
                                   .types = wanted.types});
    }
    record_scaling_event(
        turn, cluster, group,
        fmt::format("Scaling of InstanceGroup {} by {} is started", group.name, wanted.count));
  }
  return result;
}

// The largest group may hold so many, whatever the quota is.
std::optional<Answer> limit_refusal(const Turn& turn, const ClusterRecord& cluster,
                                    const Request& request) {
  std::int32_t delta = 0;
  for (const hyperpod::AddSpecification& wanted : request.nodes) {
    if (refusal_of(turn.state, cluster, wanted)) continue;
    delta += wanted.count;
    if (target_count(cluster, wanted.group) + wanted.count > kGroupInstancesMax) {
      return resource_limit_exceeded(fmt::format("InstanceGroup {} can have {} instances at most.",
                                                 wanted.group, kGroupInstancesMax));
    }
  }
  return quota_refusal(turn, target_count(cluster), delta);
}

// They stand in the order of their times, too.
void forget_old_calls(Turn& turn, ClusterRecord& cluster) {
  auto& calls = cluster.add_calls;
  const auto young = std::ranges::find_if(
      calls, [&turn](const AddCall& call) { return call.time + kTokenLife > turn.now; });
  for (auto call = calls.begin(); call != young; ++call) turn.touched.touch(cluster, *call);
  calls.erase(calls.begin(), young);
}

const AddCall* find_call(const ClusterRecord& cluster, std::string_view token) {
  const auto at = std::ranges::find(cluster.add_calls, token, &AddCall::token);
  return at == cluster.add_calls.end() ? nullptr : &*at;
}

Answer replay(const ClusterRecord& cluster, const AddCall& call, const Request& request) {
  if (call.parameters != request.parameters) {
    return validation_error(fmt::format(
        "ClientToken {} was used with other parameters before: use a new token for a new request.",
        request.token));
  }
  hyperpod::AddResult result = call.result;
  for (hyperpod::NodeAddition& addition : result.successful) {
    const NodeRecord* node = find_node(cluster, addition.logical_id);
    addition.status = node == nullptr ? hyperpod::InstanceStatus::NotFound : status_of(*node);
  }
  return success(encode_add_result(result));
}

}  // namespace

Answer batch_add_cluster_nodes(Turn& turn, const RequestReader& reader, RequestProblems& problems) {
  const Request request = read(reader, turn.types);
  if (const auto wrong = problems.answer()) return *wrong;
  const auto total =
      std::accumulate(request.nodes.begin(), request.nodes.end(), std::int32_t{0},
                      [](std::int32_t sum, const auto& node) { return sum + node.count; });
  if (total > hyperpod::kAddNodesMax) {
    return validation_error(
        fmt::format("NodesToAdd asks for {} nodes; one request can add {} at most.", total,
                    hyperpod::kAddNodesMax));
  }
  ClusterRecord* cluster = find_cluster(turn.state, request.cluster);
  if (cluster == nullptr) return cluster_not_found(request.cluster);

  forget_old_calls(turn, *cluster);
  if (!request.token.empty()) {
    if (const AddCall* call = find_call(*cluster, request.token))
      return replay(*cluster, *call, request);
  }
  if (const auto refusal = limit_refusal(turn, *cluster, request)) return *refusal;
  const hyperpod::AddResult result = add(turn, *cluster, request);
  if (!request.token.empty()) {
    turn.touched.touch(*cluster,
                       cluster->add_calls.emplace_back(AddCall{.sequence = turn.next_sequence(),
                                                               .token = request.token,
                                                               .parameters = request.parameters,
                                                               .time = turn.now,
                                                               .result = result}));
  }
  return success(encode_add_result(result));
}

}  // namespace hyperwright::service
