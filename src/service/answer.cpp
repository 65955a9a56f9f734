#include "service/answer.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json_members.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

Answer modelled(std::string_view type, std::string_view message) {
  return {400, {{"__type", type}, {"Message", message}}};
}

Answer unmodelled(int status, std::string_view type, std::string_view message) {
  return {status, {{"__type", type}, {"message", message}}};
}

}  // namespace

Answer::Answer(int http_status, json::object body)
    : http_status_(http_status), body_(std::make_shared<const json::value>(std::move(body))) {}

std::string_view Answer::error_type() const {
  return is_success() ? std::string_view{} : kube::text_at(*body_, "__type");
}

std::string_view Answer::error_message() const {
  const std::string_view message = kube::text_at(*body_, "message");
  return message.empty() ? kube::text_at(*body_, "Message") : message;
}

Answer success(json::object body) { return {200, std::move(body)}; }

Answer resource_not_found(std::string_view message) {
  return modelled("ResourceNotFound", message);
}
Answer resource_in_use(std::string_view message) { return modelled("ResourceInUse", message); }
Answer resource_limit_exceeded(std::string_view message) {
  return modelled("ResourceLimitExceeded", message);
}
Answer conflict(std::string_view message) { return modelled("ConflictException", message); }

Answer validation_error(std::string_view message) {
  return unmodelled(400, "ValidationException", message);
}
Answer serialization_error(std::string_view message) {
  return unmodelled(400, "SerializationException", message);
}
Answer throttled() { return unmodelled(400, "ThrottlingException", "Rate exceeded"); }

Answer unknown_operation(std::string_view operation) {
  return unmodelled(404, "UnknownOperationException",
                    fmt::format("This service has no operation \"{}\".", operation));
}

Answer missing_authentication_token() {
  return unmodelled(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
}

Answer internal_failure(std::string_view message) {
  return unmodelled(500, "InternalFailure", message);
}

Answer subnet_not_found(std::string_view id) {
  return unmodelled(400, "InvalidSubnetID.NotFound",
                    fmt::format("The subnet ID '{}' does not exist", id));
}

Answer invalid_parameter_value(std::string_view message) {
  return unmodelled(400, "InvalidParameterValue", message);
}

Answer filter_limit_exceeded() {
  return unmodelled(400, "FilterLimitExceeded",
                    "The maximum number of filter values on a single call is 200");
}

}  // namespace hyperwright::service
