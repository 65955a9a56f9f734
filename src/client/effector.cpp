#include "client/effector.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "runtime/calls.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

HttpMethod method_of(std::string_view method) {
  if (method == "POST") return HttpMethod::Post;
  if (method == "DELETE") return HttpMethod::Delete;
  return HttpMethod::Patch;
}

state::Answered answer_of(const state::Effect& effect, const Result<HttpResponse>& response) {
  if (!response) return runtime::failed_answer(effect, response.error());
  boost::system::error_code problem;
  const json::value body = json::parse(response->body, problem);
  const bool is_success = response->status >= 200 && response->status < 300;
  if (problem && is_success) {
    // A proxy's page, say: whether the API server ever saw the call is not known.
    return runtime::failed_answer(
        effect,
        Error(ErrorCode::Unknown,
              fmt::format("HTTP status {}, and an answer that is no JSON", response->status)));
  }
  return runtime::kubernetes_answer(effect, response->status, problem ? json::value{} : body);
}

}  // namespace

ClusterEffector::ClusterEffector(KubernetesClient& kubernetes, AwsClient& aws,
                                 runtime::Inbox& inbox, std::string cluster,
                                 std::function<Time()> clock)
    : kubernetes_(kubernetes),
      aws_(aws),
      inbox_(inbox),
      cluster_(std::move(cluster)),
      clock_(std::move(clock)) {}

void ClusterEffector::carry_out(const state::Effect& effect) {
  if (auto call = runtime::kubernetes_call(effect, clock_())) {
    const KubernetesRequest request{.method = method_of(call->method),
                                    .path = call->path,
                                    .content_type = call->content_type,
                                    .body = json::serialize(call->body)};
    kubernetes_.call(request, [this, effect](Result<HttpResponse> response) {
      inbox_.put(answer_of(effect, response));
    });
    return;
  }
  const auto call = runtime::hyperpod_call(effect, cluster_);
  check(call.has_value(), "an effect that is answered is a call to Kubernetes or to HyperPod");
  aws_.call(call->operation, call->body, [this, effect](Result<json::value> answer) {
    inbox_.put(runtime::hyperpod_answer(effect, answer));
  });
}

}  // namespace hyperwright::client
