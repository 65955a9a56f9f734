// What the core is told once, at the start: the cluster, the clocks of its rules, and which of
// Karpenter's policies and feature gates hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "hyperpod/discount.h"
#include "kube/pod.h"
#include "state/kind.h"

namespace hyperwright::state {

// Respect: preferences are tried first and given up one by one; Ignore: they are not looked at.
enum class PreferencePolicy : std::uint8_t { Respect, Ignore };
std::string_view to_string(PreferencePolicy policy);
// Strict: a launch keeps the flexibility that minValues asks for; BestEffort: as much as there is.
enum class MinValuesPolicy : std::uint8_t { Strict, BestEffort };
std::string_view to_string(MinValuesPolicy policy);

// The cluster's default of a pod that has no spread constraints of its own. It has no selector:
// the pod's Services and workloads give one.
using DefaultSpreadConstraint = kube::TopologySpreadConstraint;

// Named as Karpenter's flag --feature-gates names them.
struct FeatureGates {
  bool reserved_capacity = true;
  bool node_overlay = false;
  bool static_capacity = false;
  bool capacity_buffer = false;
  bool operator==(const FeatureGates&) const = default;
};

struct Options {
  std::string cluster;  // name or ARN of the HyperPod cluster
  // A batch of pending pods closes this long after its newest pod, and this long after its first.
  Duration batch_idle = Duration::seconds(1);
  Duration batch_max = Duration::seconds(10);
  // From the instance that HyperPod named to its registered Node; stands still in deep health
  // checks.
  Duration registration_timeout = Duration::minutes(30);
  // From the logical id to an instance that HyperPod names; and from the claim to the logical id.
  Duration capacity_timeout = Duration::minutes(10);
  // How long an offering without capacity is left out of plans.
  Duration unavailable_for = Duration::minutes(3);
  PreferencePolicy preference_policy = PreferencePolicy::Respect;
  MinValuesPolicy min_values_policy = MinValuesPolicy::Strict;
  std::vector<DefaultSpreadConstraint> default_spread;
  FeatureGates gates;
  hyperpod::Discounts discounts;  // on the list prices

  // Kinds that no rule reads under these options are neither listed nor waited for.
  [[nodiscard]] bool watches(Kind kind) const;
  bool operator==(const Options&) const = default;
};

}  // namespace hyperwright::state
