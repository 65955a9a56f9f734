#include "client/aws_errors.h"

#include <algorithm>
#include <iterator>
#include <string>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

struct Meaning {
  std::string_view name;
  ErrorCode code;
  std::string_view remedy;
};

constexpr std::string_view kAllow = "allow the action in the IAM policy of these keys";
constexpr std::string_view kKeys =
    "check where the keys come from (AWS_ACCESS_KEY_ID, AWS_PROFILE, the role of the pod), and "
    "that "
    "they are for this region";
constexpr std::string_view kExpired =
    "the keys are temporary and have expired: renew them where they come from";
constexpr std::string_view kClock = "set this machine's clock: the signature carries its time";
constexpr std::string_view kQuota = "ask for more in Service Quotas, or remove what is not needed";
constexpr std::string_view kEndpoint =
    "check --endpoint: what answers there does not know this call";

constexpr Meaning kMeanings[] = {
    {"ThrottlingException", ErrorCode::Throttled, ""},
    {"Throttling", ErrorCode::Throttled, ""},
    {"ThrottledException", ErrorCode::Throttled, ""},
    {"TooManyRequestsException", ErrorCode::Throttled, ""},
    {"RequestLimitExceeded", ErrorCode::Throttled, ""},
    {"RequestThrottled", ErrorCode::Throttled, ""},
    {"RequestThrottledException", ErrorCode::Throttled, ""},
    {"EC2ThrottledException", ErrorCode::Throttled, ""},
    {"BandwidthLimitExceeded", ErrorCode::Throttled, ""},
    {"PriorRequestNotComplete", ErrorCode::Throttled, ""},
    {"SlowDown", ErrorCode::Throttled, ""},
    {"RequestTimeout", ErrorCode::Unavailable, ""},
    {"RequestTimeoutException", ErrorCode::Unavailable, ""},
    {"IDPCommunicationError", ErrorCode::Unavailable, ""},
    {"ResourceNotFound", ErrorCode::NotFound, ""},
    {"ResourceNotFoundException", ErrorCode::NotFound, ""},
    {"InvalidSubnetID.NotFound", ErrorCode::NotFound, ""},
    {"ConflictException", ErrorCode::Conflict, ""},
    {"ResourceInUse", ErrorCode::Conflict, ""},
    {"ResourceLimitExceeded", ErrorCode::LimitExceeded, kQuota},
    {"AccessDeniedException", ErrorCode::Forbidden, kAllow},
    {"AccessDenied", ErrorCode::Forbidden, kAllow},
    {"UnauthorizedOperation", ErrorCode::Forbidden, kAllow},
    {"NotAuthorized", ErrorCode::Forbidden, kAllow},
    {"UnrecognizedClientException", ErrorCode::Forbidden, kKeys},
    {"InvalidClientTokenId", ErrorCode::Forbidden, kKeys},
    {"AuthFailure", ErrorCode::Forbidden, kKeys},
    {"OptInRequired", ErrorCode::Forbidden, kKeys},
    {"MissingAuthenticationToken", ErrorCode::Forbidden, kKeys},
    {"MissingAuthenticationTokenException", ErrorCode::Forbidden, kKeys},
    {"IncompleteSignature", ErrorCode::Forbidden, kKeys},
    {"IncompleteSignatureException", ErrorCode::Forbidden, kKeys},
    {"InvalidSignatureException", ErrorCode::Forbidden, kKeys},
    {"SignatureDoesNotMatch", ErrorCode::Forbidden, kKeys},
    {"ExpiredToken", ErrorCode::Forbidden, kExpired},
    {"ExpiredTokenException", ErrorCode::Forbidden, kExpired},
    {"RequestExpired", ErrorCode::Forbidden, kClock},
    {"RequestTimeTooSkewed", ErrorCode::Forbidden, kClock},
    {"UnknownOperationException", ErrorCode::Invalid, kEndpoint},
    {"InvalidAction", ErrorCode::Invalid, kEndpoint},
    {"UnknownOperation", ErrorCode::Invalid, kEndpoint},
    {"InternalFailure", ErrorCode::Unavailable, ""},
    {"ServiceUnavailable", ErrorCode::Unavailable, ""},
};

// For what the table does not name.
Meaning meaning_of(int status) {
  if (status == 429) return {"", ErrorCode::Throttled, ""};
  if (status >= 500) return {"", ErrorCode::Unavailable, ""};
  if (status == 401 || status == 403) return {"", ErrorCode::Forbidden, kKeys};
  if (status < 400 || status == 404) return {"", ErrorCode::Invalid, kEndpoint};
  return {"", ErrorCode::Invalid, ""};
}

}  // namespace

Error aws_error(std::string_view operation, int status, std::string_view name,
                std::string_view message) {
  const auto* const it = std::ranges::find(kMeanings, name, &Meaning::name);
  const Meaning meaning = it == std::end(kMeanings) || name.empty() ? meaning_of(status) : *it;
  const std::string said = name.empty() ? fmt::format("HTTP {}", status) : std::string(name);
  return {meaning.code,
          message.empty() ? fmt::format("{}: {}", operation, said)
                          : fmt::format("{}: {}: {}", operation, said, message),
          std::string(meaning.remedy)};
}

}  // namespace hyperwright::client
