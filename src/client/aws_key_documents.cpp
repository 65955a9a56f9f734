#include "client/aws_key_documents.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// The parser's own error shows the beginning of the text, where keys may stand.
Result<json::value> object_of(std::string_view document) {
  auto parsed = parse_json(document);
  if (!parsed || !parsed->is_object()) {
    return fail(ErrorCode::Unavailable,
                fmt::format("what came is no JSON object ({} bytes)", document.size()));
  }
  return parsed;
}

Result<std::string> member(const json::value& object, std::string_view name) {
  const std::string_view text = text_at(object, name);
  if (!text.empty()) return std::string(text);
  return fail(ErrorCode::Unavailable, fmt::format("member {} is missing", name));
}

// "2026-11-24T12:00:00Z"; older SSO files end in "UTC".
Result<Time> time_of(std::string_view name, std::string text) {
  if (text.ends_with("UTC")) text.replace(text.size() - 3, 3, "Z");
  const auto time = parse_time(text);
  if (time) return *time;
  return fail(ErrorCode::Unavailable, fmt::format("{} is no time", name));
}

Result<ObtainedKeys> keys_of(const json::value& object, std::string_view id,
                             std::string_view secret) {
  ObtainedKeys obtained;
  const auto key = member(object, id);
  if (!key) return fail(key.error());
  obtained.keys.access_key_id = *key;
  const auto value = member(object, secret);
  if (!value) return fail(value.error());
  obtained.keys.secret_access_key = *value;
  return obtained;
}

}  // namespace

Result<ObtainedKeys> parse_endpoint_keys(std::string_view document) {
  const auto object = object_of(document);
  if (!object) return fail(object.error());
  const std::string_view code = text_at(*object, "Code");
  if (!code.empty() && code != "Success") {
    return fail(ErrorCode::Forbidden,
                fmt::format("{}: {}", code, beginning_of(text_at(*object, "Message"))));
  }
  auto obtained = keys_of(*object, "AccessKeyId", "SecretAccessKey");
  if (!obtained) return obtained;
  const auto token = member(*object, "Token");
  if (!token) return fail(token.error());
  obtained->keys.session_token = *token;
  const auto expiration = member(*object, "Expiration");
  if (!expiration) return fail(expiration.error());
  const auto expires = time_of("Expiration", *expiration);
  if (!expires) return fail(expires.error());
  obtained->expires = *expires;
  return obtained;
}

Result<ObtainedKeys> parse_process_keys(std::string_view document) {
  const auto object = object_of(document);
  if (!object) return fail(object.error());
  const json::value* const version = object->get_object().if_contains("Version");
  const bool is_known = version != nullptr && version->is_int64() && version->get_int64() == 1;
  if (!is_known) return fail(ErrorCode::Unavailable, "Version is not 1");
  auto obtained = keys_of(*object, "AccessKeyId", "SecretAccessKey");
  if (!obtained) return obtained;
  obtained->keys.session_token = text_at(*object, "SessionToken");
  const std::string expiration(text_at(*object, "Expiration"));
  if (expiration.empty()) return obtained;
  const auto expires = time_of("Expiration", expiration);
  if (!expires) return fail(expires.error());
  obtained->expires = *expires;
  return obtained;
}

Result<ObtainedKeys> parse_sso_role_keys(std::string_view document) {
  const auto object = object_of(document);
  if (!object) return fail(object.error());
  const json::value* const role = object->get_object().if_contains("roleCredentials");
  if (role == nullptr || !role->is_object())
    return fail(ErrorCode::Unavailable, "member roleCredentials is missing");
  auto obtained = keys_of(*role, "accessKeyId", "secretAccessKey");
  if (!obtained) return obtained;
  obtained->keys.session_token = text_at(*role, "sessionToken");
  const json::value* const expiration = role->get_object().if_contains("expiration");
  // Beyond the year 30,000 it is no time of ours: the arithmetic would not hold it.
  constexpr std::int64_t kMillisecondsMax = 900'000'000'000'000;
  if (expiration == nullptr || !expiration->is_int64() || expiration->get_int64() < 0 ||
      expiration->get_int64() > kMillisecondsMax) {
    return fail(ErrorCode::Unavailable, "member expiration is missing");
  }
  obtained->expires = Time::from_unix_microseconds(expiration->get_int64() * 1000);
  return obtained;
}

Result<SsoToken> parse_sso_token(std::string_view document) {
  const auto object = object_of(document);
  if (!object) return fail(object.error());
  const auto token = member(*object, "accessToken");
  if (!token) return fail(token.error());
  const auto expiration = member(*object, "expiresAt");
  if (!expiration) return fail(expiration.error());
  const auto expires = time_of("expiresAt", *expiration);
  if (!expires) return fail(expires.error());
  return SsoToken{*token, *expires};
}

}  // namespace hyperwright::client
