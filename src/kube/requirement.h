// Node requirements: sets of label values, and their algebra.
//
// A requirement is a set of values of one key: a finite one (In; DoesNotExist is the empty set) or
// the complement of a finite one (NotIn; Exists excludes nothing), with optional whole-number
// bounds (Gt, Lt, Gte, Lte), and minValues, how many values the launch must keep open.
//
//   1. Values are sorted and distinct.   2. Bounds only stand with a complement.
//   3. With bounds, a value that is no whole number never matches.
//   4. A node without the key is a case of its own: NotIn and DoesNotExist allow it, all others
//   forbid
//      it, and an intersection allows it only where both sides do. A set without values that
//      forbids it too (In [a] and In [b]) is met by no node at all.
//
// Source: Karpenter, pkg/scheduling, Requirement and Requirements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/string_map.h"

namespace hyperwright::kube {

enum class NodeOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist, Gt, Lt, Gte, Lte };
std::string_view to_string(NodeOperator op);
std::optional<NodeOperator> parse_node_operator(std::string_view text);

// As it is written in a manifest: NodePool and NodeClaim requirements, node affinity expressions.
struct NodeRequirement {
  std::string key;
  NodeOperator op = NodeOperator::In;
  std::vector<std::string> values;
  std::optional<std::int32_t> min_values;
  auto operator<=>(const NodeRequirement&) const = default;
};

// The stable name of a key: beta.kubernetes.io/arch becomes kubernetes.io/arch, and so on.
std::string_view normalized_key(std::string_view key);

class Requirement {
 public:
  // A bound whose operand is no whole number matches nothing: validation reports it where it is
  // written.
  static Requirement from(const NodeRequirement& written);
  static Requirement in(std::string_view key, std::vector<std::string> values);
  static Requirement exists(std::string_view key);

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] bool is_complement() const { return complement_; }
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }
  [[nodiscard]] std::optional<std::int64_t> gte() const { return gte_; }
  [[nodiscard]] std::optional<std::int64_t> lte() const { return lte_; }
  [[nodiscard]] std::optional<std::int32_t> min_values() const { return min_values_; }
  void set_min_values(std::optional<std::int32_t> n) { min_values_ = n; }
  // In, NotIn, Exists or DoesNotExist; bounds do not change it.
  [[nodiscard]] NodeOperator op() const;

  [[nodiscard]] bool has(std::string_view value) const;
  // A node without the key meets the requirement.
  [[nodiscard]] bool allows_absence() const { return allows_absence_; }
  // A value for a label of a new node: the first of a finite set, or the smallest whole number from
  // 0 up that bounds and exclusions leave; nullopt: there is none.
  [[nodiscard]] std::optional<std::string> any_value() const;
  [[nodiscard]] Requirement intersection(const Requirement& other) const;
  // Some value meets both. Two complements always share one, unless their bounds cross: a number
  // has many spellings (7, 07), so that a finite list never excludes it.
  [[nodiscard]] bool intersects(const Requirement& other) const;
  // Written form again: one entry, or one more for each bound, for exclusions next to bounds and
  // for a key that must be there: Requirements::from() of it is this requirement.
  [[nodiscard]] std::vector<NodeRequirement> written() const;
  // "topology.kubernetes.io/zone In [a b]", at most 5 values, then "and N others".
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Requirement&) const = default;

 private:
  std::string key_;
  bool complement_ = false;
  std::vector<std::string> values_;
  std::optional<std::int64_t> gte_;
  std::optional<std::int64_t> lte_;
  std::optional<std::int32_t> min_values_;
  bool allows_absence_ = false;
};

// One requirement a key, sorted by key. Adding to a key intersects.
class Requirements {
 public:
  Requirements() = default;
  static Requirements from(const std::vector<NodeRequirement>& written);
  static Requirements from_labels(const StringMap& labels);

  void add(const Requirement& requirement);
  void add(const Requirements& other);
  void erase(std::string_view key);
  // nullptr: the key is free (the same as Exists, except that a node need not have it).
  [[nodiscard]] const Requirement* find(std::string_view key) const;
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::size_t size() const { return list_.size(); }
  [[nodiscard]] std::vector<Requirement>::const_iterator begin() const { return list_.begin(); }
  [[nodiscard]] std::vector<Requirement>::const_iterator end() const { return list_.end(); }

  // The keys whose sets have nothing in common, shared keys only; a pair of NotIn and DoesNotExist
  // always has (absence satisfies both). Empty: compatible.
  [[nodiscard]] std::vector<std::string> conflicts(const Requirements& other) const;
  // This side is a node (or an offering), `asked` a pod: a key that only the pod has fails, unless
  // it asks NotIn or DoesNotExist, or `may_be_undefined(key)` (well-known keys of capacity not
  // launched yet). Returns a sentence for the first failure; nullopt: compatible.
  [[nodiscard]] std::optional<std::string> incompatibility(
      const Requirements& asked, bool (*may_be_undefined)(std::string_view)) const;
  [[nodiscard]] std::vector<NodeRequirement> written() const;
  // Sorted by key, joined by ", "; kubernetes.io/hostname is left out.
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Requirements&) const = default;

 private:
  std::vector<Requirement> list_;
};

// Keys that capacity may leave open until it is launched: zone, instance type, capacity type, arch,
// os, ...
bool is_well_known_label(std::string_view key);
bool no_key_may_be_undefined(std::string_view key);
// Keys that a NodePool or pod may not require: karpenter.sh and its subdomains except the
// well-known ones, and kubernetes.io/hostname.
bool is_restricted_label(std::string_view key);

// A requirement as a NodePool or a pod writes it: known operator, qualified key, not restricted,
// legal values, In with values, minValues no more than the values, bounds one whole number >= 0,
// and a capacity type that exists. Fails with Invalid; the sentence names key, operator and value.
Status validate(const NodeRequirement& requirement);
// Kubernetes' syntax of label keys and values; a sentence that says what is wrong, or nullopt.
std::optional<std::string> label_key_problem(std::string_view key);
std::optional<std::string> label_value_problem(std::string_view value);

}  // namespace hyperwright::kube
