// AWS Security Token Service by the Query protocol: a form goes in, XML comes out. Pure.
//
// Source: AWS STS API Reference, AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/aws_credentials.h"
#include "client/http.h"

namespace hyperwright::client {

struct AssumedRole {
  std::string role_arn{};
  std::string session_name{};
  std::optional<std::int32_t> duration_seconds{};
  std::string external_id{};         // AssumeRole only; empty: none
  std::string web_identity_token{};  // AssumeRoleWithWebIdentity only
};

std::string assume_role_form(const AssumedRole& role);
std::string assume_role_with_web_identity_form(const AssumedRole& role);
std::string get_caller_identity_form();

// The answer of either AssumeRole call, which `operation` names. Source and detail stay empty.
Result<ObtainedKeys> decode_assumed_role(const std::string& operation,
                                         const HttpResponse& response);

// {"Account", "Arn", "UserId"}, as JSON clients show it. NotFound: the endpoint does not know the
// call.
Result<boost::json::value> decode_caller_identity(const HttpResponse& response);

}  // namespace hyperwright::client
