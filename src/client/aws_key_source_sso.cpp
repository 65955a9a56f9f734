// IAM Identity Center (SSO): the token that `aws sso login` left in ~/.aws/sso/cache is traded for
// the keys of a role (sso:GetRoleCredentials). A session ([sso-session], whose name is the file's)
// and the older form (sso_start_url in the profile) are both known. The token is not renewed here.
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "client/aws_endpoints.h"
#include "client/aws_key_documents.h"
#include "client/aws_key_sources.h"
#include "client/json_text.h"
#include "client/url_text.h"

namespace hyperwright::client {
namespace {

constexpr const char* kSource = "sso";

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  check(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1,
        "OpenSSL makes a SHA-1");
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

struct SsoProfile {
  std::string session, start_url, region, account_id, role_name;
};

Result<SsoProfile> read(const KeySearch& search, const IniSection& profile) {
  const std::string where =
      fmt::format("{}: profile \"{}\"", search.profiles.config_file(), search.profile);
  IniSection settings = profile;
  SsoProfile sso;
  sso.session = value_at(&profile, "sso_session");
  if (!sso.session.empty()) {
    const IniSection* const session = search.profiles.find_sso_session(sso.session);
    if (session == nullptr) {
      return fail(ErrorCode::Invalid,
                  fmt::format("{}: there is no [sso-session {}]", where, sso.session),
                  "add it: aws configure sso-session");
    }
    for (const auto& [key, value] : *session) {
      const auto [at, is_new] = settings.emplace(key, value);
      if (is_new || at->second == value) continue;
      return fail(
          ErrorCode::Invalid,
          fmt::format("{}: {} is another than in [sso-session {}]", where, key, sso.session),
          "remove it from the profile");
    }
  }
  for (const auto& [key, into] : {std::pair{"sso_start_url", &sso.start_url},
                                  {"sso_region", &sso.region},
                                  {"sso_account_id", &sso.account_id},
                                  {"sso_role_name", &sso.role_name}}) {
    *into = value_at(&settings, key);
    if (!into->empty()) continue;
    return fail(ErrorCode::Invalid, fmt::format("{}: {} is missing", where, key),
                "set the profile up: aws configure sso");
  }
  if (!is_region(sso.region)) {
    return fail(ErrorCode::Invalid,
                fmt::format("{}: sso_region \"{}\" is no AWS region", where, sso.region),
                "write it as us-east-1");
  }
  return sso;
}

Failure needs_login(const KeySearch& search, const std::string& what) {
  return fail(ErrorCode::Forbidden, what,
              fmt::format("sign in again: aws sso login --profile {}", search.profile));
}

}  // namespace

Result<Found> keys_from_sso(const KeySearch& search) {
  const IniSection* const profile = search.profiles.find(search.profile);
  if (profile == nullptr ||
      (!profile->contains("sso_role_name") && !profile->contains("sso_account_id"))) {
    return Found(
        NoKeys{kSource, fmt::format("profile \"{}\" has no sso_account_id", search.profile)});
  }
  const auto sso = read(search, *profile);
  if (!sso) return fail(sso.error());
  const std::string file =
      home_path(fmt::format("~/.aws/sso/cache/{}.json",
                            sha1_hex(sso->session.empty() ? sso->start_url : sso->session)),
                search.access.environment);
  const auto text = search.access.read_file(file);
  if (!text) return needs_login(search, fmt::format("SSO token: {}", text.error().text()));
  const auto token = parse_sso_token(*text);
  if (!token)
    return needs_login(search, fmt::format("SSO token: {}: {}", file, token.error().text()));
  if (token->expires <= search.now) {
    return needs_login(
        search, fmt::format("SSO token: {}: it expired at {}", file, format_time(token->expires)));
  }
  const auto configured =
      configured_endpoint(AwsService::Sso, search.access.environment, search.profiles);
  if (!configured) return fail(configured.error());
  HttpRequest request;
  request.url = fmt::format(
      "{}/federation/credentials?role_name={}&account_id={}",
      configured->empty() ? regional_endpoint(AwsService::Sso, sso->region) : *configured,
      percent_escaped(sso->role_name), percent_escaped(sso->account_id));
  request.headers = {{"x-amz-sso_bearer_token", token->access_token}};
  request.deadline = Duration::seconds(10);
  request.connection = search.access.connection;
  const auto response = ask(search, request, 3);
  const std::string what =
      fmt::format("sso:GetRoleCredentials: role {} of account {}", sso->role_name, sso->account_id);
  if (!response) return fail(response.error(), what);
  if (response->status == 401)
    return needs_login(search, fmt::format("{}: the token is not accepted", what));
  if (response->status != 200) {
    return fail(
        response->status >= 500 || response->status == 429 ? ErrorCode::Unavailable
                                                           : ErrorCode::Forbidden,
        fmt::format("{}: HTTP {}: {}", what, response->status, beginning_of(response->body)),
        "check sso_account_id and sso_role_name: `aws sso list-account-roles`");
  }
  auto obtained = parse_sso_role_keys(response->body);
  if (!obtained) return fail(obtained.error(), what);
  obtained->source = kSource;
  obtained->detail = fmt::format("role {} of account {}, profile \"{}\"", sso->role_name,
                                 sso->account_id, search.profile);
  return Found(*std::move(obtained));
}

}  // namespace hyperwright::client
