#include "base/error.h"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace hyperwright {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::Invalid:
      return "Invalid";
    case ErrorCode::NotFound:
      return "NotFound";
    case ErrorCode::AlreadyExists:
      return "AlreadyExists";
    case ErrorCode::Conflict:
      return "Conflict";
    case ErrorCode::Forbidden:
      return "Forbidden";
    case ErrorCode::LimitExceeded:
      return "LimitExceeded";
    case ErrorCode::Throttled:
      return "Throttled";
    case ErrorCode::Unavailable:
      return "Unavailable";
    case ErrorCode::Unknown:
      return "Unknown";
    case ErrorCode::Internal:
      return "Internal";
  }
  return "Internal";
}

Error::Error(Error cause, std::string sentence)
    : code_(cause.code_), sentence_(std::move(sentence)), remedy_(cause.remedy_) {
  cause_ = std::make_shared<const Error>(std::move(cause));
}

std::string Error::text() const {
  std::string text = sentence_;
  for (const Error* error = cause_.get(); error != nullptr; error = error->cause_.get()) {
    text += ": " + error->sentence_;
  }
  return text;
}

Failure fail(ErrorCode code, std::string sentence, std::string remedy) {
  return Failure(Error(code, std::move(sentence), std::move(remedy)));
}

Failure fail(Error cause, std::string sentence) {
  return Failure(Error(std::move(cause), std::move(sentence)));
}

Failure fail(Error error) { return Failure(std::move(error)); }

void check(bool condition, std::string_view promise, std::source_location where) {
  if (condition) [[likely]] {
    return;
  }
  fmt::print(stderr, "hyperwright: broken promise: {} ({}:{})\n", promise, where.file_name(),
             where.line());
  std::fflush(stderr);
  std::abort();
}

}  // namespace hyperwright
