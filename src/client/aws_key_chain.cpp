#include "client/aws_key_chain.h"

#include <span>
#include <string>

#include <fmt/format.h>

#include "client/retry.h"

namespace hyperwright::client {
namespace {

using Source = Result<Found> (*)(const KeySearch&);

Result<Found> role(const KeySearch& search) { return keys_from_role(search); }

constexpr Source kChain[] = {
    keys_from_environment,      role,
    keys_from_web_identity,     keys_from_sso,
    keys_from_credentials_file, keys_from_login,
    keys_from_process,          keys_from_config_file,
    keys_from_container,        keys_from_instance_metadata,
};
constexpr Source kOfProfile[] = {keys_from_web_identity,     keys_from_sso,
                                 keys_from_credentials_file, keys_from_login,
                                 keys_from_process,          keys_from_config_file};

// The first keys; else what each source said, a line each.
Result<Found> first_of(std::span<const Source> sources, const KeySearch& search) {
  std::string ladder;
  for (const Source source : sources) {
    auto found = source(search);
    if (!found || std::holds_alternative<ObtainedKeys>(*found)) return found;
    const NoKeys& none = std::get<NoKeys>(*found);
    ladder += fmt::format("{}{}: {}", ladder.empty() ? "" : "; ", none.source, none.why);
  }
  return Found(NoKeys{"", ladder});
}

// A copied line end in a key: the signature would fail without saying why.
Status check_is_clean(const ObtainedKeys& found) {
  for (const auto& [what, text] : {std::pair{"access key id", &found.keys.access_key_id},
                                   {"secret access key", &found.keys.secret_access_key},
                                   {"session token", &found.keys.session_token}}) {
    const bool is_clean = text->find_first_of(" \t\r\n\v\f") == std::string::npos;
    if (is_clean) continue;
    return fail(ErrorCode::Invalid,
                fmt::format("{}: the {} contains a space or a line end", found.detail, what),
                "set it again without them");
  }
  return {};
}

}  // namespace

Result<ObtainedKeys> find_keys(const KeySearch& search) {
  auto found = first_of(kChain, search);
  if (!found) return fail(found.error(), "no keys for AWS");
  if (const auto* none = std::get_if<NoKeys>(&*found)) {
    return fail(
        ErrorCode::Forbidden, fmt::format("no keys for AWS: {}", none->why),
        "in a pod, give its ServiceAccount a role (EKS Pod Identity, or IRSA); elsewhere "
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`aws configure export-credentials "
        "--format env` prints them), or AWS_PROFILE");
  }
  auto keys = std::get<ObtainedKeys>(*std::move(found));
  if (Status clean = check_is_clean(keys); !clean) return fail(clean.error());
  return keys;
}

Result<Found> find_keys_of_profile(const KeySearch& search) { return first_of(kOfProfile, search); }

Result<HttpResponse> ask(const KeySearch& search, const HttpRequest& request, int attempts) {
  constexpr Duration kWaitMost = Duration::seconds(1);
  for (int attempt = 1;; ++attempt) {
    auto response = search.access.send(request);
    const bool is_answer = response && response->status < 500 && response->status != 429;
    if (is_answer || attempt >= attempts) return response;
    // Full jitter: pods that start together must not come back together.
    if (!search.access.pause(drawn_up_to(kWaitMost, search.random))) return response;
  }
}

}  // namespace hyperwright::client
