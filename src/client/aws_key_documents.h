// The JSON documents that hold keys: of the container and the instance metadata endpoints, of a
// credential_process, of SSO's token file and of its GetRoleCredentials. Pure. Errors name the
// member that is missing or wrong, and show no value.
//
// Sources: AWS SDKs and Tools Reference Guide, "Process credential provider", "Container credential
// provider", "IMDS credential provider", "IAM Identity Center credential provider".
#pragma once

#include <string_view>

#include "base/error.h"
#include "client/aws_credentials.h"

namespace hyperwright::client {

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}. A document with "Code" other than
// Success is an error with its "Message".
Result<ObtainedKeys> parse_endpoint_keys(std::string_view document);
// {"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}; the last two may
// be absent.
Result<ObtainedKeys> parse_process_keys(std::string_view document);
// {"roleCredentials": {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}}; the last
// in milliseconds.
Result<ObtainedKeys> parse_sso_role_keys(std::string_view document);

struct SsoToken {
  std::string access_token;
  Time expires;
};
// {"accessToken", "expiresAt"}
Result<SsoToken> parse_sso_token(std::string_view document);

}  // namespace hyperwright::client
