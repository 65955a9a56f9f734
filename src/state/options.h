// What the core is told once, at the start: the cluster and the clocks of its rules.
#pragma once

#include <string>

#include "base/time.h"

namespace hyperwright::state {

struct Options {
  std::string cluster;  // name or ARN of the HyperPod cluster
  // A batch of pending pods closes this long after its newest pod, and this long after its first.
  Duration batch_idle = Duration::seconds(1);
  Duration batch_max = Duration::seconds(10);
  // From the instance that HyperPod named to its registered Node; stands still in deep health
  // checks.
  Duration registration_timeout = Duration::minutes(30);
  // From the logical id to an instance that HyperPod names; and from the claim to the logical id.
  Duration capacity_timeout = Duration::minutes(10);
  // How long an offering without capacity is left out of plans.
  Duration unavailable_for = Duration::minutes(3);
  bool operator==(const Options&) const = default;
};

}  // namespace hyperwright::state
