// Calls to AWS: SageMaker's, and the few of other services that aws_operation.h lists. Signs each
// attempt anew, keeps calls to each service under a rate that adapts to what it bears, and tries
// again what is throttled or not reached, within a quota and a deadline.
//
// Reads (Describe..., List..., Get...) are also repeated when their answer got lost; of any other
// call such an outcome is Unknown, and whoever made it decides, because only it knows whether the
// call has a token. Where AWS no longer accepts the keys, others are asked of the provider once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/random.h"
#include "client/aws_settings.h"
#include "client/http.h"

namespace hyperwright::client {

class AwsClient {
 public:
  using Done = std::function<void(Result<boost::json::value>)>;

  AwsClient(HttpClient& http, AwsSettings settings, std::uint64_t seed);
  ~AwsClient();
  AwsClient(const AwsClient&) = delete;
  AwsClient& operator=(const AwsClient&) = delete;

  // Any thread. `done` is called once, on the HTTP client's thread, at the latest when that ends.
  // "DescribeSubnets" goes to EC2: hyperpod::describe_subnets_request to {"Subnets": [...]}.
  void call(const std::string& operation, const boost::json::value& body, Done done);
  // Waits. Not to be called from a callback.
  Result<boost::json::value> call_and_wait(const std::string& operation,
                                           const boost::json::value& body);

  [[nodiscard]] const AwsSettings& settings() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with the calls under way, which may outlive this
};

}  // namespace hyperwright::client
