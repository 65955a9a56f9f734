// A node's line in kubectl: Ready or not, cordoned or not, its roles by label, its versions and
// addresses.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/kubernetes_columns.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kRolePrefix = "node-role.kubernetes.io/";

std::string status_of(const json::object& node) {
  const json::object* ready = find_condition(node, "Ready");
  std::string text = ready == nullptr                           ? "Unknown"
                     : text_field(*ready, {"status"}) == "True" ? "Ready"
                                                                : "NotReady";
  if (bool_field(node, {"spec", "unschedulable"})) text += ",SchedulingDisabled";
  return text;
}

std::string roles_of(const json::object& node) {
  std::vector<std::string> roles;
  if (const json::object* labels = object_field(node, {"metadata", "labels"})) {
    for (const auto& [key, value] : *labels) {
      const std::string_view name(key.data(), key.size());
      if (name.starts_with(kRolePrefix) && name.size() > kRolePrefix.size()) {
        roles.emplace_back(name.substr(kRolePrefix.size()));
      } else if (name == "kubernetes.io/role" && value.is_string() && !value.get_string().empty()) {
        roles.emplace_back(value.get_string());
      }
    }
  }
  std::ranges::sort(roles);
  return roles.empty() ? "<none>" : fmt::format("{}", fmt::join(roles, ","));
}

std::string address_of(const json::object& node, std::string_view type) {
  if (const json::array* addresses = array_field(node, {"status", "addresses"})) {
    for (const json::value& item : *addresses) {
      if (item.is_object() && text_field(item.get_object(), {"type"}) == type) {
        return std::string(text_field(item.get_object(), {"address"}));
      }
    }
  }
  return "<none>";
}

}  // namespace

json::array node_cells(const json::object& node, Time now) {
  const auto info = [&](std::string_view field) {
    return json::value(text_or(text_field(node, {"status", "nodeInfo", field}), "<unknown>"));
  };
  return {json::value(std::string(name_of(node))),
          json::value(status_of(node)),
          json::value(roles_of(node)),
          json::value(age_of(node, now)),
          json::value(std::string(text_field(node, {"status", "nodeInfo", "kubeletVersion"}))),
          json::value(address_of(node, "InternalIP")),
          json::value(address_of(node, "ExternalIP")),
          info("osImage"),
          info("kernelVersion"),
          info("containerRuntimeVersion")};
}

}  // namespace hyperwright::sim
