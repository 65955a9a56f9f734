// A service with one cluster and a clock that is moved by hand, for the tests of this room.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hyperpod/wire.h"
#include "service/control_plane.h"
#include "service/hyperpod_service.h"
#include "service/rows.h"

namespace hyperwright::service {

namespace json = boost::json;

inline const Time kStart = Time::from_unix_seconds(1'764'000'000);
inline constexpr std::string_view kRole = "arn:aws:iam::111122223333:role/hyperpod";

struct GroupOptions {
  std::string type = "ml.g5.xlarge";
  std::int32_t count = 0;
  std::int32_t min = 0;
  std::vector<std::string> flexible_types{};  // instead of `type`
  std::vector<std::string> subnets{};
  std::string more{};  // further members, as JSON: "\"ThreadsPerCore\": 1"
};

inline json::object group(std::string_view name, const GroupOptions& options = {}) {
  json::object object{
      {"InstanceGroupName", name}, {"InstanceCount", options.count}, {"ExecutionRole", kRole}};
  if (options.flexible_types.empty()) {
    object["InstanceType"] = options.type;
  } else {
    object["InstanceRequirements"] = {{"InstanceTypes", json::array(options.flexible_types.begin(),
                                                                    options.flexible_types.end())}};
  }
  if (options.min > 0) object["MinInstanceCount"] = options.min;
  if (!options.subnets.empty()) {
    object["OverrideVpcConfig"] = {
        {"SecurityGroupIds", {"sg-0a"}},
        {"Subnets", json::array(options.subnets.begin(), options.subnets.end())}};
  }
  if (!options.more.empty()) {
    const json::value more = json::parse("{" + options.more + "}");
    for (const auto& member : more.as_object()) object[member.key()] = member.value();
  }
  return object;
}

inline json::object cluster_request(json::array groups, std::string_view name = "hp1") {
  return {{"ClusterName", name},
          {"InstanceGroups", std::move(groups)},
          {"Orchestrator",
           {{"Eks", {{"ClusterArn", "arn:aws:eks:us-east-1:111122223333:cluster/k1"}}}}},
          {"VpcConfig", {{"SecurityGroupIds", {"sg-0a"}}, {"Subnets", {"subnet-a"}}}},
          {"NodeProvisioningMode", "Continuous"}};
}

class World {
 public:
  explicit World(Scenario scenario = {}, std::uint64_t seed = 1)
      : options_{.scenario = std::move(scenario), .is_kept = true},
        service_(options_, shipped(), Random(seed), kStart) {
    for (Row& row : rows_of(service_.state())) table_[row.number] = std::move(row);
  }

  // A world with the cluster hp1, in service.
  static World with(json::array groups, Scenario scenario = {}, std::uint64_t seed = 1) {
    World world(std::move(scenario), seed);
    const Answer answer = world.call("CreateCluster", cluster_request(std::move(groups)));
    check(answer.is_success(), "the test's cluster can be created");
    world.pass(Duration::seconds(1));
    return world;
  }

  Answer call(std::string_view operation, const json::object& body) {
    return service_.call(operation, body, now_);
  }
  Answer call(std::string_view operation, std::string_view body) {
    return service_.call(operation, json::parse(std::string(body)), now_);
  }
  void pass(Duration time) {
    now_ = now_ + time;
    service_.advance(now_);
    for (Output& output : service_.take_outputs()) outputs.push_back(std::move(output));
  }

  // What a shell does with the changes: `table` is what would be on disk.
  const std::map<std::uint64_t, Row>& keep() {
    Changes changes = service_.take_changes();
    for (const std::uint64_t cluster : changes.erased_clusters)
      std::erase_if(table_, [cluster](const auto& row) { return row.second.cluster == cluster; });
    for (const std::uint64_t number : changes.erased) table_.erase(number);
    for (Row& row : changes.written) table_[row.number] = std::move(row);
    return table_;
  }
  // The service is killed and started again with what was kept.
  void restart() {
    std::vector<Row> rows;
    for (const auto& [number, row] : keep()) rows.push_back(row);
    service_ = HyperPodService::restore(options_, shipped(), rows).value();
  }

  Answer add(std::string_view group, std::int32_t count, std::string_view token = "") {
    json::object request{
        {"ClusterName", "hp1"},
        {"NodesToAdd", {{{"InstanceGroupName", group}, {"IncrementTargetCountBy", count}}}}};
    if (!token.empty()) request["ClientToken"] = token;
    return call("BatchAddClusterNodes", request);
  }
  // The logical ids of nodes that were added now.
  std::vector<std::string> add_nodes(std::string_view group, std::int32_t count) {
    const Answer answer = add(group, count);
    check(answer.is_success(), "nodes can be added");
    std::vector<std::string> ids;
    const auto result = hyperpod::decode_add_result(answer.body());
    for (const auto& node : result->successful) ids.push_back(node.logical_id);
    return ids;
  }
  Answer remove(const std::vector<std::string>& logical_ids) {
    return call("BatchDeleteClusterNodes", hyperpod::batch_delete_request("hp1", logical_ids));
  }
  Answer update(json::array groups, json::array to_delete = {}) {
    json::object request{{"ClusterName", "hp1"}};
    if (!groups.empty()) request["InstanceGroups"] = std::move(groups);
    if (!to_delete.empty()) request["InstanceGroupsToDelete"] = std::move(to_delete);
    return call("UpdateCluster", request);
  }

  hyperpod::Cluster cluster() {
    return hyperpod::decode_cluster(
               call("DescribeCluster", hyperpod::describe_cluster_request("hp1")).body())
        .value();
  }
  hyperpod::InstanceGroup group_of(std::string_view name) { return *cluster().find_group(name); }
  hyperpod::Node node(std::string_view logical_id) {
    const Answer answer =
        call("DescribeClusterNode", {{"ClusterName", "hp1"}, {"NodeLogicalId", logical_id}});
    check(answer.is_success(), "the node is there");
    return hyperpod::decode_node(answer.body()).value();
  }
  std::vector<hyperpod::Node> nodes() {
    std::vector<hyperpod::Node> list;
    std::string token;
    do {
      auto page = hyperpod::decode_nodes(
                      call("ListClusterNodes", hyperpod::list_nodes_request("hp1", token)).body())
                      .value();
      list.insert(list.end(), page.items.begin(), page.items.end());
      token = page.next_token;
    } while (!token.empty());
    return list;
  }
  // Newest first, with details.
  std::vector<hyperpod::ClusterEvent> events() {
    std::vector<hyperpod::ClusterEvent> list;
    std::string token;
    do {
      const auto page =
          hyperpod::decode_events(
              call("ListClusterEvents", hyperpod::list_events_request("hp1", Time{}, token)).body())
              .value();
      for (const auto& event : page.items) {
        list.push_back(
            hyperpod::decode_event(
                call("DescribeClusterEvent", hyperpod::describe_event_request("hp1", event.id))
                    .body())
                .value());
      }
      token = page.next_token;
    } while (!token.empty());
    return list;
  }
  std::vector<hyperpod::ClusterEvent> errors() {
    auto list = events();
    std::erase_if(list,
                  [](const auto& event) { return event.level != hyperpod::EventLevel::Error; });
    return list;
  }
  template <typename Kind>
  std::vector<Kind> outputs_of() const {
    std::vector<Kind> list;
    for (const Output& output : outputs) {
      if (const Kind* kind = std::get_if<Kind>(&output)) list.push_back(*kind);
    }
    return list;
  }

  HyperPodService& service() { return service_; }
  [[nodiscard]] Time now() const { return now_; }
  std::vector<Output> outputs{};

 private:
  static const hyperpod::InstanceTypes& shipped() {
    static const hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
    return types;
  }

  ServiceOptions options_;
  HyperPodService service_;
  std::map<std::uint64_t, Row> table_{};
  Time now_ = kStart;
};

// An error of this kind whose message holds this text.
inline testing::AssertionResult is_error(const Answer& answer, std::string_view type,
                                         std::string_view text) {
  if (answer.error_type() == type && answer.error_message().find(text) != std::string_view::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << answer.http_status() << " " << json::serialize(answer.body());
}

}  // namespace hyperwright::service
