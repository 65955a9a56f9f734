// New nodes become NodeClaims: named, grouped into launch calls, and within their pools' limits.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controllers/controller.h"
#include "scheduling/plan.h"
#include "state/launch.h"

namespace hyperwright::controllers {

class Purchase {
 public:
  // Both outlive this. Requires: the supply has followed the picture.
  Purchase(const Context& context, Decision& decision) : context_(context), decision_(decision) {}

  // Emits the claims, for pods of theirs that are real. Returns their names in the order of
  // `nodes`; "" where a limit allows no more.
  std::vector<std::string> buy(std::span<const scheduling::NewNode> nodes, std::string_view reason);

 private:
  bool fits_limits(const scheduling::NewNode& node);
  std::string create(const scheduling::NewNode& node, const state::Launch& launch,
                     std::string_view reason);

  const Context& context_;
  Decision& decision_;
  std::set<std::string> names_;
  std::map<std::string, kube::Resources, std::less<>> usage_;
};

// Of the UIDs, those of pods that are there: not the virtual ones of CapacityBuffers.
std::vector<std::string> real_pods(const state::ClusterState& state,
                                   const std::vector<std::string>& uids);

}  // namespace hyperwright::controllers
