// Takes a Lease and keeps it, or waits for it: the I/O around runtime::Leadership. It has an HTTP
// client of its own, so that a flood of other requests cannot make it lose the Lease.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/kubeconfig.h"
#include "runtime/leadership.h"
#include "runtime/log.h"

namespace hyperwright::client {

struct LeaseOptions {
  std::string namespace_name;
  std::string name;
  std::string identity;
  runtime::LeaseTimings timings;
  // Told at each renewal: for so long from now this one may act, if nothing else comes.
  std::function<void(Duration)> on_renewed{};
  // Told after each look at a Lease that was not held here yet: another holds it, or why it could
  // not be read or taken.
  std::function<void(const Status&)> on_waiting{};
};

class LeaseKeeper {
 public:
  // `on_started` is called when the Lease is held, `on_lost` when it was held and no longer is: the
  // process must stop acting at once. Both are called on a thread of this class, at most once each.
  LeaseKeeper(KubernetesAccess access, LeaseOptions options, const runtime::Log& log,
              std::function<void()> on_started, std::function<void()> on_lost);
  // Gives the Lease up, if it is held, so that the next one need not wait for it to expire.
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace hyperwright::client
