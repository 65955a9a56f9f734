// BatchDeleteClusterNodes and BatchReplaceClusterNodes: both take instance ids, logical ids, or
// both, do what can be done, and tell of each id that failed. The HTTP status is 200 where at least
// one succeeded, and 400 where all failed.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/operations.h"
#include "service/provisioning.h"
#include "service/wire.h"

namespace hyperwright::service {
namespace {

struct Limits {
  std::size_t ids;          // of instance ids alone
  std::size_t logical_ids;  // of logical ids alone
  std::size_t both;         // together, where both are given
};
// The model allows 3000 and 99; the service refuses more than its guide says.
constexpr Limits kDeleteLimits = {.ids = 99, .logical_ids = 50, .both = 50};
constexpr Limits kReplaceLimits = {.ids = 25, .logical_ids = 25, .both = 50};

// The words of one operation.
struct Codes {
  std::string_view member;
  std::string_view not_found;
  std::string_view invalid_status;
};
constexpr Codes kDeleteCodes = {"Code", "NodeIdNotFound", "InvalidNodeStatus"};
constexpr Codes kReplaceCodes = {"ErrorCode", "InstanceIdNotFound", "InvalidInstanceStatus"};

struct Request {
  std::string cluster{};
  std::vector<std::string> ids{};
  std::vector<std::string> logical_ids{};
};

// A second mention of an id changes nothing.
std::vector<std::string> without_doubles(std::vector<std::string> ids) {
  std::vector<std::string> list;
  for (std::string& id : ids) {
    if (std::ranges::find(list, id) == list.end()) list.push_back(std::move(id));
  }
  return list;
}

Request read(const RequestReader& reader) {
  Request request;
  request.cluster = read_cluster_name(reader);
  request.ids = without_doubles(reader.texts("NodeIds", {.min = 1, .max = 3000},
                                             {.min = 1, .max = 256, .pattern = &kNodeIdPattern}));
  request.logical_ids =
      without_doubles(reader.texts("NodeLogicalIds", {.min = 1, .max = 99},
                                   {.min = 1, .max = 128, .pattern = &kLogicalIdPattern}));
  return request;
}

std::optional<Answer> limit_refusal(const Request& request, const Limits& limits) {
  const std::size_t ids = request.ids.size(), logical_ids = request.logical_ids.size();
  if (ids + logical_ids == 0) return validation_error("Specify NodeIds, NodeLogicalIds, or both.");
  if (ids > limits.ids) {
    return validation_error(
        fmt::format("NodeIds has {} elements; one request can have {} at most.", ids, limits.ids));
  }
  if (logical_ids > limits.logical_ids) {
    return validation_error(
        fmt::format("NodeLogicalIds has {} elements; one request can have {} at most.", logical_ids,
                    limits.logical_ids));
  }
  if (ids > 0 && logical_ids > 0 && ids + logical_ids > limits.both) {
    return validation_error(fmt::format(
        "NodeIds and NodeLogicalIds have {} elements together; one request can have {} at most.",
        ids + logical_ids, limits.both));
  }
  return std::nullopt;
}

hyperpod::DeleteFailure failure(std::string_view id, std::string_view code, std::string message) {
  return {.id = std::string(id), .code = std::string(code), .message = std::move(message)};
}

std::optional<hyperpod::DeleteFailure> failure_of(const ClusterRecord& cluster,
                                                  const NodeRecord* node, std::string_view id,
                                                  const Codes& codes) {
  if (node == nullptr) {
    return failure(id, codes.not_found,
                   fmt::format("Node {} was not found in Cluster {}.", id, cluster.name));
  }
  if (!node->counts())
    return failure(id, codes.invalid_status, fmt::format("Node {} is ShuttingDown.", id));
  const GroupRecord* group = find_group(cluster, node->group);
  if (group->status != hyperpod::InstanceGroupStatus::InService) {
    return failure(id, codes.invalid_status,
                   fmt::format("InstanceGroup {} of node {} is {}.", group->name, id,
                               to_string(group->status)));
  }
  return std::nullopt;
}

// Does `act` to each node that allows it. `act` may erase the node.
template <typename Act>
Answer for_each_node(ClusterRecord& cluster, const Request& request, const Codes& codes, Act act) {
  hyperpod::DeleteResult by_id, by_logical_id;
  const auto run = [&](const std::vector<std::string>& ids, hyperpod::DeleteResult& result,
                       auto find) {
    for (const std::string& id : ids) {
      const NodeRecord* node = find(id);
      auto failed = failure_of(cluster, node, id, codes);
      if (!failed) failed = act(*find_node(cluster, node->logical_id), id);
      if (failed) {
        result.failed.push_back(std::move(*failed));
      } else {
        result.successful.push_back(id);
      }
    }
  };
  run(request.ids, by_id, [&cluster](const std::string& id) { return find_instance(cluster, id); });
  run(request.logical_ids, by_logical_id, [&cluster](const std::string& id) {
    return static_cast<const NodeRecord*>(find_node(cluster, id));
  });
  if (!by_id.successful.empty() || !by_logical_id.successful.empty()) {
    return success(encode_delete_result(by_id, by_logical_id, codes.member));
  }
  std::string message = "None of the nodes passed validation:";
  for (const auto* result : {&by_id, &by_logical_id}) {
    for (const hyperpod::DeleteFailure& failed : result->failed) {
      message += fmt::format(" {} ({}): {}", failed.id, failed.code, failed.message);
    }
  }
  return validation_error(message);
}

Answer not_in_service(const ClusterRecord& cluster) {
  return validation_error(
      fmt::format("Cluster {} is {}; its nodes can be changed when it is InService.", cluster.name,
                  to_string(cluster.status)));
}

}  // namespace

Answer batch_delete_cluster_nodes(Turn& turn, const RequestReader& reader,
                                  RequestProblems& problems) {
  const Request request = read(reader);
  if (const auto wrong = problems.answer()) return *wrong;
  if (const auto refusal = limit_refusal(request, kDeleteLimits)) return *refusal;
  ClusterRecord* cluster = find_cluster(turn.state, request.cluster);
  if (cluster == nullptr) return cluster_not_found(request.cluster);
  if (cluster->status != hyperpod::ClusterStatus::InService) return not_in_service(*cluster);
  return for_each_node(
      *cluster, request, kDeleteCodes,
      [&](const NodeRecord& node, const std::string&) -> std::optional<hyperpod::DeleteFailure> {
        remove_node(turn, *cluster, std::string(node.logical_id));
        return std::nullopt;
      });
}

Answer batch_replace_cluster_nodes(Turn& turn, const RequestReader& reader,
                                   RequestProblems& problems) {
  const Request request = read(reader);
  if (const auto wrong = problems.answer()) return *wrong;
  if (const auto refusal = limit_refusal(request, kReplaceLimits)) return *refusal;
  ClusterRecord* cluster = find_cluster(turn.state, request.cluster);
  if (cluster == nullptr) return cluster_not_found(request.cluster);
  if (cluster->status != hyperpod::ClusterStatus::InService) return not_in_service(*cluster);
  return for_each_node(
      *cluster, request, kReplaceCodes,
      [&](NodeRecord& node, const std::string& id) -> std::optional<hyperpod::DeleteFailure> {
        if (!node.has_instance()) {
          return failure(id, kReplaceCodes.invalid_status,
                         fmt::format("Node {} has no instance.", id));
        }
        replace_node(turn, *cluster, node);
        return std::nullopt;
      });
}

}  // namespace hyperwright::service
