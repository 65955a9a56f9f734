// Codec of a PodSpec, of a pod or of a workload's template: from containers to effective requests.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "kube/json_reader.h"
#include "kube/pod.h"

namespace hyperwright::kube {

enum class PodSpecOf : std::uint8_t {
  Pod,       // the API server has filled in what was not written
  Template,  // nobody has: a missing request is the limit
};

// `status` is the pod's status, absent for a template. `owner` is the name that generic ephemeral
// volumes derive their claims' names from.
Scheduling decode_scheduling(const JsonField& spec, const JsonField& status, PodSpecOf of,
                             std::string_view owner);
// Requests are written as those of one container. "pods" is not written: decoding adds it again.
boost::json::object encode_pod_spec(const Scheduling& scheduling, std::string_view owner);

}  // namespace hyperwright::kube
