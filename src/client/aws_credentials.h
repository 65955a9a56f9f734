// The keys that sign calls to AWS, from the environment variables that every AWS tool reads:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary keys, AWS_SESSION_TOKEN.
//
// Source: AWS CLI User Guide, "Configuring environment variables for the AWS CLI".
#pragma once

#include <string>

#include "base/error.h"
#include "client/environment.h"

namespace hyperwright::client {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty: long-lived keys
};

Result<AwsCredentials> aws_credentials_from_environment(const Environment& environment);

// AWS_REGION, or AWS_DEFAULT_REGION. Fails with Invalid when neither is set.
Result<std::string> aws_region_from_environment(const Environment& environment);

// Region and service are what the signature is made for (AWS Signature Version 4).
struct AwsSigning {
  AwsCredentials credentials;
  std::string region;
  std::string service;
};

}  // namespace hyperwright::client
