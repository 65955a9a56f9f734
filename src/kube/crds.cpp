#include "kube/crds.h"

#include <array>

namespace hyperwright::kube {

// Made by embed() of src/CMakeLists.txt.
extern const std::string_view kNodePoolsCrd;
extern const std::string_view kNodeClaimsCrd;
extern const std::string_view kHyperpodNodeClassesCrd;
extern const std::string_view kNodeOverlaysCrd;
extern const std::string_view kCapacityBuffersCrd;

std::span<const std::string_view> crds() {
  static const std::array<std::string_view, 5> kAll = {kNodePoolsCrd, kNodeClaimsCrd,
                                                       kHyperpodNodeClassesCrd, kNodeOverlaysCrd,
                                                       kCapacityBuffersCrd};
  return kAll;
}

}  // namespace hyperwright::kube
