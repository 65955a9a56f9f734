// core/v1 Namespace: its labels, by which pod affinity terms select namespaces.
#pragma once

#include "kube/object_meta.h"

namespace hyperwright::kube {

struct Namespace {
  ObjectMeta meta;
  bool operator==(const Namespace&) const = default;
};

}  // namespace hyperwright::kube
