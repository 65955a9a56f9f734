// Keeps the sink informed about one kind of objects for as long as this lives: the I/O around
// KubernetesReflector, which decides everything. The sink is called on the HTTP client's thread,
// and not any more once the destructor has returned.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/kubernetes_client.h"
#include "client/kubernetes_reflector.h"

namespace hyperwright::client {

class KubernetesWatch {
 public:
  // `client` and `sink` outlive this, and this is not destroyed by the sink. `seed` spreads the
  // waits.
  KubernetesWatch(KubernetesClient& client, std::string collection_path, ListOptions options,
                  ObjectSink& sink, std::uint64_t seed);
  ~KubernetesWatch();
  KubernetesWatch(const KubernetesWatch&) = delete;
  KubernetesWatch& operator=(const KubernetesWatch&) = delete;

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with the callbacks, which may come after this is gone
};

}  // namespace hyperwright::client
