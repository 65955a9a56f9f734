// How a client reaches AWS: region, endpoints, keys, authorities.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "client/aws_credentials.h"
#include "client/aws_endpoints.h"
#include "client/environment.h"
#include "client/http.h"
#include "client/retry.h"

namespace hyperwright::client {

struct AwsSettings {
  std::string region;
  std::shared_ptr<AwsCredentialsProvider> credentials;
  std::string sagemaker_endpoint;  // "https://host:port"
  std::string ec2_endpoint;
  std::string sts_endpoint{};      // "": not offered
  std::string pricing_endpoint{};  // "": not offered
  std::shared_ptr<const HttpConnection> connection{};
  RetryPolicy retry{};
  std::int64_t calls_per_second = 10;  // of each service, at most
  std::int64_t burst = 20;
  Duration deadline = Duration::seconds(30);      // of one attempt
  Duration call_deadline = Duration::minutes(3);  // of all attempts and waits of a call
};

// Of one of the services that are called with these settings: all but SSO's portal.
const std::string& endpoint_of(const AwsSettings& settings, AwsService service);

// Reads the variables and shared files that every AWS tool reads (aws_profiles.h, aws_endpoints.h,
// aws_key_chain.h; AWS_CA_BUNDLE or ca_bundle). `endpoint`, where it is not empty, stands for all
// services that have no variable of their own. `region` empty: AWS_REGION, AWS_DEFAULT_REGION, the
// profile's, this instance's (which is waited for); with an endpoint of one's own it may be absent
// everywhere, and is us-east-1. Keys are not looked for yet.
Result<AwsSettings> aws_settings(const std::string& region, const std::string& endpoint,
                                 const Environment& environment);

}  // namespace hyperwright::client
