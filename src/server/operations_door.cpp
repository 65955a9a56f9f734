#include "server/operations_door.h"

namespace hyperwright::server {
namespace {

HttpResponse plain(int status, std::string body) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .headers = {},
          .body = std::move(body)};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> serve_metrics(const std::string& address, std::uint16_t port,
                                                  std::function<std::string()> text) {
  return HttpServer::start(
      {.address = address, .port = port},
      [text = std::move(text)](const HttpRequest& request, const HttpReply& reply) {
        if (request.path != "/metrics") return reply.send(plain(404, "there is only /metrics\n"));
        reply.send({.status = 200,
                    .content_type = "text/plain; version=0.0.4; charset=utf-8",
                    .headers = {},
                    .body = text()});
      });
}

Result<std::unique_ptr<HttpServer>> serve_health(const std::string& address, std::uint16_t port,
                                                 std::function<std::string()> problem) {
  return HttpServer::start(
      {.address = address, .port = port},
      [problem = std::move(problem)](const HttpRequest& request, const HttpReply& reply) {
        if (request.path == "/healthz") return reply.send(plain(200, "ok\n"));
        if (request.path != "/readyz")
          return reply.send(plain(404, "there are /healthz and /readyz\n"));
        const std::string text = problem();
        reply.send(text.empty() ? plain(200, "ok\n") : plain(503, text + "\n"));
      });
}

}  // namespace hyperwright::server
