// One way to fail: a Result holds a value or an Error, and an Error says what is wrong, with what
// to do about it, and which error caused it.
//
//   fail(code, sentence, remedy)   makes an error
//   fail(error, sentence)          puts the caller's level over it; code and remedy stay
//   check(condition, "promise")    is for our own mistakes: it stops the process, in every build.
//                                  Input never reaches it.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace hyperwright {

enum class ErrorCode : std::uint8_t {
  Invalid,        // the input is wrong; the same call can never succeed
  NotFound,       // the named thing does not exist
  AlreadyExists,  // a thing of that name is there
  Conflict,       // it changed meanwhile (resourceVersion), or it is in a state that forbids this
  Forbidden,      // credentials are missing, expired or not sufficient
  LimitExceeded,  // a quota of the account; only its owner can raise it
  Throttled,      // asked too often; later it may succeed
  Unavailable,    // could not be reached or is broken at the moment; later it may succeed
  Unknown,        // the outcome is not known: it may or may not have taken effect
  Internal,       // our own mistake
};

std::string_view to_string(ErrorCode code);

class Error {
 public:
  Error(ErrorCode code, std::string sentence, std::string remedy = {})
      : code_(code), sentence_(std::move(sentence)), remedy_(std::move(remedy)) {}
  // Puts `sentence` over `cause`; code and remedy are the cause's.
  Error(Error cause, std::string sentence);

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& sentence() const { return sentence_; }
  [[nodiscard]] const std::string& remedy() const { return remedy_; }
  // The sentences from the outermost to the cause, joined by ": ".
  [[nodiscard]] std::string text() const;

 private:
  ErrorCode code_;
  std::string sentence_;
  std::string remedy_;
  std::shared_ptr<const Error> cause_;
};

// What fail() returns: converts to any Result.
class Failure {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  [[nodiscard]] Error take() && { return std::move(error_); }

 private:
  Error error_;
};

[[nodiscard]] Failure fail(ErrorCode code, std::string sentence, std::string remedy = {});
[[nodiscard]] Failure fail(Error cause, std::string sentence);
[[nodiscard]] Failure fail(Error error);

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : expected_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Failure failure)                           // NOLINT(google-explicit-constructor)
      : expected_(tl::unexpect, std::move(failure).take()) {}

  [[nodiscard]] bool has_value() const { return expected_.has_value(); }
  explicit operator bool() const { return expected_.has_value(); }
  [[nodiscard]] T& value() & { return expected_.value(); }
  [[nodiscard]] const T& value() const& { return expected_.value(); }
  [[nodiscard]] T&& value() && { return std::move(expected_).value(); }
  T& operator*() & { return *expected_; }
  const T& operator*() const& { return *expected_; }
  T&& operator*() && { return *std::move(expected_); }
  T* operator->() { return &*expected_; }
  const T* operator->() const { return &*expected_; }
  [[nodiscard]] const Error& error() const { return expected_.error(); }
  template <typename U>
  [[nodiscard]] T value_or(U&& other) const& {
    return expected_.value_or(std::forward<U>(other));
  }

 private:
  tl::expected<T, Error> expected_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure)  // NOLINT(google-explicit-constructor)
      : expected_(tl::unexpect, std::move(failure).take()) {}

  [[nodiscard]] bool has_value() const { return expected_.has_value(); }
  explicit operator bool() const { return expected_.has_value(); }
  [[nodiscard]] const Error& error() const { return expected_.error(); }

 private:
  tl::expected<void, Error> expected_;
};

using Status = Result<void>;

// Stops the process with the promise that was broken and the place, when `condition` is false.
void check(bool condition, std::string_view promise,
           std::source_location where = std::source_location::current());

}  // namespace hyperwright
