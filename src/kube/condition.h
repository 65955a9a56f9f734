// Status conditions, with the rules that Karpenter's objects follow (awslabs/operatorpkg, status):
//
//   1. `Ready` is the root: True when every dependent is True at the current generation; False,
//   reason
//      UnhealthyDependents, if any is False at the current generation; else Unknown,
//      ReconcilingDependents.
//   2. Root and dependents are born Unknown, reason AwaitingReconciliation, at the object's
//      creation; those of a NodeClaim at the first look, because time-outs count from there
//      (controllers/nodeclaim_lifecycle.cpp).
//   3. lastTransitionTime moves only when the status changes; every set stamps observedGeneration.
//   4. True has the type as reason and no message.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace hyperwright::kube {

enum class ConditionStatus : std::uint8_t { Unknown, False, True };

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::Unknown;
  std::string reason;
  std::string message;
  Time last_transition_time;
  std::int64_t observed_generation = 0;
  bool operator==(const Condition&) const = default;
};

using Conditions = std::vector<Condition>;

// nullptr: absent.
const Condition* find_condition(const Conditions& conditions, std::string_view type);
bool is_true(const Conditions& conditions, std::string_view type);
bool is_false(const Conditions& conditions, std::string_view type);

// Writes conditions of one object by the rules above; `dependents` feed the root.
class ConditionWriter {
 public:
  // `conditions` is changed in place and outlives the writer.
  ConditionWriter(Conditions& conditions, std::span<const std::string_view> dependents,
                  std::int64_t generation, Time creation_time, Time now);
  void set_true(std::string_view type);
  void set_false(std::string_view type, std::string_view reason, std::string_view message);
  void set_unknown(std::string_view type, std::string_view reason, std::string_view message);
  // Dependents and the root cannot be cleared.
  void clear(std::string_view type);

 private:
  void set(std::string_view type, ConditionStatus status, std::string_view reason,
           std::string_view message);
  void set_root();
  Conditions& conditions_;
  std::span<const std::string_view> dependents_;
  std::int64_t generation_;
  Time now_;
};

}  // namespace hyperwright::kube
