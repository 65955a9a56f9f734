#include "client/environment.h"

#include <cstdlib>

namespace hyperwright::client {

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // Nothing in this process sets variables after its start.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

}  // namespace hyperwright::client
