// The words of a scenario that are about volumes.
//
//   storageclass disk: {driver: disk.csi.example.com, topologies: [{zone: z1}, {zone: z2}]}
//     also binding: Immediate, default: yes, age: 2h
//   pv data:  {zone: z1}                       a term of its node affinity; any of: [...] for more
//     also hostname, driver, handle, nfs: yes, local: yes, host path: yes, deleting: yes
//   pvc data: {class: disk}                    not bound; bound with volume: NAME, or volume: auto
//     also phase, bound: no (named, and not bound yet), deleting: yes, namespace
//   node n:   {csi limit: {disk.csi.example.com: 10}}
//   pod p:    {volumes: [data], ephemeral volumes: [{class: disk}, {}]}
//
// Where a driver is not said it is disk.csi.example.com.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "kube/pod.h"
#include "kube/volumes.h"
#include "state/cluster_state.h"
#include "state/event.h"
#include "tests/scenarios/runner/fields.h"

namespace hyperwright::scenarios {

inline bool is_about_volumes(std::string_view kind) {
  return kind == "storageclass" || kind == "pv" || kind == "pvc";
}
// What an entry of such a kind stands for.
std::vector<state::Object> volume_objects(std::string_view kind, const std::string& name,
                                          const YAML::Node& value, const state::ClusterState& state,
                                          Time now, Problems& problems);
// What `csi limit` says; no limits: nothing.
kube::CsiNode csi_node_of(Fields& node, const std::string& name);
void read_volumes(Fields& fields, const std::string& pod_name, kube::Scheduling& pod);

}  // namespace hyperwright::scenarios
