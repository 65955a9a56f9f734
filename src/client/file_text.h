// The text of a small file: certificates, tokens, configuration, what is kept from run to run.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace hyperwright::client {

// NotFound: there is none; Forbidden: it may not be read; Invalid: a folder, or over 16 MiB.
Result<std::string> read_file_text(const std::filesystem::path& path);

// Writes the text beside the file and puts it in its place at once: a reader sees the old text or
// the new one, never a part. Fails with Unavailable.
Status replace_file_text(const std::filesystem::path& path, const std::string& text);

}  // namespace hyperwright::client
