// Host ports: two pods that ask for the same one cannot share a node.
//
// Source: Kubernetes, PodSpec containers[].ports[].hostPort; Karpenter,
// pkg/scheduling/hostportusage.go.
#pragma once

#include <algorithm>
#include <vector>

#include "kube/pod.h"

namespace hyperwright::scheduling {

inline bool is_every_address(const std::string& ip) {
  return ip.empty() || ip == "0.0.0.0" || ip == "::";
}

inline bool do_conflict(const kube::HostPort& a, const kube::HostPort& b) {
  return a.port == b.port && a.protocol == b.protocol &&
         (a.ip == b.ip || is_every_address(a.ip) || is_every_address(b.ip));
}

inline bool do_conflict(const std::vector<kube::HostPort>& a,
                        const std::vector<kube::HostPort>& b) {
  return std::ranges::any_of(a, [&](const kube::HostPort& mine) {
    return std::ranges::any_of(
        b, [&](const kube::HostPort& theirs) { return do_conflict(mine, theirs); });
  });
}

}  // namespace hyperwright::scheduling
