// What the functions of the service work with during one call or one step of time: the state, the
// time, and the list of the records that they touch.
#pragma once

#include <string>

#include "base/random.h"
#include "hyperpod/instance_type.h"
#include "service/control_plane.h"
#include "service/hyperpod_service.h"
#include "service/touched.h"

namespace hyperwright::service {

struct Turn {
  ControlPlane& state;
  const ServiceOptions& options;
  const hyperpod::InstanceTypes& types;
  Touched& touched;
  Time now;
  Random& random = state.random;

  [[nodiscard]] const Scenario& scenario() const { return options.scenario; }
  [[nodiscard]] Duration since_start() const { return now - state.start; }
  [[nodiscard]] std::uint64_t next_sequence() const { return state.next_sequence++; }
  // The delay of the scenario with its jitter, from now on.
  [[nodiscard]] Time after(Duration delay) const {
    return now + draw_delay(scenario().delays, delay, random);
  }
};

// Set when this record changes by itself; Time::max(): it does not. They touch the record.
void set_due(Turn& turn, ClusterRecord& cluster, Time due);
void set_due(Turn& turn, const ClusterRecord& cluster, NodeRecord& node, Time due);
void set_min_deadline(Turn& turn, const ClusterRecord& cluster, GroupRecord& group, Time deadline);

// Queues what the shell does to Kubernetes.
void put_out(Turn& turn, Output output);

// "i-" and 17 hexadecimal digits.
std::string draw_instance_id(Random& random);
// 12 lower-case letters and digits.
std::string draw_cluster_id(Random& random);

}  // namespace hyperwright::service
