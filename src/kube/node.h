// A Node, as far as an autoscaler reads it.
#pragma once

#include <string>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"
#include "kube/resources.h"
#include "kube/taint.h"

namespace hyperwright::kube {

struct Node {
  ObjectMeta meta;
  std::string provider_id;
  bool unschedulable = false;
  std::vector<Taint> taints;
  Resources capacity;
  Resources allocatable;
  Conditions conditions;  // Ready and those of health agents
  bool operator==(const Node&) const = default;
};

bool is_ready(const Node& node);
// The kubernetes.io/hostname label, or the name.
const std::string& hostname(const Node& node);

}  // namespace hyperwright::kube
