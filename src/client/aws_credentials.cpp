#include "client/aws_credentials.h"

#include <utility>

namespace hyperwright::client {
namespace {

class FixedCredentials : public AwsCredentialsProvider {
 public:
  explicit FixedCredentials(AwsCredentials keys) : keys_(std::move(keys)) {}
  void get(Done done) override { done(keys_); }
  void refuse(const AwsCredentials& /*keys*/) override {}
  void on_renewal(OnRenewal /*told*/) override {}  // nothing is searched

 private:
  const AwsCredentials keys_;
};

}  // namespace

std::shared_ptr<AwsCredentialsProvider> fixed_credentials(AwsCredentials keys) {
  return std::make_shared<FixedCredentials>(std::move(keys));
}

}  // namespace hyperwright::client
