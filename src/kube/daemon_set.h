// apps/v1 DaemonSet: what it will put on every node, the overhead that a new node starts with.
#pragma once

#include "kube/object_meta.h"
#include "kube/pod.h"

namespace hyperwright::kube {

struct DaemonSet {
  ObjectMeta meta;
  Scheduling
      scheduling;  // of its pod template; limits fill in missing requests, as the API server will
  bool operator==(const DaemonSet&) const = default;
};

}  // namespace hyperwright::kube
