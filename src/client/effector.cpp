#include "client/effector.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/describe_subnets.h"
#include "client/json_text.h"
#include "runtime/calls.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

HttpMethod method_of(std::string_view method) {
  if (method == "POST") return HttpMethod::Post;
  if (method == "DELETE") return HttpMethod::Delete;
  return HttpMethod::Patch;
}

// The picture waits for the answer of each; what tells of it may come later than what changes it.
CallWindow::Rank rank_of(const state::Action& action) {
  const bool only_tells = std::holds_alternative<state::RecordEvent>(action) ||
                          std::holds_alternative<state::UpdateNodeClaimStatus>(action) ||
                          std::holds_alternative<state::UpdateNodePoolStatus>(action) ||
                          std::holds_alternative<state::UpdateNodeClassStatus>(action) ||
                          std::holds_alternative<state::UpdateNodeOverlayStatus>(action) ||
                          std::holds_alternative<state::UpdateCapacityBufferStatus>(action);
  return only_tells ? CallWindow::Rank::Tell : CallWindow::Rank::Act;
}

// An answer is one text, and whoever reads the log wants the remedy too.
Error with_remedy(const Error& error) {
  if (error.remedy().empty()) return error;
  return {error.code(), fmt::format("{}; {}", error.text(), error.remedy())};
}

state::Answered answer_of(const state::Effect& effect, const Result<HttpResponse>& response) {
  if (!response) return runtime::failed_answer(effect, with_remedy(response.error()));
  const auto body = parse_json(response->body);
  const bool is_success = response->status >= 200 && response->status < 300;
  if (!body && is_success) {
    // A proxy's page, say: whether the API server ever saw the call is not known.
    return runtime::failed_answer(
        effect, Error(ErrorCode::Unknown, fmt::format("HTTP status {}, but the answer is {}",
                                                      response->status, body.error().text())));
  }
  return runtime::kubernetes_answer(effect, response->status, body.value_or(json::value{}));
}

json::value subnet_json(const std::string& id, const std::string& zone) {
  return json::object{{"SubnetId", id}, {"AvailabilityZone", zone}};
}

}  // namespace

ClusterEffector::ClusterEffector(KubernetesClient& kubernetes, AwsClient& aws,
                                 runtime::Inbox& inbox, std::string cluster,
                                 std::function<Time()> clock, SubnetZones zones,
                                 CallWindow::Limits limits)
    : kubernetes_(kubernetes, limits),
      aws_(aws),
      inbox_(inbox),
      cluster_(std::move(cluster)),
      clock_(std::move(clock)),
      zones_(std::move(zones)) {}

void ClusterEffector::carry_out(const state::Effect& effect) {
  if (auto call = runtime::kubernetes_call(effect, clock_())) {
    KubernetesRequest request{.method = method_of(call->method),
                              .path = call->path,
                              .content_type = call->content_type,
                              .body = json::serialize(call->body)};
    kubernetes_.call(rank_of(effect.action), std::move(request),
                     [&inbox = inbox_, effect](const Result<HttpResponse>& response) {
                       inbox.put(answer_of(effect, response));
                     });
    return;
  }
  if (std::holds_alternative<state::DescribeSubnets>(effect.action))
    return describe_subnets(effect);
  const auto call = runtime::hyperpod_call(effect, cluster_);
  check(call.has_value(), "an effect that is answered is a call to Kubernetes or to HyperPod");
  aws_.call(call->operation, call->body,
            [&inbox = inbox_, effect](const Result<json::value>& answer) {
              inbox.put(answer ? runtime::hyperpod_answer(effect, answer)
                               : runtime::failed_answer(effect, with_remedy(answer.error())));
            });
}

// The file's zones, and EC2's of what the file does not name. Where EC2 does not answer, the file's
// stand alone; the rest is asked for again, and then its failure is the answer.
void ClusterEffector::describe_subnets(const state::Effect& effect) {
  json::array named;
  std::vector<std::string> rest;
  state::DescribeSubnets of_file;
  for (const std::string& id : std::get<state::DescribeSubnets>(effect.action).ids) {
    const auto zone = zones_.find(id);
    if (zone == zones_.end()) {
      rest.push_back(id);
    } else {
      named.push_back(subnet_json(id, zone->second));
      of_file.ids.push_back(id);
    }
  }
  const auto answer_with = [&inbox = inbox_](const state::Effect& asked, json::array subnets) {
    inbox.put(runtime::hyperpod_answer(asked,
                                       json::value(json::object{{"Subnets", std::move(subnets)}})));
  };
  if (rest.empty()) return answer_with(effect, std::move(named));
  client::describe_subnets(
      aws_, rest,
      [&inbox = inbox_, effect, named = std::move(named), of_file = std::move(of_file),
       answer_with](const Result<json::value>& answer) mutable {
        if (answer) {
          for (const json::value& subnet : answer->at("Subnets").as_array())
            named.push_back(subnet);
          return answer_with(effect, std::move(named));
        }
        if (named.empty())
          return inbox.put(runtime::failed_answer(effect, with_remedy(answer.error())));
        // Whether the others exist was not said.
        answer_with({effect.id, effect.reason, std::move(of_file)}, std::move(named));
      });
}

}  // namespace hyperwright::client
