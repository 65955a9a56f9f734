// ListClusterEvents and DescribeClusterEvent.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/enum_text.h"
#include "service/operations.h"
#include "service/pages.h"
#include "service/wire.h"

namespace hyperwright::service {
namespace {

struct Filter {
  std::string group{};
  std::string instance_id{};
  std::optional<hyperpod::EventResourceType> resource_type{};
  std::optional<Time>
      after{};  // both ends are inside, so that a watermark loses nothing of its own instant
  std::optional<Time> before{};
  [[nodiscard]] bool passes(const EventRecord& event) const {
    return (group.empty() || event.group == group) &&
           (instance_id.empty() || event.instance_id == instance_id) &&
           (!resource_type || event.resource_type == *resource_type) &&
           (!after || event.time >= *after) && (!before || event.time <= *before);
  }
};

Filter read_filter(const RequestReader& request) {
  Filter filter;
  filter.group = request.text("InstanceGroupName", {.min = 1, .max = 63, .pattern = &kNamePattern});
  filter.instance_id = request.text("NodeId", {.min = 1, .max = 256, .pattern = &kNodeIdPattern});
  filter.resource_type =
      request.enumerator<hyperpod::EventResourceType>("ResourceType", Need::Optional);
  filter.after = request.time("EventTimeAfter");
  filter.before = request.time("EventTimeBefore");
  (void)request.one_of("SortBy", Need::Optional, {"EventTime"});
  return filter;
}

}  // namespace

Answer list_cluster_events(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  const Filter filter = read_filter(request);
  const PageRequest page_request = read_page_request(request, true);
  if (const auto wrong = problems.answer()) return *wrong;
  const ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);

  std::vector<const EventRecord*> events;
  for (const EventRecord& event : cluster->events) {
    if (filter.passes(event)) events.push_back(&event);
  }
  const auto key = [](const EventRecord& event) { return sortable(event.sequence); };
  const auto page = page_of<EventRecord>(std::move(events), page_request, "events", key);
  if (!page) return invalid_next_token();
  boost::json::array summaries;
  for (const EventRecord* event : page->records)
    summaries.emplace_back(encode_event_summary(*cluster, *event));
  boost::json::object answer{{"Events", std::move(summaries)}};
  if (!page->next_token.empty()) answer["NextToken"] = page->next_token;
  return success(std::move(answer));
}

Answer describe_cluster_event(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const std::string name = read_cluster_name(request);
  const std::string id =
      request.text("EventId", {.need = Need::Required, .pattern = &kEventIdPattern});
  if (const auto wrong = problems.answer()) return *wrong;
  const ClusterRecord* cluster = find_cluster(turn.state, name);
  if (cluster == nullptr) return cluster_not_found(name);
  const auto event = std::ranges::find(cluster->events, id, &EventRecord::id);
  if (event == cluster->events.end()) {
    return resource_not_found(
        fmt::format("Event {} was not found in Cluster {}.", id, cluster->name));
  }
  return success(encode_event_details(*cluster, *event));
}

}  // namespace hyperwright::service
