// How the Kubernetes API says no: the Status object, with the code, the machine-readable reason and
// the sentence that clients of a real API server know and match on.
//
// Source: Kubernetes, API conventions > Response Status Kind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>
#include <tl/expected.hpp>

namespace hyperwright::sim {

struct StatusCause {
  std::string reason;  // "FieldValueRequired", "DisruptionBudget", …
  std::string message;
  std::string field;  // "spec.containers[0].name"
};

struct ApiError {
  int code = 500;
  std::string reason;  // "NotFound", "AlreadyExists", "Conflict", "Invalid", "TooManyRequests", …
  std::string message;
  std::string group;  // of the object that the message is about
  std::string kind;   // its kind, or its plural where upstream writes that
  std::string name;
  std::string uid;
  std::vector<StatusCause> causes;
  int retry_after_seconds = 0;
};

// A value, or why there is none.
template <typename T>
class [[nodiscard]] ApiResult {
 public:
  // NOLINTBEGIN(google-explicit-constructor): `return object;` and `return error;` both mean it.
  ApiResult(T value) : expected_(std::move(value)) {}
  ApiResult(ApiError error) : expected_(tl::unexpect, std::move(error)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return expected_.has_value(); }
  explicit operator bool() const { return expected_.has_value(); }
  T& value() & { return expected_.value(); }
  [[nodiscard]] const T& value() const& { return expected_.value(); }
  T&& value() && { return std::move(expected_).value(); }
  T& operator*() & { return *expected_; }
  const T& operator*() const& { return *expected_; }
  T&& operator*() && { return *std::move(expected_); }
  T* operator->() { return &*expected_; }
  const T* operator->() const { return &*expected_; }
  [[nodiscard]] const ApiError& error() const { return expected_.error(); }

 private:
  tl::expected<T, ApiError> expected_;
};

// The object that an error is about, as messages and details name it.
struct ErrorSubject {
  std::string_view group;
  std::string_view kind;
  std::string_view plural;
  std::string_view name;
};

ApiError not_found(const ErrorSubject& subject);
ApiError already_exists(const ErrorSubject& subject);
// `sentence` says what changed meanwhile.
ApiError conflict(const ErrorSubject& subject, std::string_view sentence);
// Somebody else wrote between the caller's read and its write.
ApiError stale_resource_version(const ErrorSubject& subject);
ApiError invalid(const ErrorSubject& subject, std::vector<StatusCause> causes);
ApiError forbidden(const ErrorSubject& subject, std::string_view sentence);
ApiError bad_request(std::string message);
// The path names no resource type that is served.
ApiError no_such_resource();
ApiError method_not_allowed(std::string_view method);
ApiError unsupported_media_type(std::string message);
ApiError expired(std::string message);
ApiError internal_error(std::string message);

// The causes that validation collects, written as upstream does: `field: Required value: why`.
StatusCause field_required(std::string field, std::string_view why = {});
StatusCause field_invalid(std::string field, const boost::json::value& value, std::string_view why);
StatusCause field_invalid(std::string field, std::string_view value, std::string_view why);
StatusCause field_forbidden(std::string field, std::string_view why);
StatusCause field_not_supported(std::string field, const boost::json::value& value,
                                const std::vector<std::string>& supported);

// The Status object of an error, as the response's body.
boost::json::object to_status(const ApiError& error);
// The Status object of a success without an object of its own, such as a deletion.
boost::json::object success_status(const ErrorSubject& subject, std::string_view uid);

}  // namespace hyperwright::sim
