#include "sim/kubernetes_discovery.h"

#include <algorithm>
#include <string>
#include <tuple>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

// Kinds that are asked and never stored.
struct Review {
  std::string_view group, plural, kind;
};

constexpr Review kReviews[] = {
    {"authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"},
    {"authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"},
    {"authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"},
    {"authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"},
};

json::string_view text(std::string_view value) { return {value.data(), value.size()}; }

json::object group_of(const GroupVersion& group) {
  const json::object version{{"groupVersion", fmt::format("{}/{}", group.group, group.version)},
                             {"version", text(group.version)}};
  return {{"name", text(group.group)},
          {"versions", json::array{version}},
          {"preferredVersion", version}};
}

json::object subresource(const ResourceType& type, std::string_view name, std::string_view group,
                         std::string_view version, std::string_view kind, json::array verbs) {
  json::object out{{"name", fmt::format("{}/{}", type.plural, name)},
                   {"singularName", ""},
                   {"namespaced", type.namespaced},
                   {"kind", text(kind)},
                   {"verbs", std::move(verbs)}};
  if (!version.empty()) {
    if (!group.empty()) out["group"] = text(group);
    out["version"] = text(version);
  }
  return out;
}

void add_type(const ResourceType& type, json::array& resources) {
  json::object own{
      {"name", type.plural},
      {"singularName", type.singular},
      {"namespaced", type.namespaced},
      {"kind", type.kind},
      {"verbs",
       {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}}};
  if (!type.short_names.empty()) own["shortNames"] = json::value_from(type.short_names);
  if (!type.categories.empty()) own["categories"] = json::value_from(type.categories);
  resources.push_back(std::move(own));
  const json::array read_write{"get", "patch", "update"};
  if (type.has_status)
    resources.push_back(subresource(type, "status", "", "", type.kind, read_write));
  if (type.scale)
    resources.push_back(subresource(type, "scale", "autoscaling", "v1", "Scale", read_write));
  if (type.kind == "Pod" && type.group.empty()) {
    resources.push_back(subresource(type, "binding", "", "", "Binding", json::array{"create"}));
    resources.push_back(
        subresource(type, "eviction", "policy", "v1", "Eviction", json::array{"create"}));
  }
}

}  // namespace

json::object version_document() {
  return {{"major", "1"},    {"minor", "36"},           {"gitVersion", text(kKubernetesVersion)},
          {"gitCommit", ""}, {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", ""}, {"compiler", "gc"},        {"platform", "linux/amd64"}};
}

json::object core_versions_document() {
  return {{"kind", "APIVersions"},
          {"versions", json::array{"v1"}},
          {"serverAddressByClientCIDRs", json::array{}}};
}

std::vector<GroupVersion> served_group_versions(const KubernetesApi& api) {
  std::vector<GroupVersion> out;
  for (const ResourceType* type : api.types()) out.push_back({type->group, type->version});
  for (const Review& review : kReviews) out.push_back({review.group, "v1"});
  const auto key = [](const GroupVersion& group) { return std::tie(group.group, group.version); };
  std::ranges::sort(out, {}, key);
  const auto repeated = std::ranges::unique(out, {}, key);
  out.erase(repeated.begin(), repeated.end());
  return out;
}

json::object groups_document(const KubernetesApi& api) {
  json::array groups;
  for (const GroupVersion& group : served_group_versions(api)) {
    if (group.group.empty()) continue;
    // Several versions of one group (NodePool v1 and NodeOverlay v1alpha1) share one entry, the
    // stable one first.
    json::object entry = group_of(group);
    json::object* last = groups.empty() ? nullptr : groups.back().if_object();
    if (last != nullptr && last->at("name").as_string() == text(group.group)) {
      last->at("versions").as_array().push_back(entry.at("versions").as_array().front());
    } else {
      groups.push_back(std::move(entry));
    }
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

std::optional<json::object> group_document(const KubernetesApi& api, std::string_view group) {
  const json::object all = groups_document(api);
  for (const json::value& entry : all.at("groups").as_array()) {
    if (entry.at("name").as_string() != text(group)) continue;
    json::object out{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    for (const auto& [key, value] : entry.get_object()) out[key] = value;
    return out;
  }
  return std::nullopt;
}

std::optional<json::object> resources_document(const KubernetesApi& api, std::string_view group,
                                               std::string_view version) {
  json::array resources;
  for (const ResourceType* type : api.types()) {
    if (type->group == group && type->version == version) add_type(*type, resources);
  }
  for (const Review& review : kReviews) {
    if (review.group != group || version != "v1") continue;
    resources.push_back(json::object{{"name", text(review.plural)},
                                     {"singularName", ""},
                                     {"namespaced", false},
                                     {"kind", text(review.kind)},
                                     {"verbs", json::array{"create"}}});
  }
  if (resources.empty()) return std::nullopt;
  return json::object{
      {"kind", "APIResourceList"},
      {"apiVersion", "v1"},
      {"groupVersion", group.empty() ? std::string(version) : fmt::format("{}/{}", group, version)},
      {"resources", std::move(resources)}};
}

}  // namespace hyperwright::sim
