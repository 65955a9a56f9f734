// The HTTP door of the simulated Kubernetes API, without the sockets: a request in, a response out.
// A watch answers with a Watch, whose lines the front door sends when they come.
//
// Paths: the resources and their subresources (kubernetes_http_read.h, kubernetes_http_write.h),
// discovery, /version, /openapi/v2 and v3, /healthz, /livez and /readyz. Access reviews are
// answered: everything is allowed. Logs, exec and port-forward are refused: there are no containers
// behind these pods.
#pragma once

#include <optional>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_request.h"
#include "sim/kubernetes_watch.h"

namespace hyperwright::sim {

struct Handled {
  ApiResponse response;        // of a watch: its head, with an empty body
  std::optional<Watch> watch;  // the response goes on, line by line
};

Handled handle(KubernetesApi& api, const ApiRequest& request, Time now);

// Parts of it
// -----------------------------------------------------------------------------------------

ApiResponse respond(int status, const boost::json::object& body);
ApiResponse respond(const ApiError& error);

}  // namespace hyperwright::sim
