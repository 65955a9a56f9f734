// BatchAddClusterNodes and BatchDeleteClusterNodes.
#include <boost/json.hpp>

#include "hyperpod/answer_reader.h"
#include "hyperpod/wire.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;
namespace {

json::array texts(std::span<const std::string> list) {
  json::array array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

}  // namespace

json::object batch_add_request(std::string_view cluster, std::string_view client_token,
                               std::span<const AddSpecification> specifications) {
  json::array nodes;
  for (const AddSpecification& specification : specifications) {
    json::object node{{"InstanceGroupName", specification.group},
                      {"IncrementTargetCountBy", specification.count}};
    // An empty list is refused by HyperPod: a group of one type is asked without.
    if (!specification.zones.empty()) node["AvailabilityZones"] = texts(specification.zones);
    if (!specification.types.empty()) node["InstanceTypes"] = texts(specification.types);
    nodes.emplace_back(std::move(node));
  }
  return {
      {"ClusterName", cluster}, {"ClientToken", client_token}, {"NodesToAdd", std::move(nodes)}};
}

Result<AddResult> decode_add_result(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  AddResult result;
  for (const AnswerReader& node : reader.objects("Successful")) {
    result.successful.push_back({.logical_id = node.required_text("NodeLogicalId"),
                                 .group = node.required_text("InstanceGroupName"),
                                 .status = node.required_enumerator<InstanceStatus>("Status"),
                                 .zones = node.texts("AvailabilityZones"),
                                 .types = node.texts("InstanceTypes")});
  }
  for (const AnswerReader& failure : reader.objects("Failed")) {
    result.failed.push_back({.group = failure.required_text("InstanceGroupName"),
                             .code = failure.required_text("ErrorCode"),
                             .count = failure.count("FailedCount"),
                             .zones = failure.texts("AvailabilityZones"),
                             .types = failure.texts("InstanceTypes"),
                             .message = failure.text("Message")});
  }
  if (Status read = problem.status(); !read) return fail(read.error());
  return result;
}

json::object batch_delete_request(std::string_view cluster,
                                  std::span<const std::string> logical_ids) {
  return {{"ClusterName", cluster}, {"NodeLogicalIds", texts(logical_ids)}};
}

Result<DeleteResult> decode_delete_result(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  DeleteResult result;
  const auto read = [&](std::string_view successful, std::string_view failed, std::string_view id) {
    for (std::string& done : reader.texts(successful)) result.successful.push_back(std::move(done));
    for (const AnswerReader& failure : reader.objects(failed)) {
      result.failed.push_back({.id = failure.required_text(id),
                               .code = failure.required_text("Code"),
                               .message = failure.text("Message")});
    }
  };
  read("Successful", "Failed", "NodeId");
  read("SuccessfulNodeLogicalIds", "FailedNodeLogicalIds", "NodeLogicalId");
  if (Status status = problem.status(); !status) return fail(status.error());
  return result;
}

}  // namespace hyperwright::hyperpod
