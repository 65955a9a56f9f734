// The definitions of the objects that are ours to install: NodePool, NodeClaim, HyperpodNodeClass,
// NodeOverlay and CapacityBuffer, as YAML. They are the files of deploy/crds, which the build puts
// into the binary.
#pragma once

#include <span>
#include <string_view>

namespace hyperwright::kube {

// One document each, in the order in which they are installed and printed.
std::span<const std::string_view> crds();

}  // namespace hyperwright::kube
