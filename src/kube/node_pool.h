// karpenter.sh/v1 NodePool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/condition.h"
#include "kube/node_claim.h"
#include "kube/object_meta.h"
#include "kube/resources.h"

namespace hyperwright::kube {

enum class ConsolidationPolicy : std::uint8_t { WhenEmptyOrUnderutilized, WhenEmpty, Balanced };

// As written: the texts are read where they are used, so that a typo closes this budget and no
// other.
struct DisruptionBudget {
  std::string nodes = "10%";
  std::optional<std::string> schedule;
  std::optional<std::string> duration;
  std::optional<std::vector<std::string>> reasons;  // absent: every reason; empty: none
  bool operator==(const DisruptionBudget&) const = default;
};

struct Disruption {
  std::optional<Duration> consolidate_after = Duration{};  // absent: Never
  ConsolidationPolicy policy = ConsolidationPolicy::WhenEmptyOrUnderutilized;
  std::vector<DisruptionBudget> budgets = {{}};
  bool operator==(const Disruption&) const = default;
};

struct NodePool {
  ObjectMeta meta;
  StringMap template_labels;
  StringMap template_annotations;
  NodeClaimSpec template_spec;
  Disruption disruption;
  std::optional<Limits> limits;
  std::int32_t weight = 0;               // 0: not set
  std::optional<std::int64_t> replicas;  // present: a static pool
  // What could not be read, one sentence a field: the pool is then invalid, and the others go on.
  std::vector<std::string> decode_problems;
  // status
  Resources status_resources;
  std::int64_t status_nodes = 0;
  std::int64_t node_class_observed_generation = 0;
  Conditions conditions;
  bool operator==(const NodePool&) const = default;
};

namespace node_pool_condition {
inline constexpr std::string_view kValidationSucceeded = "ValidationSucceeded";
inline constexpr std::string_view kNodeClassReady = "NodeClassReady";
inline constexpr std::string_view kNodeRegistrationHealthy = "NodeRegistrationHealthy";
inline constexpr std::string_view kReady = "Ready";
inline constexpr std::string_view kDependents[] = {kValidationSucceeded, kNodeClassReady};
}  // namespace node_pool_condition

// All that is wrong with a pool at run time, one sentence a problem that names the field; empty:
// valid. A few problems are told, each in a few lines: they are the message of a condition.
// Source: Karpenter, NodePool runtime validation.
std::vector<std::string> problems(const NodePool& pool);

// Keys and values of a template's annotations together. With those that the autoscaler adds to a
// claim (the largest is its launch call) they stay below what is kept of a claim, 64 KiB, and so
// they all go on to its Node.
inline constexpr std::size_t kTemplateAnnotationBytesMax = std::size_t{56} * 1024;
// nullopt: so many bytes are not too many.
std::optional<std::string> template_annotations_problem(std::size_t bytes);
// A template may not set it: of a claim it is read as the autoscaler's own word, such as by whose
// instance it is, or when its pods may be deleted.
bool is_set_by_autoscaler(std::string_view annotation);
// Hash of what of the template makes nodes drift: labels, annotations, taints, startup taints,
// nodeClassRef, expireAfter, terminationGracePeriod; not requirements. Decimal text, the order of
// lists does not count. Its version is ours, so that claims of another implementation are stamped
// anew and never drift by the change of hands.
std::string template_hash(const NodePool& pool);
inline constexpr std::string_view kTemplateHashVersion = "hyperwright-v1";

}  // namespace hyperwright::kube
