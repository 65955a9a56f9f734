#include "kube/crds.h"

#include <array>

namespace hyperwright::kube {

// Made by embed() of src/CMakeLists.txt.
extern const std::string_view kNodePoolsCrd;
extern const std::string_view kNodeClaimsCrd;
extern const std::string_view kHyperpodNodeClassesCrd;

std::span<const std::string_view> crds() {
  static const std::array<std::string_view, 3> kAll = {kNodePoolsCrd, kNodeClaimsCrd,
                                                       kHyperpodNodeClassesCrd};
  return kAll;
}

}  // namespace hyperwright::kube
