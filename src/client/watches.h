// Watches every kind of object that the loop reads, and puts what comes into the inbox. An object
// that cannot be read is told once per version and does not stop the others. A kind whose
// definition need not be installed, and is not, counts as listed: there is none of it, until it
// comes.
#pragma once

#include <memory>
#include <vector>

#include "client/kubernetes_client.h"
#include "client/kubernetes_watch.h"
#include "runtime/inbox.h"
#include "runtime/log.h"
#include "state/options.h"

namespace hyperwright::client {

class Watches {
 public:
  // All but the options outlive this.
  Watches(const state::Options& options, KubernetesClient& client, runtime::Inbox& inbox,
          const runtime::Log& log, std::uint64_t seed);
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

 private:
  class KindSink;
  std::vector<std::unique_ptr<KindSink>> sinks_;
  std::vector<std::unique_ptr<KubernetesWatch>> watches_;  // after the sinks: ends before them
};

}  // namespace hyperwright::client
