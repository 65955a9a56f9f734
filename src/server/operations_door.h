// /metrics, /healthz and /readyz of the controller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "server/http_server.h"

namespace hyperwright::server {

// Serves Prometheus' text at /metrics.
Result<std::unique_ptr<HttpServer>> serve_metrics(const std::string& address, std::uint16_t port,
                                                  std::function<std::string()> text);
// Serves "ok" at /healthz while the process lives, and at /readyz while `problem` answers "".
Result<std::unique_ptr<HttpServer>> serve_health(const std::string& address, std::uint16_t port,
                                                 std::function<std::string()> problem);

}  // namespace hyperwright::server
