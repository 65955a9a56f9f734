#include "kube/requirement.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.h"

namespace hyperwright::kube {
namespace {

constexpr std::array<std::pair<NodeOperator, std::string_view>, 8> kOperators = {
    {{NodeOperator::In, "In"},
     {NodeOperator::NotIn, "NotIn"},
     {NodeOperator::Exists, "Exists"},
     {NodeOperator::DoesNotExist, "DoesNotExist"},
     {NodeOperator::Gt, "Gt"},
     {NodeOperator::Lt, "Lt"},
     {NodeOperator::Gte, "Gte"},
     {NodeOperator::Lte, "Lte"}}};

// As Kubernetes reads label values under Gt and Lt: a plus and leading zeros are fine.
std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return parse_int64(text);
}

using Bound = std::optional<std::int64_t>;

bool is_within(std::string_view value, Bound gte, Bound lte) {
  if (!gte && !lte) return true;
  const auto number = whole_number(value);
  return number && (!gte || *number >= *gte) && (!lte || *number <= *lte);
}

bool do_cross(Bound gte, Bound lte) { return gte && lte && *gte > *lte; }

// The narrower of two bounds, either of which may be missing.
Bound later(Bound a, Bound b) { return !a ? b : !b ? a : std::max(*a, *b); }
Bound earlier(Bound a, Bound b) { return !a ? b : !b ? a : std::min(*a, *b); }

}  // namespace

std::string_view to_string(NodeOperator op) {
  return kOperators[static_cast<std::size_t>(op)].second;
}

std::optional<NodeOperator> parse_node_operator(std::string_view text) {
  for (const auto& [op, name] : kOperators) {
    if (name == text) return op;
  }
  return std::nullopt;
}

