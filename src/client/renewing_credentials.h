// A provider that finds keys by a search that may take a while, keeps them, and renews them before
// they end (renewal.h). One search at a time, on a thread of its own; whoever needs its outcome
// waits for it, everybody else goes on with the keys that work.
//
// A search that fails is not repeated at once: until the wait is over its error is the answer,
// unless the keys that are there still work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "client/aws_credentials.h"
#include "client/stop.h"

namespace hyperwright::client {

class RenewingCredentials : public AwsCredentialsProvider {
 public:
  // Whatever waits for long in a search looks at the Stop.
  using Search = std::function<Result<ObtainedKeys>(const Stop&)>;
  using Clock = std::function<Time()>;

  RenewingCredentials(Search search, Clock clock, std::uint64_t seed);
  // Ends a search that is under way; who waits is answered with an error.
  ~RenewingCredentials() override;

  void get(Done done) override;
  void refuse(const AwsCredentials& keys) override;
  void on_renewal(OnRenewal told) override;

 private:
  class State;
  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace hyperwright::client
