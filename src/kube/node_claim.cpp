#include "kube/node_claim.h"

#include "kube/well_known.h"

namespace hyperwright::kube {

bool NodeClassReference::is_hyperpod() const {
  return group == kNodeClassGroup && kind == kNodeClassKind;
}

}  // namespace hyperwright::kube
