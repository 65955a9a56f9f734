// The launch call that a NodeClaim is born for.
//
// Claims are created first and the call goes out when all of them exist. Each claim carries the
// whole call, so that after a crash the same call with the same token names the same nodes. The
// batch id is the ClientToken of BatchAddClusterNodes. No two specifications of a call share group,
// type and zone, because the list of failures in its answer has no index.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hyperpod/cluster.h"
#include "hyperpod/offering.h"

namespace hyperwright::state {

struct LaunchSpecification {
  hyperpod::OfferingKey offering;
  bool is_flexible = false;  // type and zone are sent with the call
  std::int32_t count = 1;
  auto operator<=>(const LaunchSpecification&) const = default;
};

struct LaunchCall {
  std::string batch;                                // a UUID
  std::vector<LaunchSpecification> specifications;  // at most 5, at most 50 nodes in all
  auto operator<=>(const LaunchCall&) const = default;
  [[nodiscard]] std::int32_t nodes() const;
  [[nodiscard]] std::vector<hyperpod::AddSpecification> add_specifications() const;
};

// A claim's part: the call, and which of its specifications the claim belongs to.
struct Launch {
  LaunchCall call;
  std::size_t specification = 0;
  auto operator<=>(const Launch&) const = default;
  [[nodiscard]] const hyperpod::OfferingKey& offering() const {
    return call.specifications.at(specification).offering;
  }
};

// The text of the annotation hyperwright.dev/launch, and back. Fails with Invalid.
std::string encode_launch(const Launch& launch);
Result<Launch> decode_launch(std::string_view text);

}  // namespace hyperwright::state
