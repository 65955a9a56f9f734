#include "sim/kubernetes_status.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::sim {
namespace {

std::string qualified(const ErrorSubject& subject) {
  if (subject.group.empty()) return std::string(subject.plural);
  return fmt::format("{}.{}", subject.plural, subject.group);
}

ApiError error_about(const ErrorSubject& subject, int code, std::string_view reason,
                     std::string message) {
  return {.code = code,
          .reason = std::string(reason),
          .message = std::move(message),
          .group = std::string(subject.group),
          .kind = std::string(subject.plural),
          .name = std::string(subject.name),
          .uid = {},
          .causes = {},
          .retry_after_seconds = 0};
}

ApiError plain(int code, std::string_view reason, std::string message) {
  return error_about({}, code, reason, std::move(message));
}

std::string with_why(std::string text, std::string_view why) {
  if (!why.empty()) text += fmt::format(": {}", why);
  return text;
}

}  // namespace

ApiError not_found(const ErrorSubject& subject) {
  return error_about(subject, 404, "NotFound",
                     fmt::format("{} \"{}\" not found", qualified(subject), subject.name));
}

ApiError already_exists(const ErrorSubject& subject) {
  return error_about(subject, 409, "AlreadyExists",
                     fmt::format("{} \"{}\" already exists", qualified(subject), subject.name));
}

ApiError conflict(const ErrorSubject& subject, std::string_view sentence) {
  return error_about(subject, 409, "Conflict",
                     fmt::format("Operation cannot be fulfilled on {} \"{}\": {}",
                                 qualified(subject), subject.name, sentence));
}

ApiError stale_resource_version(const ErrorSubject& subject) {
  return conflict(subject,
                  "the object has been modified; please apply your changes to the latest version "
                  "and try again");
}

ApiError invalid(const ErrorSubject& subject, std::vector<StatusCause> causes) {
  std::vector<std::string> sentences;
  sentences.reserve(causes.size());
  for (const StatusCause& cause : causes)
    sentences.push_back(fmt::format("{}: {}", cause.field, cause.message));
  const std::string kind = subject.group.empty()
                               ? std::string(subject.kind)
                               : fmt::format("{}.{}", subject.kind, subject.group);
  const std::string text =
      sentences.size() == 1 ? sentences.front() : fmt::format("[{}]", fmt::join(sentences, ", "));
  ApiError error = error_about(subject, 422, "Invalid",
                               fmt::format("{} \"{}\" is invalid: {}", kind, subject.name, text));
  error.kind = subject.kind;
  error.causes = std::move(causes);
  return error;
}

ApiError forbidden(const ErrorSubject& subject, std::string_view sentence) {
  return error_about(
      subject, 403, "Forbidden",
      fmt::format("{} \"{}\" is forbidden: {}", qualified(subject), subject.name, sentence));
}

ApiError bad_request(std::string message) { return plain(400, "BadRequest", std::move(message)); }

ApiError no_such_resource() {
  return plain(404, "NotFound", "the server could not find the requested resource");
}

ApiError method_not_allowed(std::string_view method) {
  return plain(405, "MethodNotAllowed",
               fmt::format("the server does not allow {} on the requested resource", method));
}

ApiError unsupported_media_type(std::string message) {
  return plain(415, "UnsupportedMediaType", std::move(message));
}

ApiError expired(std::string message) { return plain(410, "Expired", std::move(message)); }

ApiError internal_error(std::string message) {
  return plain(500, "InternalError", std::move(message));
}

StatusCause field_required(std::string field, std::string_view why) {
  return {"FieldValueRequired", with_why("Required value", why), std::move(field)};
}

StatusCause field_invalid(std::string field, const boost::json::value& value,
                          std::string_view why) {
  return {"FieldValueInvalid",
          with_why(fmt::format("Invalid value: {}", boost::json::serialize(value)), why),
          std::move(field)};
}

StatusCause field_invalid(std::string field, std::string_view value, std::string_view why) {
  return field_invalid(std::move(field),
                       boost::json::value(boost::json::string_view(value.data(), value.size())),
                       why);
}

StatusCause field_forbidden(std::string field, std::string_view why) {
  return {"FieldValueForbidden", with_why("Forbidden", why), std::move(field)};
}

StatusCause field_not_supported(std::string field, const boost::json::value& value,
                                const std::vector<std::string>& supported) {
  std::vector<std::string> quoted;
  quoted.reserve(supported.size());
  for (const std::string& text : supported) quoted.push_back(fmt::format("\"{}\"", text));
  return {"FieldValueNotSupported",
          fmt::format("Unsupported value: {}: supported values: {}", boost::json::serialize(value),
                      fmt::join(quoted, ", ")),
          std::move(field)};
}

boost::json::object to_status(const ApiError& error) {
  boost::json::object details;
  if (!error.name.empty()) details["name"] = error.name;
  if (!error.group.empty()) details["group"] = error.group;
  if (!error.kind.empty()) details["kind"] = error.kind;
  if (!error.uid.empty()) details["uid"] = error.uid;
  if (!error.causes.empty()) {
    boost::json::array causes;
    for (const StatusCause& cause : error.causes) {
      boost::json::object out{{"reason", cause.reason}, {"message", cause.message}};
      if (!cause.field.empty()) out["field"] = cause.field;
      causes.push_back(std::move(out));
    }
    details["causes"] = std::move(causes);
  }
  if (error.retry_after_seconds > 0) details["retryAfterSeconds"] = error.retry_after_seconds;
  boost::json::object status{
      {"kind", "Status"},    {"apiVersion", "v1"},       {"metadata", boost::json::object{}},
      {"status", "Failure"}, {"message", error.message}, {"reason", error.reason}};
  if (!details.empty()) status["details"] = std::move(details);
  status["code"] = error.code;
  return status;
}

boost::json::object success_status(const ErrorSubject& subject, std::string_view uid) {
  boost::json::object details{{"name", std::string(subject.name)}};
  if (!subject.group.empty()) details["group"] = std::string(subject.group);
  details["kind"] = std::string(subject.plural);
  if (!uid.empty()) details["uid"] = std::string(uid);
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", boost::json::object{}},
          {"status", "Success"},
          {"details", std::move(details)}};
}

}  // namespace hyperwright::sim
