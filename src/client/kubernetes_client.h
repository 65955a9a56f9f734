// Sends requests to one Kubernetes API server, as the user of its kubeconfig or service account.
// One attempt each: whoever asks decides whether to ask again. But for one case: a request that is
// answered with 401 was not looked at, and where credentials can be fetched anew (an exec plugin,
// files) it is sent once more with new ones, so that their end is nobody's failure.
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
  using Id = std::uint64_t;

  // `http` outlives this.
  KubernetesClient(HttpClient& http, KubernetesAccess access);
  // What still waits for credentials is answered with an error, by the HTTP client's thread.
  ~KubernetesClient();
  KubernetesClient(const KubernetesClient&) = delete;
  KubernetesClient& operator=(const KubernetesClient&) = delete;

  // As HttpClient's, from any thread; decode_kubernetes_answer reads the answer.
  Id call(const KubernetesRequest& request, HttpClient::Done done);
  Id stream(const KubernetesRequest& request, HttpClient::OnLine on_line, HttpClient::Done done);
  // Ends a call, whose `done` is then called with an error. What has ended already is left alone.
  void cancel(Id id);

  // These wait, and are not to be called from a callback.
  Result<boost::json::value> call_and_wait(const KubernetesRequest& request);
  // The items of all pages. Starts again when the server has forgotten the list that a page belongs
  // to.
  Result<boost::json::array> list_and_wait(const std::string& path, const ListOptions& options);

  [[nodiscard]] const KubernetesAccess& access() const { return access_; }
  [[nodiscard]] HttpClient& http() const { return http_; }

 private:
  class Core;

  HttpClient& http_;
  const KubernetesAccess access_;
  std::shared_ptr<Core> core_;  // shared with the calls that are open
};

}  // namespace hyperwright::client
