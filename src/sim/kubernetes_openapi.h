// The OpenAPI v3 documents, one a group version: enough for kubectl to validate on the server, to
// explain custom resources by their schema, and to name built-in kinds, whose fields are left open.
//
// Two things are said with a purpose. Each patch operation has the parameter fieldValidation: that
// is how kubectl sees that the server validates. And none lists the strategic merge patch's media
// type: kubectl would then look for merge keys in these schemas, and falls back to those that it
// was built with when it finds none.
//
// Source: Kubernetes, The Kubernetes API > OpenAPI V3.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

boost::json::object openapi_index(const KubernetesApi& api);  // /openapi/v3
// nullopt: no such group version.
std::optional<boost::json::object> openapi_document(const KubernetesApi& api,
                                                    std::string_view group,
                                                    std::string_view version);
boost::json::object openapi_v2_document();

}  // namespace hyperwright::sim
