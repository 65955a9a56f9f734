#include "service/autoscaling.h"

#include <boost/json.hpp>

namespace hyperwright::service {

boost::json::object encode_auto_scaling(hyperpod::AutoScalingMode mode) {
  boost::json::object block{{"Mode", to_string(mode)}, {"AutoScalerType", "Karpenter"}};
  if (mode == hyperpod::AutoScalingMode::Enable) {
    block["Status"] = to_string(hyperpod::AutoScalingStatus::Failed);
    block["FailureMessage"] = kAutoScalingFailure;
  } else {
    block["Status"] = to_string(hyperpod::AutoScalingStatus::InService);
  }
  return block;
}

}  // namespace hyperwright::service
