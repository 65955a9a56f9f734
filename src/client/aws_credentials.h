// The keys that sign calls to AWS, and where a client gets them from.
//
// Temporary keys end. A provider renews them before that: while the ones that it has still work it
// hands those out at once, so that no call waits for, or fails by, a renewal that is under way.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::client {

struct AwsCredentials {
  std::string access_key_id{};
  std::string secret_access_key{};
  std::string session_token{};  // empty: long-lived keys
  bool operator==(const AwsCredentials&) const = default;
};

// Keys, and what is known of them.
struct ObtainedKeys {
  AwsCredentials keys{};
  Time expires = Time::max();  // max: never, as far as anybody said
  std::string source{};        // "assume-role-with-web-identity", as botocore names it
  std::string detail{};        // which profile, file or role: for people, never a secret
};

class AwsCredentialsProvider {
 public:
  using Done = std::function<void(Result<AwsCredentials>)>;

  AwsCredentialsProvider() = default;
  virtual ~AwsCredentialsProvider() = default;
  AwsCredentialsProvider(const AwsCredentialsProvider&) = delete;
  AwsCredentialsProvider& operator=(const AwsCredentialsProvider&) = delete;

  // Any thread. Calls `done` once: before it returns where keys are there, else later on a thread
  // of the provider's, which `done` must not block.
  virtual void get(Done done) = 0;
  // AWS said that it does not accept these any more, as after a rotation: the next get() waits for
  // others, unless others are there already.
  virtual void refuse(const AwsCredentials& keys) = 0;
  // What to tell of each search that has ended, for the log; on the thread of `done`.
  using OnRenewal = std::function<void(const Result<ObtainedKeys>&)>;
  virtual void on_renewal(OnRenewal told) = 0;
};

std::shared_ptr<AwsCredentialsProvider> fixed_credentials(AwsCredentials keys);

// Region and service are what the signature is made for (AWS Signature Version 4).
struct AwsSigning {
  AwsCredentials credentials;
  std::string region;
  std::string service;
};

}  // namespace hyperwright::client