std::string_view normalized_key(std::string_view key) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStableNames = {
      {{"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
       {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
       {"beta.kubernetes.io/arch", "kubernetes.io/arch"},
       {"beta.kubernetes.io/os", "kubernetes.io/os"},
       {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"}}};
  for (const auto& [old_name, stable_name] : kStableNames) {
    if (key == old_name) return stable_name;
  }
  return key;
}

Requirement Requirement::from(const NodeRequirement& written) {
  Requirement result;
  result.key_ = normalized_key(written.key);
  result.min_values_ = written.min_values;
  switch (written.op) {
    case NodeOperator::In:
    case NodeOperator::NotIn:
      result.values_ = written.values;
      std::ranges::sort(result.values_);
      result.values_.erase(std::ranges::unique(result.values_).begin(), result.values_.end());
      result.complement_ = written.op == NodeOperator::NotIn;
      result.allows_absence_ = result.complement_;
      return result;
    case NodeOperator::Exists:
      result.complement_ = true;
      return result;
    case NodeOperator::DoesNotExist:
      result.allows_absence_ = true;
      return result;
    default:
      break;
  }
  const auto operand = written.values.size() == 1 ? whole_number(written.values[0]) : std::nullopt;
  if (!operand) return result;
  switch (written.op) {
    case NodeOperator::Gt:
      if (*operand == INT64_MAX) return result;
      result.gte_ = *operand + 1;
      break;
    case NodeOperator::Lt:
      if (*operand == INT64_MIN) return result;
      result.lte_ = *operand - 1;
      break;
    case NodeOperator::Gte:
      result.gte_ = operand;
      break;
    default:
      result.lte_ = operand;
      break;
  }
  result.complement_ = true;
  return result;
}

Requirement Requirement::in(std::string_view key, std::vector<std::string> values) {
  return from({.key = std::string(key),
               .op = NodeOperator::In,
               .values = std::move(values),
               .min_values = {}});
}

Requirement Requirement::exists(std::string_view key) {
  return from(
      {.key = std::string(key), .op = NodeOperator::Exists, .values = {}, .min_values = {}});
}

NodeOperator Requirement::op() const {
  if (complement_) return values_.empty() ? NodeOperator::Exists : NodeOperator::NotIn;
  return values_.empty() ? NodeOperator::DoesNotExist : NodeOperator::In;
}

bool Requirement::has(std::string_view value) const {
  return std::ranges::binary_search(values_, value) != complement_ && is_within(value, gte_, lte_);
}

std::optional<std::string> Requirement::any_value() const {
  if (!complement_) return values_.empty() ? std::nullopt : std::optional(values_.front());
  const std::int64_t first = std::max<std::int64_t>(gte_.value_or(0), 0);
  // Of one number more than there are exclusions, one is free.
  for (std::size_t i = 0; i <= values_.size(); ++i) {
    std::int64_t number = 0;
    if (__builtin_add_overflow(first, i, &number) || (lte_ && number > *lte_)) return std::nullopt;
    std::string value = fmt::format("{}", number);
    if (!std::ranges::binary_search(values_, value)) return value;
  }
  return std::nullopt;
}

Requirement Requirement::intersection(const Requirement& other) const {
  Requirement result;
  result.key_ = key_;
  result.min_values_ = !min_values_         ? other.min_values_
                       : !other.min_values_ ? min_values_
                                            : std::max(min_values_, other.min_values_);
  result.allows_absence_ = allows_absence_ && other.allows_absence_;
  const Bound gte = later(gte_, other.gte_);
  const Bound lte = earlier(lte_, other.lte_);
  if (do_cross(gte, lte)) return result;

  auto out = std::back_inserter(result.values_);
  if (complement_ && other.complement_) {
    result.complement_ = true;
    result.gte_ = gte;
    result.lte_ = lte;
    std::ranges::set_union(values_, other.values_, out);
  } else if (complement_) {
    std::ranges::set_difference(other.values_, values_, out);
  } else if (other.complement_) {
    std::ranges::set_difference(values_, other.values_, out);
  } else {
    std::ranges::set_intersection(values_, other.values_, out);
  }
  std::erase_if(result.values_,
                [&](const std::string& value) { return !is_within(value, gte, lte); });
  return result;
}

bool Requirement::intersects(const Requirement& other) const {
  if (do_cross(later(gte_, other.gte_), earlier(lte_, other.lte_))) return false;
  if (complement_ && other.complement_) return true;
  const bool is_mine_smaller =
      !complement_ && (other.complement_ || values_.size() <= other.values_.size());
  const Requirement& finite = is_mine_smaller ? *this : other;
  const Requirement& tested = is_mine_smaller ? other : *this;
  return std::ranges::any_of(finite.values_,
                             [&](const std::string& value) { return tested.has(value); });
}

std::vector<NodeRequirement> Requirement::written() const {
  std::vector<NodeRequirement> entries;
  const auto add = [&](NodeOperator op, std::vector<std::string> values) {
    entries.push_back(
        {.key = key_, .op = op, .values = std::move(values), .min_values = min_values_});
  };
  // Schemas want operands of 0 and more: "at most -1" is written "below 0".
  if (gte_) add(NodeOperator::Gte, {fmt::format("{}", *gte_)});
  if (lte_ == -1) {
    add(NodeOperator::Lt, {"0"});
  } else if (lte_) {
    add(NodeOperator::Lte, {fmt::format("{}", *lte_)});
  }
  if (!complement_ && !values_.empty()) {
    add(NodeOperator::In, values_);
    return entries;
  }
  if (!complement_) add(NodeOperator::DoesNotExist, {});
  // Bounds say that the key must be there; without them it is said. With DoesNotExist it is a
  // contradiction, and stays one.
  if (!allows_absence_ && !gte_ && !lte_) add(NodeOperator::Exists, {});
  if (complement_ && (!values_.empty() || allows_absence_)) add(NodeOperator::NotIn, values_);
  return entries;
}

std::string Requirement::text() const {
  constexpr std::size_t kShownMax = 5;
  const bool is_impossible = !complement_ && values_.empty() && !allows_absence_;
  std::string text = fmt::format("{} {}", key_, is_impossible ? "In" : to_string(op()));
  if (!values_.empty() || is_impossible) {
    const std::span shown = std::span(values_).first(std::min(values_.size(), kShownMax));
    text += fmt::format(" [{}", fmt::join(shown, " "));
    if (values_.size() > kShownMax)
      text += fmt::format(" and {} others", values_.size() - kShownMax);
    text += "]";
  }
  if (gte_) text += fmt::format(" >={}", *gte_);
  if (lte_) text += fmt::format(" <={}", *lte_);
  if (min_values_) text += fmt::format(" minValues {}", *min_values_);
  return text;
}

}  // namespace hyperwright::kube
