#include "kube/taint.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

// As Kubernetes reads the operands of Lt and Gt: no sign but '-', no leading zeros.
std::optional<std::int64_t> plain_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (text != "0" && digits.starts_with('0')) return std::nullopt;
  return parse_int64(text);
}

bool compares(const std::string& taint_value, TolerationOperator op,
              const std::string& toleration_value) {
  const auto offered = plain_number(taint_value);
  const auto tolerated = plain_number(toleration_value);
  if (!offered || !tolerated) return false;
  return op == TolerationOperator::Lt ? *offered < *tolerated : *offered > *tolerated;
}

}  // namespace

std::string_view to_string(TaintEffect effect) {
  switch (effect) {
    case TaintEffect::NoSchedule:
      return "NoSchedule";
    case TaintEffect::PreferNoSchedule:
      return "PreferNoSchedule";
    case TaintEffect::NoExecute:
      return "NoExecute";
  }
  return "NoSchedule";
}

std::string to_text(const Taint& taint) {
  if (taint.value.empty()) return fmt::format("{}:{}", taint.key, to_string(taint.effect));
  return fmt::format("{}={}:{}", taint.key, taint.value, to_string(taint.effect));
}

bool Toleration::tolerates(const Taint& taint) const {
  if (effect && *effect != taint.effect) return false;
  if (!key.empty() && key != taint.key) return false;
  switch (op) {
    case TolerationOperator::Exists:
      return true;
    case TolerationOperator::Equal:
      return value == taint.value;
    case TolerationOperator::Lt:
    case TolerationOperator::Gt:
      return compares(taint.value, op, value);
  }
  return false;
}

bool is_tolerated(const Taint& taint, std::span<const Toleration> tolerations) {
  return std::ranges::any_of(
      tolerations, [&](const Toleration& toleration) { return toleration.tolerates(taint); });
}

const Taint* first_untolerated(std::span<const Taint> taints,
                               std::span<const Toleration> tolerations) {
  for (const Taint& taint : taints) {
    if (!is_tolerated(taint, tolerations)) return &taint;
  }
  return nullptr;
}

bool contains_taint(std::span<const Taint> taints, const Taint& taint) {
  return std::ranges::any_of(taints, [&](const Taint& other) { return other.is_same(taint); });
}

void merge_taints(std::vector<Taint>& taints, std::span<const Taint> more) {
  for (const Taint& taint : more) {
    if (!contains_taint(taints, taint)) taints.push_back(taint);
  }
}

bool is_ephemeral_taint(const Taint& taint) {
  if (taint.key == kTaintNotReady) return taint.effect != TaintEffect::PreferNoSchedule;
  if (taint.key == kTaintUnreachable) return taint.effect == TaintEffect::NoSchedule;
  if (taint.key == kTaintUninitialized) return taint.effect == TaintEffect::NoSchedule;
  if (taint.key == kTaintUnregistered) return taint.effect == TaintEffect::NoExecute;
  // HyperPod's health agent: Unschedulable while a deep health check runs; some clusters taint with
  // Schedulable. The values of a node that is to be replaced or rebooted are not of a start.
  if (taint.key == kNodeHealthStatus)
    return taint.value == "Unschedulable" || taint.value == "Schedulable";
  return taint.key.starts_with(kReadinessTaintPrefix);
}

}  // namespace hyperwright::kube
