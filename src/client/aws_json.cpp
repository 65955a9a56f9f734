#include "client/aws_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/aws_errors.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// "com.amazonaws.sagemaker#ResourceNotFound" and "ResourceNotFound:http://..." are
// "ResourceNotFound".
std::string_view bare_name(std::string_view type) {
  type = type.substr(0, type.find(':'));
  return type.substr(type.find_last_of('#') + 1);
}

Error decode_error(std::string_view operation, const HttpResponse& response) {
  const auto body = parse_json(response.body);
  const std::string name = aws_json_error_name(response);
  if (!body) return aws_error(operation, response.status, name, beginning_of(response.body));
  std::string_view message = text_at(*body, "Message");
  if (message.empty()) message = text_at(*body, "message");
  return aws_error(operation, response.status, name, message);
}

}  // namespace

std::string aws_json_error_name(const HttpResponse& response) {
  if (const std::string* header = response.header("x-amzn-ErrorType"))
    return std::string(bare_name(*header));
  const auto body = parse_json(response.body);
  return body ? std::string(bare_name(text_at(*body, "__type"))) : std::string();
}

std::vector<HttpHeader> aws_json_headers(std::string_view service_prefix,
                                         std::string_view operation) {
  return {{"Content-Type", "application/x-amz-json-1.1"},
          {"X-Amz-Target", fmt::format("{}.{}", service_prefix, operation)}};
}

Result<json::value> decode_aws_json(std::string_view operation, const HttpResponse& response) {
  if (response.status != 200) return fail(decode_error(operation, response));
  // Operations without output answer with nothing at all.
  if (response.body.empty()) return json::value(json::object());
  auto body = parse_json(response.body);
  // A proxy's page, or an answer that was cut: it may have taken effect.
  if (!body || !body->is_object()) {
    return fail(ErrorCode::Unknown,
                fmt::format("{}: the answer is no JSON object: \"{}\"", operation,
                            beginning_of(response.body)),
                "check --endpoint, and what stands between it and us, such as a proxy");
  }
  return body;
}

}  // namespace hyperwright::client
