// POST, PUT, PATCH and DELETE on resources and on their subresources status, scale, binding and
// eviction. Bodies are JSON or YAML; options come from the query (dryRun, fieldValidation) and, for
// deletions, from a DeleteOptions body too.
#pragma once

#include "sim/kubernetes_http.h"

namespace hyperwright::sim {

ApiResponse handle_post(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                        const ApiRequest& request, Time now);
ApiResponse handle_put(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                       const ApiRequest& request, Time now);
ApiResponse handle_patch(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                         const ApiRequest& request, Time now);
ApiResponse handle_delete(KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                          const ApiRequest& request, Time now);

// The body as an object; JSON unless the content type says YAML.
ApiResult<boost::json::object> parse_body(const ApiRequest& request);

}  // namespace hyperwright::sim
