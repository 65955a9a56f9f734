// Prints what was resolved for AWS from the variables and files of this process, as one JSON
// object: region, endpoints, keys and their source. For tests/e2e/test_aws_credentials.py, which
// compares it with botocore, and for keys that are none: it shows them.
#include <cstdio>
#include <future>

#include <boost/json.hpp>

#include "client/aws_settings.h"

namespace hyperwright::client {
namespace {

boost::json::object resolution() {
  const auto settings = aws_settings("", "", process_environment());
  if (!settings) return {{"error", settings.error().text()}};
  std::promise<Result<ObtainedKeys>> told;
  settings->credentials->on_renewal([&](const auto& keys) { told.set_value(keys); });
  settings->credentials->get([](const auto&) {});
  const auto keys = told.get_future().get();
  if (!keys) return {{"error", keys.error().text()}, {"remedy", keys.error().remedy()}};
  return {{"source", keys->source},
          {"access_key_id", keys->keys.access_key_id},
          {"secret_access_key", keys->keys.secret_access_key},
          {"session_token", keys->keys.session_token},
          {"region", settings->region},
          {"sagemaker", settings->sagemaker_endpoint},
          {"ec2", settings->ec2_endpoint},
          {"sts", settings->sts_endpoint}};
}

}  // namespace
}  // namespace hyperwright::client

int main() {
  std::puts(boost::json::serialize(hyperwright::client::resolution()).c_str());
  return 0;
}
