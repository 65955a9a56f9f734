// A command line as a shell would split it into words: by spaces, with '...', "..." and
// backslashes. Nothing else of a shell is known: no variables, no pipes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hyperwright::client {

// Fails with Invalid where a quote is left open, or where there is no word at all.
Result<std::vector<std::string>> split_command_line(std::string_view line);

}  // namespace hyperwright::client
