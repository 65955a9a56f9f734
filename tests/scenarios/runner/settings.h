// The flags that the controller is started with, as far as a plan depends on them.
//
//   settings: {default spread: {zone: 1}}         as `spread` of a pod, without a selector
//   settings: {preference policy: Ignore}         or Respect
//   settings: {min values policy: BestEffort}     or Strict
#pragma once

#include <yaml-cpp/yaml.h>

#include "state/options.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

void read_settings(const YAML::Node& settings, state::Options& options, Problems& problems);

}  // namespace hyperwright::scenarios
