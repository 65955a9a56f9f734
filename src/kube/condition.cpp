#include "kube/condition.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::kube {
namespace {

constexpr std::string_view kRoot = "Ready";

Condition* find_mutable(Conditions& conditions, std::string_view type) {
  const auto it = std::ranges::find(conditions, type, &Condition::type);
  return it == conditions.end() ? nullptr : &*it;
}

std::string_view to_text(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::True:
      return "True";
    case ConditionStatus::False:
      return "False";
    case ConditionStatus::Unknown:
      return "Unknown";
  }
  return "Unknown";
}

}  // namespace

const Condition* find_condition(const Conditions& conditions, std::string_view type) {
  const auto it = std::ranges::find(conditions, type, &Condition::type);
  return it == conditions.end() ? nullptr : &*it;
}

bool is_true(const Conditions& conditions, std::string_view type) {
  const Condition* condition = find_condition(conditions, type);
  return condition != nullptr && condition->status == ConditionStatus::True;
}

bool is_false(const Conditions& conditions, std::string_view type) {
  const Condition* condition = find_condition(conditions, type);
  return condition != nullptr && condition->status == ConditionStatus::False;
}

ConditionWriter::ConditionWriter(Conditions& conditions,
                                 std::span<const std::string_view> dependents,
                                 std::int64_t generation, Time creation_time, Time now)
    : conditions_(conditions), dependents_(dependents), generation_(generation), now_(now) {
  const auto be_born = [&](std::string_view type) {
    if (find_condition(conditions_, type) != nullptr) return;
    conditions_.push_back({.type = std::string(type),
                           .status = ConditionStatus::Unknown,
                           .reason = "AwaitingReconciliation",
                           .message = "object is awaiting reconciliation",
                           .last_transition_time = creation_time,
                           .observed_generation = generation_});
  };
  for (const std::string_view type : dependents_) be_born(type);
  be_born(kRoot);
}

void ConditionWriter::set_true(std::string_view type) {
  set(type, ConditionStatus::True, type, {});
}

void ConditionWriter::set_false(std::string_view type, std::string_view reason,
                                std::string_view message) {
  set(type, ConditionStatus::False, reason, message);
}

void ConditionWriter::set_unknown(std::string_view type, std::string_view reason,
                                  std::string_view message) {
  set(type, ConditionStatus::Unknown, reason, message);
}

void ConditionWriter::clear(std::string_view type) {
  if (type == kRoot || std::ranges::find(dependents_, type) != dependents_.end()) return;
  std::erase_if(conditions_, [&](const Condition& condition) { return condition.type == type; });
}

void ConditionWriter::set(std::string_view type, ConditionStatus status, std::string_view reason,
                          std::string_view message) {
  Condition* condition = find_mutable(conditions_, type);
  if (condition == nullptr) {
    conditions_.push_back(
        {.type = std::string(type), .status = status, .last_transition_time = now_});
    condition = &conditions_.back();
  }
  if (condition->status != status) condition->last_transition_time = now_;
  condition->status = status;
  condition->reason = reason;
  condition->message = message;
  condition->observed_generation = generation_;
  if (type != kRoot) set_root();
}

// A dependent that speaks of an older generation is as good as Unknown.
void ConditionWriter::set_root() {
  bool any_false = false;
  std::string unhealthy;
  for (const std::string_view type : dependents_) {
    const Condition* dependent = find_condition(conditions_, type);
    const bool is_current = dependent->observed_generation == generation_;
    if (is_current && dependent->status == ConditionStatus::True) continue;
    any_false = any_false || (is_current && dependent->status == ConditionStatus::False);
    unhealthy +=
        fmt::format("{}{}={}", unhealthy.empty() ? "" : ", ", type, to_text(dependent->status));
  }
  if (unhealthy.empty()) {
    set_true(kRoot);
  } else if (any_false) {
    set_false(kRoot, "UnhealthyDependents", unhealthy);
  } else {
    set_unknown(kRoot, "ReconcilingDependents", unhealthy);
  }
}

}  // namespace hyperwright::kube
