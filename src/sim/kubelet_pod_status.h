// What a kubelet writes into the status of a pod at each station of its life, and what a pod's
// annotations say of how long it runs:
//
//   hyperwright.dev/run-for: 10m     a pod that ends does so after this, 60s for a Job's
//   hyperwright.dev/fails: "true"    it ends with exit code 1
//   hyperwright.dev/stops-after: 5s  how long it takes to stop when it is deleted, 1s unless said,
//                                    and at most its grace period
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "base/time.h"

namespace hyperwright::sim {

// Does not run for ever: restartPolicy Never or OnFailure, and owned by a Job or annotated.
bool ends_by_itself(const boost::json::object& pod);
Duration run_time(const boost::json::object& pod);
bool is_to_fail(const boost::json::object& pod);
// From the deletion to the end of its containers.
Duration stop_time(const boost::json::object& pod);

// Each answers the pod with its new status.
boost::json::object creating_pod(const boost::json::object& pod, const std::string& host_ip,
                                 Time now);
boost::json::object running_pod(const boost::json::object& pod, const std::string& pod_ip,
                                Time now);
// Succeeded with exit code 0, else Failed.
boost::json::object ended_pod(const boost::json::object& pod, int exit_code, Time now);
// Its containers failed and were started again in place.
boost::json::object restarted_pod(const boost::json::object& pod, Time now);

}  // namespace hyperwright::sim
