// Roles: sts:AssumeRole with the keys of another profile or source, and
// sts:AssumeRoleWithWebIdentity with a token from a file (IRSA: IAM roles for service accounts).
#include <charconv>

#include <fmt/format.h>

#include "client/aws_endpoints.h"
#include "client/aws_key_chain.h"
#include "client/aws_key_sources.h"
#include "client/sts_query.h"

namespace hyperwright::client {
namespace {

constexpr const char* kRole = "assume-role";
constexpr const char* kWebIdentity = "assume-role-with-web-identity";
constexpr int kAttempts = 3;

bool has_static_keys(const IniSection& profile) {
  return profile.contains("aws_access_key_id") || profile.contains("aws_secret_access_key");
}

bool has_role(const IniSection& profile) {
  return profile.contains("role_arn") && !profile.contains("web_identity_token_file");
}

std::string session_name(const std::string& named, Time now) {
  return named.empty() ? fmt::format("hyperwright-{}", now.unix_seconds()) : named;
}

Result<HttpRequest> sts_request(const KeySearch& search, std::string form) {
  const auto configured =
      configured_endpoint(AwsService::Sts, search.access.environment, search.profiles);
  if (!configured) return fail(configured.error());
  HttpRequest request;
  request.method = HttpMethod::Post;
  request.url =
      (configured->empty() ? regional_endpoint(AwsService::Sts, search.region) : *configured) + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = std::move(form);
  request.deadline = Duration::seconds(10);
  request.connection = search.access.connection;
  return request;
}

// Asking twice does no harm: an answer that got lost is asked for again.
Result<ObtainedKeys> call_sts(const KeySearch& search, const HttpRequest& request,
                              const char* operation) {
  const auto response = ask(search, request, kAttempts);
  if (!response) {
    return fail(ErrorCode::Unavailable,
                fmt::format("sts:{}: {}", operation, response.error().text()),
                response.error().remedy());
  }
  return decode_assumed_role(operation, *response);
}

Result<ObtainedKeys> source_keys(const KeySearch& search, const IniSection& profile,
                                 const std::string& where, const std::set<std::string>& visited) {
  const std::string source_profile = value_at(&profile, "source_profile");
  const std::string credential_source = value_at(&profile, "credential_source");
  if (source_profile.empty() == credential_source.empty()) {
    return fail(ErrorCode::Invalid,
                fmt::format("{}: has {} source_profile {} credential_source", where,
                            source_profile.empty() ? "neither" : "both",
                            source_profile.empty() ? "nor" : "and"),
                "give the one whose keys may assume the role");
  }
  auto found = [&]() -> Result<Found> {
    if (credential_source == "Environment") return keys_from_environment(search);
    if (credential_source == "EcsContainer") return keys_from_container(search);
    if (credential_source == "Ec2InstanceMetadata") return keys_from_instance_metadata(search);
    if (!credential_source.empty()) {
      return fail(
          ErrorCode::Invalid,
          fmt::format("{}: credential_source \"{}\" is not known", where, credential_source),
          "write Environment, EcsContainer or Ec2InstanceMetadata");
    }
    const IniSection* const source = search.profiles.find(source_profile);
    if (source == nullptr) {
      return fail(ErrorCode::Invalid,
                  fmt::format("{}: source_profile \"{}\" does not exist", where, source_profile),
                  "write the name of a profile that has keys");
    }
    // A profile may be its own source: its keys stand beside the role.
    const bool is_itself = source_profile == search.profile && has_static_keys(*source);
    if (visited.contains(source_profile) && !is_itself) {
      return fail(
          ErrorCode::Invalid,
          fmt::format("{}: source_profile \"{}\" leads back to itself", where, source_profile),
          "let the chain of source_profile end at a profile that has keys");
    }
    KeySearch inner = search;
    inner.profile = source_profile;
    inner.may_read_web_identity_variables = false;
    if (!has_static_keys(*source) && has_role(*source)) return keys_from_role(inner, visited);
    return find_keys_of_profile(inner);
  }();
  if (!found) return fail(found.error());
  if (auto* keys = std::get_if<ObtainedKeys>(&*found)) return std::move(*keys);
  return fail(ErrorCode::Forbidden,
              fmt::format("{}: {} \"{}\" has no keys: {}", where,
                          source_profile.empty() ? "credential_source" : "source_profile",
                          source_profile.empty() ? credential_source : source_profile,
                          std::get<NoKeys>(*found).why),
              "give it keys, or name another");
}

Result<std::optional<std::int32_t>> duration_of(const IniSection& profile,
                                                const std::string& where) {
  const std::string text = value_at(&profile, "duration_seconds");
  if (text.empty()) return std::optional<std::int32_t>();
  std::int32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc{} && end == text.data() + text.size() && seconds > 0)
    return std::optional(seconds);
  return fail(ErrorCode::Invalid,
              fmt::format("{}: duration_seconds \"{}\" is no number of seconds", where, text),
              "write a whole number, such as 3600");
}

}  // namespace

