#include "client/aws_credentials.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

constexpr const char* kKeysRemedy =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary keys; "
    "`aws configure export-credentials --format env` prints them for a profile or a role";

// Spaces and line ends in a key come from copying; the signature would fail without saying why.
bool is_clean(const std::string& key) {
  return std::ranges::none_of(key, [](unsigned char c) { return std::isspace(c) || c < 0x20; });
}

}  // namespace

Result<AwsCredentials> aws_credentials_from_environment(const Environment& environment) {
  AwsCredentials keys;
  keys.access_key_id = environment("AWS_ACCESS_KEY_ID").value_or("");
  keys.secret_access_key = environment("AWS_SECRET_ACCESS_KEY").value_or("");
  keys.session_token = environment("AWS_SESSION_TOKEN").value_or("");
  if (keys.access_key_id.empty() || keys.secret_access_key.empty()) {
    const char* missing = keys.access_key_id.empty() && keys.secret_access_key.empty()
                              ? "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
                          : keys.access_key_id.empty() ? "AWS_ACCESS_KEY_ID is not set"
                                                       : "AWS_SECRET_ACCESS_KEY is not set";
    return fail(ErrorCode::Forbidden, fmt::format("no keys for AWS: {}", missing), kKeysRemedy);
  }
  for (const auto& [name, value] : {std::pair{"AWS_ACCESS_KEY_ID", &keys.access_key_id},
                                    {"AWS_SECRET_ACCESS_KEY", &keys.secret_access_key},
                                    {"AWS_SESSION_TOKEN", &keys.session_token}}) {
    if (!is_clean(*value)) {
      return fail(ErrorCode::Invalid, fmt::format("{} contains a space or a line end", name),
                  "set it again without them");
    }
  }
  return keys;
}

Result<std::string> aws_region_from_environment(const Environment& environment) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = environment(name); region && !region->empty()) return *std::move(region);
  }
  return fail(ErrorCode::Invalid, "no AWS region: AWS_REGION and AWS_DEFAULT_REGION are not set",
              "give --region, such as --region us-west-2, or set AWS_REGION");
}

}  // namespace hyperwright::client
