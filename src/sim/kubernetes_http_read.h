// GET on resources: one object, a list (selected, in pages), or a watch; as objects, tables or
// metadata.
//
// A page carries a continue token: where it stopped, and the resource version at which the list
// began. Pages are read from the present state; a client that then watches from that version is
// told of all that changed meanwhile, so it ends up right. A token whose version is too old to be
// watched from is answered 410.
#pragma once

#include "sim/kubernetes_http.h"

namespace hyperwright::sim {

Handled handle_get(const KubernetesApi& api, const ResourceType& type, const ResourcePath& path,
                   const ApiRequest& request, Time now);

// The selectors of a list, a watch or a deletion of many.
ApiResult<ListOptions> list_options_of(const ResourceType& type, const ResourcePath& path,
                                       const Query& query);

// Why a subresource that is not served is not.
ApiError refused_subresource(const ResourcePath& path);

// One object in the form that the client accepts.
ApiResponse respond_object(const ResourceType& type, const ObjectPtr& object, int status,
                           const ApiRequest& request, Time now);

}  // namespace hyperwright::sim
