// sts:GetCallerIdentity: whose keys these are. No permission is needed for it; an endpoint of one's
// own may not offer it.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "client/aws_client.h"

namespace hyperwright::client {

struct CallerIdentity {
  std::string account;  // "111122223333"
  std::string arn;      // "arn:aws:sts::111122223333:assumed-role/hyperwright/session"
  std::string user_id;
};

// Fails with NotFound where the endpoint does not know the call, Forbidden where the keys are
// missing or not accepted. `done` is called as AwsClient::call says.
void caller_identity(AwsClient& aws, std::function<void(Result<CallerIdentity>)> done);
// Waits. Not to be called from a callback.
Result<CallerIdentity> caller_identity(AwsClient& aws);

}  // namespace hyperwright::client
