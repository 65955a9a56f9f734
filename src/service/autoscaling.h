// The AutoScaling block. It is kept and shown, but this service does not run an autoscaler for a
// cluster, and says so: an enabled block has the status Failed. A status InService would be a lie
// that a user waits on.
#pragma once

#include <boost/json/fwd.hpp>

#include "hyperpod/cluster.h"

namespace hyperwright::service {

inline constexpr std::string_view kAutoScalingFailure =
    "This service does not run managed autoscaling yet: set Mode to Disable and run an autoscaler "
    "of your own for this "
    "cluster.";

boost::json::object encode_auto_scaling(hyperpod::AutoScalingMode mode);

}  // namespace hyperwright::service
