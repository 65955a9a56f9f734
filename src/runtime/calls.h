// Effects as calls, and answers as events: what is sent to Kubernetes and to HyperPod for each
// effect, and what each answer means. Pure, and shared by every world: the real one sends these
// calls over HTTP, the simulated one hands them to the models in the same process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "state/effect.h"
#include "state/event.h"

namespace hyperwright::runtime {

struct KubernetesCall {
  std::string method;  // POST, PATCH, DELETE
  std::string path;    // "/apis/karpenter.sh/v1/nodeclaims/gpu-7xk2p"
  std::string content_type;
  boost::json::value body;
};

struct HyperPodCall {
  std::string operation;  // "BatchAddClusterNodes"; "DescribeSubnets" is EC2's
  boost::json::value body;
};

// nullopt: the effect is none of Kubernetes' (of HyperPod's). `now` stamps recorded events.
std::optional<KubernetesCall> kubernetes_call(const state::Effect& effect, Time now);
std::optional<HyperPodCall> hyperpod_call(const state::Effect& effect, std::string_view cluster);

// An answer with an HTTP status and a body (null if it was no JSON).
state::Answered kubernetes_answer(const state::Effect& effect, int status,
                                  const boost::json::value& body);
// The answer's body, or the error that the service answered with. DescribeSubnets: the body is
// {"Subnets": [{"SubnetId", "AvailabilityZone", "AvailabilityZoneId"}]}, whatever EC2's wire form
// is. A subnet that was asked for and is not in it does not exist: it comes back without a zone.
state::Answered hyperpod_answer(const state::Effect& effect,
                                const Result<boost::json::value>& answer);
// No answer came; the error's code says whether the call may have taken effect (Unknown) or not.
state::Answered failed_answer(const state::Effect& effect, const Error& error);

// The door of watches: an object of this kind as it came, to an event. Fails with Invalid.
Result<state::Event> changed_event(state::Kind kind, const boost::json::value& object);
// Where objects of this kind live: "/api/v1/pods".
std::string_view collection_path(state::Kind kind);

}  // namespace hyperwright::runtime
