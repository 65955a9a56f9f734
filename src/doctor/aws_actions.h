// The IAM actions that the controller calls: the one list. deploy/iam/policy.json allows exactly
// these, and tests/doctor/aws_actions_test.cpp holds both against the calls that effects become.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "doctor/finding.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kAwsActions = "AWS permissions";
inline constexpr std::string_view kAwsIdentity = "AWS identity";

// "sagemaker:DescribeCluster" and so on, sorted.
std::span<const std::string_view> aws_actions();

struct AskedAction {
  std::string action;
  // How the call ended; nullopt: it was not made, and why.
  std::optional<Status> answer;
  std::string why_not;
  // What the controller does without it; "": it needs it.
  std::string without{};
  std::string remedy{};  // beside allowing the action: "or start the controller with ..."
};
// An answer that is no refusal (there is no such thing, say) shows that the action is allowed. What
// was asked and not answered is a problem; of what the controller can do without, a warning.
Findings check_aws_actions(std::span<const AskedAction> asked);

// The service looked at the call and had something else to say: the action is allowed.
bool shows_permission(const Error& error);
// The service looked at this call: it answered, or refused this action alone. Other calls may be
// answered differently; where it is false (no connection, keys that are not accepted), they will
// not.
bool is_of_this_action(const Error& error);

// The ARN that the keys belong to, or why it was not told; nullopt: it was not asked for. Nothing
// depends on it but the reader: where STS cannot be reached, nothing blocks.
Findings check_aws_identity(const std::optional<Result<std::string>>& arn);

}  // namespace hyperwright::doctor
