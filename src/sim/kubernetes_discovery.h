// The documents by which clients find out what the API serves: /api, /apis, the groups, and the
// resource lists of group versions, with their subresources and verbs; and /version.
//
// Source: Kubernetes, API Overview > API discovery.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

inline constexpr std::string_view kKubernetesVersion = "v1.36.3";

boost::json::object version_document();
boost::json::object core_versions_document();                   // /api
boost::json::object groups_document(const KubernetesApi& api);  // /apis
// nullopt: no such group, or no such version of it.
std::optional<boost::json::object> group_document(const KubernetesApi& api, std::string_view group);
std::optional<boost::json::object> resources_document(const KubernetesApi& api,
                                                      std::string_view group,
                                                      std::string_view version);

struct GroupVersion {
  std::string_view group;
  std::string_view version;
};

// Groups that are served, core first, then by name; those without stored objects (reviews)
// included.
std::vector<GroupVersion> served_group_versions(const KubernetesApi& api);

}  // namespace hyperwright::sim
