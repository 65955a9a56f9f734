// What `then` says, compared with what came out.
//
//   web placed: 4            web pending: 2           web pending: {count: 2, because: limit cpu}
//   web by zone: {z1: 2}     web by node: [2, 1]      web by node: {at most: 3}
//   web skew by zone: {at most: 1}
//   web effective zone: z1   (flexible, none)
//   new nodes: 2             new nodes: [small-instance-type]
//   new nodes offer: [...]   new nodes offer: 12     new nodes request: {cpu: 2}
//   new nodes labels: {team: a, other: ~, third: any}    new nodes min values: {type: 2}
//   cost: {at most: 1.20}
//
// "all" stands for all pods; a label's full key may stand behind "by".
#pragma once

#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "tests/scenarios/runner/fields.h"
#include "tests/scenarios/runner/world.h"

namespace hyperwright::scenarios {

struct Difference {
  int line = 0;
  std::string claim;  // "web by zone"
  std::string wanted;
  std::string got;
};

std::vector<Difference> differences(const YAML::Node& then, World& world, Problems& problems);

}  // namespace hyperwright::scenarios
