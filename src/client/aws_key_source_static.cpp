// Keys that stand somewhere as they are: in the environment, or in one of the shared files.
#include <fmt/format.h>

#include "client/aws_key_sources.h"

namespace hyperwright::client {
namespace {

constexpr const char* kId = "aws_access_key_id";
constexpr const char* kSecret = "aws_secret_access_key";

// The older name goes first, as in botocore.
std::string session_token_of(const IniSection& section) {
  const std::string older = value_at(&section, "aws_security_token");
  return older.empty() ? value_at(&section, "aws_session_token") : older;
}

Result<Found> keys_in(const IniSection* section, const char* source, const std::string& profile,
                      const std::string& file) {
  if (section == nullptr)
    return Found(NoKeys{source, fmt::format("{} has no profile \"{}\"", file, profile)});
  const std::string where = fmt::format("{}: profile \"{}\"", file, profile);
  if (!section->contains(kId))
    return Found(NoKeys{source, fmt::format("{} has no {}", where, kId)});
  for (const char* key : {kId, kSecret}) {
    if (!value_at(section, key).empty()) continue;
    return fail(ErrorCode::Forbidden, fmt::format("{} has no {}", where, key),
                fmt::format("set it: aws configure --profile {}", profile));
  }
  return Found(ObtainedKeys{
      .keys = {value_at(section, kId), value_at(section, kSecret), session_token_of(*section)},
      .source = source,
      .detail = where});
}

std::string named(const std::string& file) { return file.empty() ? "~/.aws (no HOME)" : file; }

}  // namespace

Result<Found> keys_from_environment(const KeySearch& search) {
  constexpr const char* kSource = "env";
  const auto variable = [&](const char* name) {
    return search.access.environment(name).value_or("");
  };
  const std::string id = variable("AWS_ACCESS_KEY_ID");
  const std::string secret = variable("AWS_SECRET_ACCESS_KEY");
  if (id.empty() && secret.empty()) {
    return Found(NoKeys{kSource, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"});
  }
  if (id.empty()) return Found(NoKeys{kSource, "AWS_ACCESS_KEY_ID is not set"});
  if (secret.empty()) {
    return fail(ErrorCode::Forbidden, "AWS_SECRET_ACCESS_KEY is not set, but AWS_ACCESS_KEY_ID is",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for "
                "temporary keys, or neither");
  }
  const std::string older = variable("AWS_SECURITY_TOKEN");
  ObtainedKeys obtained{.keys = {id, secret, older.empty() ? variable("AWS_SESSION_TOKEN") : older},
                        .source = kSource,
                        .detail = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN"};
  if (const std::string expiration = variable("AWS_CREDENTIAL_EXPIRATION"); !expiration.empty()) {
    const auto expires = parse_time(expiration);
    if (!expires) return fail(expires.error(), "AWS_CREDENTIAL_EXPIRATION");
    obtained.expires = *expires;
  }
  return Found(obtained);
}

Result<Found> keys_from_credentials_file(const KeySearch& search) {
  return keys_in(search.profiles.find_in_credentials(search.profile), "shared-credentials-file",
                 search.profile, named(search.profiles.credentials_file()));
}

Result<Found> keys_from_config_file(const KeySearch& search) {
  return keys_in(search.profiles.find_in_config(search.profile), "config-file", search.profile,
                 named(search.profiles.config_file()));
}

// `aws login` keeps keys that are renewed with a key pair of its own, which only AWS's tools do.
Result<Found> keys_from_login(const KeySearch& search) {
  constexpr const char* kSource = "login";
  const IniSection* const profile = search.profiles.find(search.profile);
  if (value_at(profile, "login_session").empty())
    return Found(
        NoKeys{kSource, fmt::format("profile \"{}\" has no login_session", search.profile)});
  return fail(ErrorCode::Forbidden,
              fmt::format("profile \"{}\": sessions of `aws login` cannot be used from here",
                          search.profile),
              fmt::format("put this into another profile, and name it by AWS_PROFILE: "
                          "credential_process = aws configure export-credentials --profile {}",
                          search.profile));
}

}  // namespace hyperwright::client
