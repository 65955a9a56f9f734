#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "kube/json_parts.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

bool is_any_condition(std::string_view) { return true; }

std::vector<std::string> decode_group_names(const JsonField& field) {
  std::vector<std::string> names = field.texts();
  if (names.size() > kNodeClassGroupsMax) {
    field.problem(
        fmt::format("{} instance groups are listed, at most {} are allowed; use more node classes",
                    names.size(), kNodeClassGroupsMax));
  }
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (name->empty()) field.problem("a name is empty; name an instance group of the cluster");
    if (std::find(names.begin(), name, *name) != name) {
      field.problem(fmt::format("\"{}\" is listed twice; remove one", *name));
    }
  }
  return names;
}

NodeClassInstanceGroup decode_group(const JsonField& field) {
  NodeClassInstanceGroup group;
  group.name = field.at("name").text();
  group.instance_types = field.at("instanceTypes").texts();
  const JsonField subnets = field.at("subnets");
  subnets.each_item([&](const JsonField& subnet) {
    group.subnets.push_back({.id = std::string(subnet.at("id").text()),
                             .zone = std::string(subnet.at("zone").text()),
                             .zone_id = std::string(subnet.at("zoneId").text())});
  });
  const JsonField labels = field.at("desiredLabels");
  labels.each_item([&](const JsonField& label) {
    group.desired_labels.set(label.at("key").text(), label.at("value").text());
  });
  // One member, whose name is the capacity type.
  const JsonField capacities = field.at("capacities");
  if (capacities.member_count() > 0) group.capacity_type = capacities.member(0).name();
  return group;
}

boost::json::object encode_group(const NodeClassInstanceGroup& group) {
  boost::json::object json = {{"name", group.name}};
  put_array(json, "instanceTypes", encode_texts(group.instance_types));
  boost::json::array subnets;
  for (const NodeClassSubnet& subnet : group.subnets) {
    boost::json::object entry = {{"id", subnet.id}};
    put_text(entry, "zone", subnet.zone);
    put_text(entry, "zoneId", subnet.zone_id);
    subnets.push_back(std::move(entry));
  }
  put_array(json, "subnets", std::move(subnets));
  boost::json::array labels;
  for (const auto& [key, value] : group.desired_labels)
    labels.push_back({{"key", key}, {"value", value}});
  put_array(json, "desiredLabels", std::move(labels));
  if (!group.capacity_type.empty()) {
    boost::json::object capacities;
    capacities[group.capacity_type] = boost::json::object{};
    json["capacities"] = std::move(capacities);
  }
  return json;
}

}  // namespace

Result<HyperpodNodeClass> decode_hyperpod_node_class(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  HyperpodNodeClass node_class;
  node_class.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name(kNodeClassKind, node_class.meta, problems); !named)
    return fail(named.error());
  node_class.instance_groups = decode_group_names(spec.at("instanceGroups"));
  const JsonField groups = status.at("instanceGroups");
  groups.each_item([&](const JsonField& group) {
    node_class.status_instance_groups.push_back(decode_group(group));
  });
  node_class.conditions = decode_conditions(status.at("conditions"), is_any_condition);
  node_class.decode_problems = decode_problems_of(json, problems);
  return node_class;
}

boost::json::value encode(const HyperpodNodeClass& node_class) {
  boost::json::array groups;
  for (const NodeClassInstanceGroup& group : node_class.status_instance_groups)
    groups.push_back(encode_group(group));
  boost::json::object status;
  put_array(status, "instanceGroups", std::move(groups));
  put_array(status, "conditions", encode(node_class.conditions).as_array());
  boost::json::object json =
      encode_kind(fmt::format("{}/v1", kNodeClassGroup), kNodeClassKind, node_class.meta);
  json["spec"] = {{"instanceGroups", encode_texts(node_class.instance_groups)}};
  put_object(json, "status", std::move(status));
  put_decode_problems(json, node_class.decode_problems);
  return json;
}

}  // namespace hyperwright::kube
