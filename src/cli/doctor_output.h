// How what `doctor` found looks: for people, and as JSON.
#pragma once

#include <string>

#include "doctor/finding.h"

namespace hyperwright::cli {

// A line for each finding, in columns, and one that counts them. `is_colored`: the verdicts in the
// colours of a terminal.
std::string text_of(const doctor::Findings& findings, bool is_colored);
// One object, indented by nothing, with a newline at its end.
std::string json_of(const doctor::Findings& findings);

}  // namespace hyperwright::cli
