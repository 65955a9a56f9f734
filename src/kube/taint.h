// Taints and tolerations.
//
// Source: Kubernetes, Taints and Tolerations; the numeric operators Lt and Gt are KEP-5471.
// Karpenter counts PreferNoSchedule as a taint that must be tolerated (it is relaxed last), and so
// do we.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hyperwright::kube {

enum class TaintEffect : std::uint8_t { NoSchedule, PreferNoSchedule, NoExecute };
std::string_view to_string(TaintEffect effect);

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::NoSchedule;
  auto operator<=>(const Taint&) const = default;
  // Two taints are the same one when key and effect are: the value does not count.
  [[nodiscard]] bool is_same(const Taint& other) const {
    return key == other.key && effect == other.effect;
  }
};
// "key=value:NoSchedule", or "key:NoSchedule" without a value.
std::string to_text(const Taint& taint);

enum class TolerationOperator : std::uint8_t { Equal, Exists, Lt, Gt };

struct Toleration {
  std::string key;  // empty: every key (with Exists)
  TolerationOperator op = TolerationOperator::Equal;
  std::string value;
  std::optional<TaintEffect> effect;  // absent: every effect
  std::optional<std::int64_t> toleration_seconds;
  auto operator<=>(const Toleration&) const = default;
  [[nodiscard]] bool tolerates(const Taint& taint) const;
};

bool is_tolerated(const Taint& taint, std::span<const Toleration> tolerations);
// The first taint that is not tolerated, in the list's order; nullptr: all are.
const Taint* first_untolerated(std::span<const Taint> taints,
                               std::span<const Toleration> tolerations);
// Appends those of `more` whose (key, effect) is not there yet.
void merge_taints(std::vector<Taint>& taints, std::span<const Taint> more);
bool contains_taint(std::span<const Taint> taints, const Taint& taint);

// Taints that Kubernetes, a cloud provider, Karpenter or HyperPod's health agent put on a node
// while it starts, and take away by themselves. They count only once the node is initialized.
bool is_ephemeral_taint(const Taint& taint);

}  // namespace hyperwright::kube
