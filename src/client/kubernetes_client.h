// Sends requests to one Kubernetes API server, as the user of its kubeconfig or service account.
// One attempt each: whoever asks decides whether to ask again.
#pragma once

#include <memory>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/http.h"
#include "client/kubeconfig.h"
#include "client/kubernetes_request.h"

namespace hyperwright::client {

class KubernetesClient {
 public:
  KubernetesClient(HttpClient& http, KubernetesAccess access)
      : http_(http), access_(std::move(access)) {}

  // As HttpClient's, from any thread; decode_kubernetes_answer reads the answer.
  HttpClient::Id call(const KubernetesRequest& request, HttpClient::Done done);
  HttpClient::Id stream(const KubernetesRequest& request, HttpClient::OnLine on_line,
                        HttpClient::Done done);

  // These wait, and are not to be called from a callback.
  Result<boost::json::value> call_and_wait(const KubernetesRequest& request);
  // The items of all pages. Starts again when the server has forgotten the list that a page belongs
  // to.
  Result<boost::json::array> list_and_wait(const std::string& path, const ListOptions& options);

  [[nodiscard]] const KubernetesAccess& access() const { return access_; }
  [[nodiscard]] HttpClient& http() const { return http_; }

 private:
  [[nodiscard]] Result<HttpRequest> http_request(const KubernetesRequest& request) const;

  HttpClient& http_;
  KubernetesAccess access_;
};

}  // namespace hyperwright::client
