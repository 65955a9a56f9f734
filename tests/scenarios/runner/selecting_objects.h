// What selects pods, or is selected, beside the pods themselves.
//
//   service web: {select: {app: web}}                     a map of labels; without it: no pods
//   replicaset web: {select: {app: web, tier: [a, b]}}    a selector (topology_words.h)
//   statefulset web: {...}, replicationcontroller web: {...}
//   namespace other: {labels: {team: a}}
//
// All but Namespaces may stand in another namespace than the default one: {namespace: other, ...}.
#pragma once

#include <optional>
#include <string>

#include <yaml-cpp/yaml.h>

#include "state/event.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

// nullopt: `kind` is none of these words. The UID is "uid-KIND-NAME".
std::optional<state::Object> selecting_object(const std::string& kind, const std::string& name,
                                              const YAML::Node& value, Problems& problems);

}  // namespace hyperwright::scenarios