Result<Found> keys_from_role(const KeySearch& search, std::set<std::string> visited) {
  const IniSection* const profile = search.profiles.find(search.profile);
  if (profile == nullptr || !has_role(*profile)) {
    return Found(NoKeys{kRole, fmt::format("profile \"{}\" has no role_arn", search.profile)});
  }
  const std::string where =
      fmt::format("{}: profile \"{}\"", search.profiles.config_file(), search.profile);
  if (!value_at(profile, "mfa_serial").empty()) {
    return fail(ErrorCode::Invalid,
                fmt::format("{}: mfa_serial: there is nobody to ask for a code", where),
                "name a role that can be assumed without one, or export keys: `aws configure "
                "export-credentials`");
  }
  visited.insert(search.profile);
  auto source = source_keys(search, *profile, where, visited);
  if (!source) return fail(source.error());
  const auto duration = duration_of(*profile, where);
  if (!duration) return fail(duration.error());
  const std::string role_arn = value_at(profile, "role_arn");
  auto request = sts_request(
      search, assume_role_form(
                  {.role_arn = role_arn,
                   .session_name = session_name(value_at(profile, "role_session_name"), search.now),
                   .duration_seconds = *duration,
                   .external_id = value_at(profile, "external_id")}));
  if (!request) return fail(request.error());
  request->aws_signing = AwsSigning{source->keys, search.region, "sts"};
  auto obtained = call_sts(search, *request, "AssumeRole");
  if (!obtained) {
    const std::string what = fmt::format("{}: role {} with the keys of {} ({})", where, role_arn,
                                         source->source, source->detail);
    if (obtained.error().code() != ErrorCode::Forbidden) return fail(obtained.error(), what);
    return fail(ErrorCode::Forbidden, fmt::format("{}: {}", what, obtained.error().text()),
                "allow these keys sts:AssumeRole on the role, and name them in its trust policy");
  }
  obtained->source = kRole;
  obtained->detail = fmt::format("role {} of profile \"{}\"", role_arn, search.profile);
  return Found(*std::move(obtained));
}

Result<Found> keys_from_web_identity(const KeySearch& search) {
  const IniSection* const profile = search.profiles.find(search.profile);
  const auto setting = [&](const char* variable, const char* key) {
    if (search.may_read_web_identity_variables) {
      if (const auto value = search.access.environment(variable)) return *value;
    }
    return value_at(profile, key);
  };
  const std::string file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
  if (file.empty()) {
    return Found(NoKeys{
        kWebIdentity, fmt::format("AWS_WEB_IDENTITY_TOKEN_FILE is not set, and profile \"{}\" has "
                                  "no web_identity_token_file",
                                  search.profile)});
  }
  const std::string role_arn = setting("AWS_ROLE_ARN", "role_arn");
  if (role_arn.empty()) {
    return fail(ErrorCode::Invalid,
                fmt::format("web identity: the token file is {}, but no role is named", file),
                "set AWS_ROLE_ARN, or role_arn in the profile");
  }
  // Read anew each time: kubelet writes a fresh token long before the old one ends.
  const auto read = search.access.read_file(file);
  if (!read) return fail(read.error(), "web identity token");
  std::string token = *read;
  token.erase(token.find_last_not_of(" \t\r\n") + 1);
  if (token.empty()) {
    return fail(ErrorCode::Forbidden, fmt::format("web identity: {} is empty", file),
                "look at the pod's projected service account token");
  }
  const auto request = sts_request(
      search, assume_role_with_web_identity_form(
                  {.role_arn = role_arn,
                   .session_name = session_name(
                       setting("AWS_ROLE_SESSION_NAME", "role_session_name"), search.now),
                   .web_identity_token = token}));
  if (!request) return fail(request.error());
  auto obtained = call_sts(search, *request, "AssumeRoleWithWebIdentity");
  if (!obtained) {
    const std::string what = fmt::format("role {} with the token in {}", role_arn, file);
    if (obtained.error().code() == ErrorCode::Unavailable ||
        obtained.error().code() == ErrorCode::Throttled) {
      return fail(obtained.error(), what);
    }
    return fail(ErrorCode::Forbidden, fmt::format("{}: {}", what, obtained.error().text()),
                "the role's trust policy must name the cluster's OIDC provider and this "
                "ServiceAccount (system:serviceaccount:NAMESPACE:NAME), with "
                "sts:AssumeRoleWithWebIdentity");
  }
  obtained->source = kWebIdentity;
  obtained->detail = fmt::format("role {} with the token in {}", role_arn, file);
  return Found(*std::move(obtained));
}

}  // namespace hyperwright::client
