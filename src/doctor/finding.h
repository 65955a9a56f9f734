// What a check of a set-up found. A check is a pure function over what was read; it says one thing
// for each thing that is wrong, and one when nothing is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hyperwright::doctor {

enum class Verdict : std::uint8_t {
  Ok,
  Warning,    // it works, but not as well as it should, or not for everything
  Problem,    // the controller does not start, or buys nothing, until this is mended; or it was
              // asked whether that is so, and nobody answered
  NotChecked  // left out on purpose, or what it needs is a problem already, or nothing depends on
              // it
};
std::string_view to_string(Verdict verdict);  // "ok", "warning", "problem", "not checked"

struct Finding {
  Verdict verdict = Verdict::Ok;
  std::string check;   // what was looked at: "NodeRecovery"
  std::string found;   // a sentence without a full stop; of what was not checked: why
  std::string remedy;  // what to do about it; "": nothing
  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

Finding ok(std::string_view check, std::string found);
Finding warning(std::string_view check, std::string found, std::string remedy);
Finding problem(std::string_view check, std::string found, std::string remedy);
Finding not_checked(std::string_view check, std::string why);
// A problem: it was asked, and the answer is not known. What is not known may block.
Finding unanswered(std::string_view check, const Error& why);

// "1 node", "2 nodes".
std::string counted(std::int64_t count, std::string_view one, std::string_view many);

std::size_t count_of(const Findings& findings, Verdict verdict);

}  // namespace hyperwright::doctor
