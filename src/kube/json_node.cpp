#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

// The kubelet's pressures come and go; what they mean for scheduling stands in taints.
bool is_kept_condition(std::string_view type) {
  return type != "MemoryPressure" && type != "DiskPressure" && type != "PIDPressure" &&
         type != "NetworkUnavailable";
}

}  // namespace

Result<Node> decode_node(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  Node node;
  node.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("Node", node.meta, problems); !named)
    return fail(named.error());
  node.provider_id = spec.at("providerID").text();
  node.unschedulable = spec.at("unschedulable").boolean();
  node.taints = decode_taints(spec.at("taints"));
  node.capacity = decode_resources(status.at("capacity"), /*may_be_negative=*/true);
  node.allocatable = decode_resources(status.at("allocatable"), /*may_be_negative=*/true);
  node.conditions = decode_conditions(status.at("conditions"), is_kept_condition);
  if (!problems.empty()) return decode_failure("Node", node.meta, problems);
  return node;
}

boost::json::value encode(const Node& node) {
  boost::json::object spec;
  put_text(spec, "providerID", node.provider_id);
  if (node.unschedulable) spec["unschedulable"] = true;
  put_array(spec, "taints", encode(node.taints).as_array());
  boost::json::object status;
  put_object(status, "capacity", encode_amounts(node.capacity));
  put_object(status, "allocatable", encode_amounts(node.allocatable));
  put_array(status, "conditions", encode(node.conditions).as_array());
  boost::json::object json = encode_kind("v1", "Node", node.meta);
  json["spec"] = std::move(spec);
  json["status"] = std::move(status);
  return json;
}

}  // namespace hyperwright::kube
