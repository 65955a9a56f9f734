// The summaries of ListClusterNodes, the details of DescribeClusterNode, and the results of the
// scaling calls.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/epoch_seconds.h"
#include "service/wire.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

// ip-10-0-0-7.ec2.internal
std::string dns_hostname(const NodeRecord& node, std::string_view region) {
  std::string address = node.private_ip;
  std::ranges::replace(address, '.', '-');
  return region == "us-east-1" ? fmt::format("ip-{}.ec2.internal", address)
                               : fmt::format("ip-{}.{}.compute.internal", address, region);
}

const GroupRecord& group_of(const ClusterRecord& cluster, const NodeRecord& node) {
  const GroupRecord* group = find_group(cluster, node.group);
  check(group != nullptr, "a group outlives its nodes");
  return *group;
}

// A node that has no instance yet shows an empty InstanceId, and as LaunchTime the time at which it
// was asked for: the API's model promises both members.
json::object encode_node(const ClusterRecord& cluster, const NodeRecord& node,
                         std::string_view region) {
  json::object status{{"Status", to_string(status_of(node))}};
  if (!node.message.empty()) status["Message"] = node.message;
  json::object object{
      {"InstanceGroupName", node.group},
      {"InstanceId", node.instance_id},
      {"InstanceType", type_of(node, group_of(cluster, node))},
      {"LaunchTime", hyperpod::to_epoch_seconds(node.launched.value_or(node.created))},
      {"InstanceStatus", std::move(status)}};
  if (node.has_instance()) object["PrivateDnsHostname"] = dns_hostname(node, region);
  return object;
}

json::array encode_failures(const std::vector<hyperpod::DeleteFailure>& failures,
                            std::string_view code_member, std::string_view id_member) {
  json::array array;
  for (const hyperpod::DeleteFailure& failure : failures) {
    array.emplace_back(json::object{
        {code_member, failure.code}, {"Message", failure.message}, {id_member, failure.id}});
  }
  return array;
}

}  // namespace

json::object encode_node_summary(const ClusterRecord& cluster, const NodeRecord& node,
                                 bool with_logical_id, std::string_view region) {
  json::object object = encode_node(cluster, node, region);
  if (with_logical_id) object["NodeLogicalId"] = node.logical_id;
  return object;
}

json::object encode_node_details(const ClusterRecord& cluster, const NodeRecord& node,
                                 std::string_view region) {
  json::object object = encode_node(cluster, node, region);
  const GroupRecord& group = group_of(cluster, node);
  object["NodeLogicalId"] = node.logical_id;
  object["CapacityType"] = to_string(group.capacity_type);
  if (node.has_instance()) {
    object["PrivatePrimaryIp"] = node.private_ip;
    object["Placement"] = {{"AvailabilityZone", node.place.zone},
                           {"AvailabilityZoneId", node.place.zone_id}};
  }
  for (const std::string_view member : {"LifeCycleConfig", "OverrideVpcConfig", "ThreadsPerCore",
                                        "InstanceStorageConfigs", "NetworkInterface"}) {
    if (const std::string* text = group.as_given.find(member)) object[member] = json::parse(*text);
  }
  return {{"NodeDetails", std::move(object)}};
}

json::object encode_add_result(const hyperpod::AddResult& result) {
  json::array successful, failed;
  const auto put_places = [](json::object& object, const auto& entry) {
    if (!entry.zones.empty()) object["AvailabilityZones"] = texts(entry.zones);
    if (!entry.types.empty()) object["InstanceTypes"] = texts(entry.types);
  };
  for (const hyperpod::NodeAddition& node : result.successful) {
    json::object object{{"NodeLogicalId", node.logical_id},
                        {"InstanceGroupName", node.group},
                        {"Status", to_string(node.status)}};
    put_places(object, node);
    successful.emplace_back(std::move(object));
  }
  for (const hyperpod::AddFailure& failure : result.failed) {
    json::object object{{"InstanceGroupName", failure.group},
                        {"ErrorCode", failure.code},
                        {"FailedCount", failure.count},
                        {"Message", failure.message}};
    put_places(object, failure);
    failed.emplace_back(std::move(object));
  }
  return {{"Successful", std::move(successful)}, {"Failed", std::move(failed)}};
}

json::object encode_delete_result(const hyperpod::DeleteResult& nodes,
                                  const hyperpod::DeleteResult& logical_ids,
                                  std::string_view code_member) {
  json::object object;
  const auto put = [&object](std::string_view member, json::array array) {
    if (!array.empty()) object[member] = std::move(array);
  };
  put("Successful", texts(nodes.successful));
  put("Failed", encode_failures(nodes.failed, code_member, "NodeId"));
  put("SuccessfulNodeLogicalIds", texts(logical_ids.successful));
  put("FailedNodeLogicalIds", encode_failures(logical_ids.failed, code_member, "NodeLogicalId"));
  return object;
}

}  // namespace hyperwright::service
