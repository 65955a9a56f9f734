// How a client reaches a LoopbackServer as its Kubernetes API: directly, whatever proxy the
// environment names.
#pragma once

#include <memory>

#include "client/kubernetes_client.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {

inline KubernetesAccess access_to(const LoopbackServer& server) {
  HttpConnection connection;
  connection.proxy = "";
  KubernetesAccess access;
  access.server = server.url();
  access.connection = std::make_shared<const HttpConnection>(connection);
  return access;
}

}  // namespace hyperwright::client
