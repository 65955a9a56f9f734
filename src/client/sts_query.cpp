#include "client/sts_query.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "client/aws_errors.h"
#include "client/json_text.h"
#include "client/url_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

std::string form_of(std::string_view action) {
  return fmt::format("Action={}&Version=2011-06-15", action);
}

void add(std::string& form, std::string_view name, std::string_view value) {
  if (!value.empty()) form += fmt::format("&{}={}", name, percent_escaped(value));
}

void add_role(std::string& form, const AssumedRole& role) {
  add(form, "RoleArn", role.role_arn);
  add(form, "RoleSessionName", role.session_name);
  if (role.duration_seconds) add(form, "DurationSeconds", std::to_string(*role.duration_seconds));
}

// <ErrorResponse><Error><Code>, <Message>. A body that is something else, such as a proxy's page,
// is shown by its beginning; STS itself never repeats a token.
Error decode_error(const std::string& operation, int status, const pugi::xml_document& document,
                   std::string_view body) {
  const pugi::xml_node error = document.document_element().child("Error");
  if (!error) return aws_error(operation, status, "", beginning_of(body));
  return aws_error(operation, status, error.child_value("Code"), error.child_value("Message"));
}

// The element `result` of a 200 answer.
Result<pugi::xml_node> result_of(const std::string& operation, const HttpResponse& response,
                                 pugi::xml_document& document, const char* result) {
  document.load_buffer(response.body.data(), response.body.size());
  if (response.status != 200)
    return fail(decode_error(operation, response.status, document, response.body));
  const pugi::xml_node node = document.document_element().child(result);
  if (node) return node;
  // Nothing of the body is shown: it may hold keys.
  return fail(ErrorCode::Unavailable, fmt::format("{}: the answer has no {}", operation, result),
              "check the endpoint of STS, and what stands between it and us, such as a proxy");
}

}  // namespace

std::string assume_role_form(const AssumedRole& role) {
  std::string form = form_of("AssumeRole");
  add_role(form, role);
  add(form, "ExternalId", role.external_id);
  return form;
}

std::string assume_role_with_web_identity_form(const AssumedRole& role) {
  std::string form = form_of("AssumeRoleWithWebIdentity");
  add_role(form, role);
  add(form, "WebIdentityToken", role.web_identity_token);
  return form;
}

std::string get_caller_identity_form() { return form_of("GetCallerIdentity"); }

Result<ObtainedKeys> decode_assumed_role(const std::string& operation,
                                         const HttpResponse& response) {
  pugi::xml_document document;
  const auto result =
      result_of("sts:" + operation, response, document, (operation + "Result").c_str());
  if (!result) return fail(result.error());
  const pugi::xml_node credentials = result->child("Credentials");
  ObtainedKeys obtained;
  obtained.keys = {credentials.child_value("AccessKeyId"),
                   credentials.child_value("SecretAccessKey"),
                   credentials.child_value("SessionToken")};
  for (const char* member : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    if (*credentials.child_value(member) != '\0') continue;
    return fail(ErrorCode::Unavailable,
                fmt::format("sts:{}: the answer has no {}", operation, member),
                "check the endpoint of STS");
  }
  const auto expires = parse_time(credentials.child_value("Expiration"));
  if (!expires) return fail(expires.error(), fmt::format("sts:{}: Expiration", operation));
  obtained.expires = *expires;
  return obtained;
}

Result<json::value> decode_caller_identity(const HttpResponse& response) {
  const std::string operation = "sts:GetCallerIdentity";
  pugi::xml_document document;
  const auto result = result_of(operation, response, document, "GetCallerIdentityResult");
  if (!result) {
    // What is no STS says so by its own error, a 404, or an answer of another kind.
    const bool is_another_service =
        result.error().code() == ErrorCode::Invalid || response.status == 200;
    if (!is_another_service) return fail(result.error());
    return fail(ErrorCode::NotFound, fmt::format("{} is not offered by this endpoint: {}",
                                                 operation, result.error().text()));
  }
  return json::value(json::object{{"Account", result->child_value("Account")},
                                  {"Arn", result->child_value("Arn")},
                                  {"UserId", result->child_value("UserId")}});
}

}  // namespace hyperwright::client
