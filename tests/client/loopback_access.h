// How a client reaches a LoopbackServer as its Kubernetes API: directly, whatever proxy the
// environment names.
#pragma once

#include "client/kubernetes_client.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {

inline KubernetesAccess access_to(const LoopbackServer& server) {
  KubernetesAccess access;
  access.server = server.url();
  access.connection = direct_connection();
  return access;
}

}  // namespace hyperwright::client
