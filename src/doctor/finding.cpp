#include "doctor/finding.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace hyperwright::doctor {
namespace {

Finding finding(Verdict verdict, std::string_view check, std::string found, std::string remedy) {
  return {.verdict = verdict,
          .check = std::string(check),
          .found = std::move(found),
          .remedy = std::move(remedy)};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Warning:
      return "warning";
    case Verdict::Problem:
      return "problem";
    case Verdict::NotChecked:
      return "not checked";
  }
  return {};
}

Finding ok(std::string_view check, std::string found) {
  return finding(Verdict::Ok, check, std::move(found), {});
}

Finding warning(std::string_view check, std::string found, std::string remedy) {
  return finding(Verdict::Warning, check, std::move(found), std::move(remedy));
}

Finding problem(std::string_view check, std::string found, std::string remedy) {
  return finding(Verdict::Problem, check, std::move(found), std::move(remedy));
}

Finding not_checked(std::string_view check, std::string why) {
  return finding(Verdict::NotChecked, check, std::move(why), {});
}

Finding unanswered(std::string_view check, const Error& why) {
  return problem(check, fmt::format("could not be asked: {}", why.text()),
                 why.remedy().empty() ? "mend what it says, and run doctor again" : why.remedy());
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::size_t count_of(const Findings& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

}  // namespace hyperwright::doctor
