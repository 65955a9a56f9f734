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

struct OpenQuestion {
  explicit OpenQuestion(Error why) : error(std::move(why)) {}
  Error error;
  std::vector<std::string> actions{};
};

Finding refusal(const AskedAction& asked, const Error& error) {
  std::string found = fmt::format("{} is refused: {}", asked.action, error.text());
  std::string remedy = fmt::format(
      "allow {} in the IAM policy of these keys; deploy/iam/policy.json has all that is called",
      asked.action);
  if (asked.without.empty()) return problem(kAwsActions, std::move(found), std::move(remedy));
  return warning(kAwsActions, fmt::format("{}; {}", found, asked.without),
                 fmt::format("{}, {}", remedy, asked.remedy));
}

}  // namespace

std::span<const std::string_view> aws_actions() { return kActions; }

bool shows_permission(const Error& error) {
  const bool is_unknown = error.text().find("UnknownOperation") != std::string::npos;
  return error.code() == ErrorCode::NotFound || error.code() == ErrorCode::Conflict ||
         (error.code() == ErrorCode::Invalid && !is_unknown);
}

bool is_of_this_action(const Error& error) { return is_denied(error) || shows_permission(error); }

Findings check_aws_actions(std::span<const AskedAction> asked) {
  Findings findings;
  std::vector<std::string> allowed;
  std::map<std::string, std::vector<std::string>> not_asked;  // by why
  std::map<std::string, OpenQuestion> open_questions;         // by what was said
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
      findings.push_back(refusal(each, error));
    } else if (error.code() == ErrorCode::Forbidden) {
      // The keys themselves: of every call the same, and told once.
      if (said.insert(error.remedy()).second)
        findings.push_back(problem(kAwsActions, error.text(), error.remedy()));
    } else if (!each.without.empty()) {
      findings.push_back(warning(
          kAwsActions,
          fmt::format("{} could not be asked: {}; {}", each.action, error.text(), each.without),
          each.remedy));
    } else {
      OpenQuestion& rest = open_questions.try_emplace(error.text(), error).first->second;
      rest.actions.push_back(each.action);
    }
  }
  if (!allowed.empty()) {
    findings.insert(findings.begin(), ok(kAwsActions, fmt::format("{}", fmt::join(allowed, ", "))));
  }
  for (const auto& [why, rest] : open_questions) {
    findings.push_back(unanswered(
        kAwsActions, Error(rest.error, fmt::format("{}", fmt::join(rest.actions, ", ")))));
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
  return {not_checked(kAwsIdentity, error.text())};
}

}  // namespace hyperwright::doctor
