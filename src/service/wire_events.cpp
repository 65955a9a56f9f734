// The summaries of ListClusterEvents and the details of DescribeClusterEvent.
#include <boost/json.hpp>

#include "hyperpod/epoch_seconds.h"
#include "service/wire.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

void put(json::object& object, std::string_view member, const std::string& text) {
  if (!text.empty()) object[member] = text;
}

// EventMetadata is a union: exactly one member, or none.
json::object metadata_of(const EventRecord& event) {
  if (event.scaling) {
    return {{"InstanceGroupScaling",
             {{"TargetCount", event.scaling->target}, {"MinCount", event.scaling->min}}}};
  }
  if (event.resource_type != hyperpod::EventResourceType::Instance) return {};
  json::object instance;
  put(instance, "NodeLogicalId", event.node_logical_id);
  put(instance, "FailureMessage", event.failure_message);
  put(instance, "LcsExecutionState", event.lifecycle_state);
  return {{"Instance", std::move(instance)}};
}

}  // namespace

json::object encode_event_summary(const ClusterRecord& cluster, const EventRecord& event) {
  json::object object{{"EventId", event.id},
                      {"ClusterArn", cluster.arn},
                      {"ClusterName", cluster.name},
                      {"ResourceType", to_string(event.resource_type)},
                      {"EventTime", hyperpod::to_epoch_seconds(event.time)},
                      {"EventLevel", to_string(event.level)},
                      {"Description", event.description}};
  put(object, "InstanceGroupName", event.group);
  put(object, "InstanceId", event.instance_id);
  return object;
}

json::object encode_event_details(const ClusterRecord& cluster, const EventRecord& event) {
  json::object object = encode_event_summary(cluster, event);
  if (json::object metadata = metadata_of(event); !metadata.empty()) {
    object["EventDetails"] = {{"EventMetadata", std::move(metadata)}};
  }
  return {{"EventDetails", std::move(object)}};
}

}  // namespace hyperwright::service
