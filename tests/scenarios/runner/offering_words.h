// The words of a scenario that are about what can be bought beside the catalogue.
//
//   reservation r: {type: small, zone: z1, count: 1}    an instance group that draws on a training
//   plan
//     of its name; also pool: the one NodePool that may use it
//   overlay o: {type: small, price: 4.20}               also adjust: "-10%", resources: {a.b/c: 1},
//     weight, and requirements as a pool has them: zone, type, capacity, arch, pool, requires
#pragma once

#include <cstdint>
#include <string>

#include <yaml-cpp/yaml.h>

#include "kube/node_overlay.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

struct ReservationWords {
  std::string type;
  std::string zone;
  std::int32_t count = 1;
  std::string pool;  // "": every pool
};
ReservationWords reservation_of(const std::string& name, const YAML::Node& value,
                                Problems& problems);

kube::NodeOverlay overlay_of(const std::string& name, const YAML::Node& value, Problems& problems);

}  // namespace hyperwright::scenarios
