// The process's environment variables behind a function, so that a test can pass its own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace hyperwright::client {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment process_environment();

}  // namespace hyperwright::client
