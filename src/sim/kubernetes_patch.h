// The patch formats of the API, each a pure function from an object and a patch to the patched
// object.
//
//   JSON patch (RFC 6902)         operations by JSON pointer
//   JSON merge patch (RFC 7386)   maps merge, null deletes, lists are replaced
//   strategic merge patch         maps merge, and lists of the built-in kinds merge by key
//   (kubernetes_list_keys.h);
//                                 $patch: delete | replace, $deleteFromPrimitiveList, $retainKeys;
//                                 $setElementOrder sorts nothing here
//   apply                         the applied configuration is merged over the object, lists by
//   key;
//                                 what it no longer names stays, because nobody tracks who owned it
//
// Source: Kubernetes, Tasks > Update API Objects in Place Using kubectl patch; the two RFCs.
#pragma once

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_status.h"

namespace hyperwright::sim {

struct ResourceType;

// `patch` is an array of operations; a failed test or a path that does not exist is an error.
ApiResult<boost::json::object> apply_json_patch(const boost::json::object& object,
                                                const boost::json::value& patch);
// An operation that cannot be carried out on `object` answers 422 or 400 and names operation and
// path.

ApiResult<boost::json::object> apply_merge_patch(const boost::json::object& object,
                                                 const boost::json::value& patch);
// Requires: a built-in kind; a custom resource has no merge keys, and the API answers 415 for it.
ApiResult<boost::json::object> apply_strategic_merge_patch(const boost::json::object& object,
                                                           const boost::json::value& patch);
boost::json::object apply_configuration(const ResourceType& type, const boost::json::object& object,
                                        const boost::json::object& configuration);

}  // namespace hyperwright::sim
