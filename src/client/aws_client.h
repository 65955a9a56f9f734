// Calls to AWS: SageMaker's by AWS JSON, ec2:DescribeSubnets by EC2's Query protocol. Signs each
// attempt anew, keeps calls under a token bucket, and tries again what is throttled or not reached.
//
// Reads (Describe..., List...) are also repeated when their answer got lost; of any other call such
// an outcome is Unknown, and whoever made it decides, because only it knows whether the call has a
// token.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/random.h"
#include "client/aws_credentials.h"
#include "client/http.h"
#include "client/retry.h"

namespace hyperwright::client {

struct AwsSettings {
  std::string region;
  AwsCredentials credentials;
  std::string sagemaker_endpoint;  // "https://host:port"
  std::string ec2_endpoint;
  std::shared_ptr<const HttpConnection> connection{};
  RetryPolicy retry{};
  std::int64_t calls_per_second = 10;
  std::int64_t burst = 20;
  Duration deadline = Duration::seconds(30);  // of one attempt
};

// The usual variables (keys, region, AWS_CA_BUNDLE), and AWS's own endpoints unless `endpoint`
// names one that stands for both. `region` empty: from the environment; with an endpoint of one's
// own it may be absent there too, and is us-east-1.
Result<AwsSettings> aws_settings(const std::string& region, const std::string& endpoint,
                                 const Environment& environment);

class AwsClient {
 public:
  using Done = std::function<void(Result<boost::json::value>)>;

  AwsClient(HttpClient& http, AwsSettings settings, std::uint64_t seed);

  // Any thread. `done` is called once, on the HTTP client's thread, at the latest when that ends.
  // "DescribeSubnets" goes to EC2: {"SubnetIds": [...]} to {"Subnets": [...]}.
  void call(const std::string& operation, const boost::json::value& body, Done done);
  // Waits. Not to be called from a callback.
  Result<boost::json::value> call_and_wait(const std::string& operation,
                                           const boost::json::value& body);

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with the calls under way, which may outlive this
};

}  // namespace hyperwright::client
