// Whole manifests inside of a scenario: YAML documents as kubectl takes them.
#pragma once

#include <vector>

#include <yaml-cpp/yaml.h>

#include "state/event.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

std::vector<state::Object> objects_of(const YAML::Node& text, Problems& problems);

}  // namespace hyperwright::scenarios
