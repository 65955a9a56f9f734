#include "disruption/disruption_cost.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "kube/well_known.h"

namespace hyperwright::disruption {
namespace {

constexpr std::int64_t kMost = 10 * kPlainPod;
constexpr std::int64_t kWholeLife = 1'000'000;

// A whole number of 32 bits, as Kubernetes reads it; what is none costs nothing more.
std::int64_t deletion_cost(const kube::Pod& pod) {
  const std::string_view text = pod.meta.annotations.get(kube::kPodDeletionCost);
  std::int32_t cost = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
  return error == std::errc{} && end == text.data() + text.size() ? cost : 0;
}

}  // namespace

std::int64_t eviction_cost(const kube::Pod& pod) {
  const std::int64_t cost =
      kPlainPod + deletion_cost(pod) + std::int64_t{pod.scheduling.priority} * 4;
  return std::clamp(cost, -kMost, kMost);
}

std::int64_t lifetime_remaining(const kube::NodeClaim& claim, Time now) {
  if (!claim.spec.expire_after) return kWholeLife;
  const std::int64_t whole = claim.spec.expire_after->in_microseconds();
  const std::int64_t age = (now - claim.meta.creation_time).in_microseconds();
  if (whole <= age) return 0;
  // Of what does not divide, a millionth may be lost: it only puts nodes in order.
  const std::int64_t left = std::min(whole, whole - age);
  return whole < kWholeLife ? left * kWholeLife / whole
                            : std::min(kWholeLife, left / (whole / kWholeLife));
}

std::int64_t disruption_cost(const state::ClusterState& state, const state::ClaimRecord& claim,
                             Time now) {
  std::int64_t sum = 0;
  for (const state::PodRecord* pod : state.usage(claim.node_name).pods)
    sum += eviction_cost(pod->pod);
  return sum * lifetime_remaining(claim.claim, now);
}

}  // namespace hyperwright::disruption
