// How the inhabitants of the simulated cluster notice what happened: each follows the change log of
// the resources that it cares about, and looks only at what changed. Cost: O(changes), never
// O(objects).
//
// The first look, and a look after the bounded log has run over, is a relist: every object that
// there is, as if it had just been added. The reader then forgets what it knew of the resource
// before it takes the news in.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

using ObjectNames = std::set<ObjectName, ObjectNameLess>;

class ChangeFollower {
 public:
  struct News {
    std::vector<Change> changes;  // oldest first
    bool is_relist = false;
  };

  // `api` outlives the follower. A resource that is not served has no news.
  ChangeFollower(const KubernetesApi& api, std::string_view resource)
      : api_(&api), resource_(resource) {}

  // What changed since the last call.
  [[nodiscard]] News take();
  [[nodiscard]] const std::string& resource() const { return resource_; }

 private:
  const KubernetesApi* api_;
  std::string resource_;
  std::uint64_t seen_ = 0;
  bool has_listed_ = false;
};

}  // namespace hyperwright::sim
