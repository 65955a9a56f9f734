#include "kube/node.h"

#include "kube/well_known.h"

namespace hyperwright::kube {

bool is_ready(const Node& node) { return is_true(node.conditions, "Ready"); }

const std::string& hostname(const Node& node) {
  const std::string* label = node.meta.labels.find(kHostname);
  return label == nullptr ? node.meta.name : *label;
}

}  // namespace hyperwright::kube
