// ListClusterEvents and DescribeClusterEvent.
#include <boost/json.hpp>

#include "hyperpod/answer_reader.h"
#include "hyperpod/epoch_seconds.h"
#include "hyperpod/wire.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;
namespace {

constexpr std::int32_t kPageSize = 100;  // the API's largest

ClusterEvent read_event(const AnswerReader& reader) {
  ClusterEvent event;
  event.id = reader.required_text("EventId");
  event.time = reader.time("EventTime").value_or(Time{});
  event.level = reader.enumerator("EventLevel", EventLevel::Info);
  event.resource_type = reader.required_enumerator<EventResourceType>("ResourceType");
  event.group = reader.text("InstanceGroupName");
  event.instance_id = reader.text("InstanceId");
  event.description = reader.text("Description");
  return event;
}

}  // namespace

json::object list_events_request(std::string_view cluster, Time after,
                                 std::string_view next_token) {
  json::object request{{"ClusterName", cluster},
                       {"EventTimeAfter", to_epoch_seconds(after)},
                       {"SortBy", "EventTime"},
                       {"SortOrder", "Descending"},
                       {"MaxResults", kPageSize}};
  if (!next_token.empty()) request["NextToken"] = next_token;
  return request;
}

Result<Page<ClusterEvent>> decode_events(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  Page<ClusterEvent> page;
  for (const AnswerReader& event : reader.objects("Events"))
    page.items.push_back(read_event(event));
  page.next_token = reader.text("NextToken");
  if (Status read = problem.status(); !read) return fail(read.error());
  return page;
}

json::object describe_event_request(std::string_view cluster, std::string_view event_id) {
  return {{"ClusterName", cluster}, {"EventId", event_id}};
}

Result<ClusterEvent> decode_event(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  const AnswerReader details = reader.object("EventDetails");
  ClusterEvent event = read_event(details);
  // A union: at most one of these members is there.
  const AnswerReader metadata = details.object("EventDetails").object("EventMetadata");
  for (const std::string_view member :
       {"Instance", "InstanceGroup", "InstanceGroupScaling", "Cluster"}) {
    if (!metadata.has(member)) continue;
    event.failure_message = metadata.object(member).text("FailureMessage");
    event.node_logical_id = metadata.object(member).text("NodeLogicalId");
  }
  if (Status read = problem.status(); !read) return fail(read.error());
  return event;
}

}  // namespace hyperwright::hyperpod
