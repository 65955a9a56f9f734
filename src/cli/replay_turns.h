// The turns of a journal, a line each: when, what came, what was done.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace hyperwright::cli {

// Prints them as they are played; as JSON, an object a line. Fails with Invalid where the file is
// damaged; what stands before the damage is printed.
Status list_turns(const std::filesystem::path& file, bool is_json);

}  // namespace hyperwright::cli
