#include "doctor/aws_actions.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::doctor {
namespace {

constexpr std::string_view kActions[] = {
    "ec2:DescribeSubnets",
    "pricing:GetProducts",
    "sagemaker:BatchAddClusterNodes",
    "sagemaker:BatchDeleteClusterNodes",
    "sagemaker:DescribeCluster",
    "sagemaker:DescribeClusterEvent",
    "sagemaker:DescribeClusterNode",
    "sagemaker:DescribeTrainingPlan",
    "sagemaker:ListClusterEvents",
    "sagemaker:ListClusterNodes",
};

// The words of IAM's refusals; keys that are wrong or have expired are refused with others.
bool is_denied(const Error& error) {
  const std::string text = error.text();
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"AccessDenied", "UnauthorizedOperation",
                                              "NotAuthorized"},
      [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// The service looked at the call and had something else to say.
bool shows_permission(const Error& error) {
  const bool is_unknown = error.text().find("UnknownOperation") != std::string::npos;
  return error.code() == ErrorCode::NotFound || error.code() == ErrorCode::Conflict ||
         (error.code() == ErrorCode::Invalid && !is_unknown);
}

}  // namespace

std::span<const std::string_view> aws_actions() { return kActions; }

Findings check_aws_actions(std::span<const AskedAction> asked) {
  Findings findings;
  std::vector<std::string> allowed;
  std::map<std::string, std::vector<std::string>> not_asked;  // by why
  std::set<std::string> said;
  for (const AskedAction& each : asked) {
    if (!each.answer) {
      not_asked[each.why_not].push_back(each.action);
      continue;
    }
    if (*each.answer || shows_permission(each.answer->error())) {
      allowed.push_back(each.action);
      continue;
    }
    const Error& error = each.answer->error();
    if (is_denied(error)) {
      findings.push_back(problem(kAwsActions,
                                 fmt::format("{} is refused: {}", each.action, error.text()),
                                 fmt::format("allow {} in the IAM policy of these keys; "
                                             "deploy/iam/policy.json has all that is called",
                                             each.action)));
    } else if (error.code() == ErrorCode::Forbidden) {
      // The keys themselves: of every call the same, and told once.
      if (said.insert(error.remedy()).second)
        findings.push_back(problem(kAwsActions, error.text(), error.remedy()));
    } else {
      not_asked[error.text()].push_back(each.action);
    }
  }
  if (!allowed.empty()) {
    findings.insert(findings.begin(), ok(kAwsActions, fmt::format("{}", fmt::join(allowed, ", "))));
  }
  for (const auto& [why, actions] : not_asked)
    findings.push_back(
        not_checked(kAwsActions, fmt::format("{}: {}", fmt::join(actions, ", "), why)));
  return findings;
}

Findings check_aws_identity(const std::optional<Result<std::string>>& arn) {
  if (!arn) return {};
  if (*arn) return {ok(kAwsIdentity, **arn)};
  const Error& error = arn->error();
  if (error.code() == ErrorCode::Forbidden)
    return {problem(kAwsIdentity, error.text(), error.remedy())};
  return {not_checked(kAwsIdentity, error.text(), error.remedy())};
}

}  // namespace hyperwright::doctor
