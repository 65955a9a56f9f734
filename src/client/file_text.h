// The text of a small file: certificates, tokens, configuration.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace hyperwright::client {

// NotFound: there is none; Forbidden: it may not be read; Invalid: a folder, or over 16 MiB.
Result<std::string> read_file_text(const std::filesystem::path& path);

}  // namespace hyperwright::client
