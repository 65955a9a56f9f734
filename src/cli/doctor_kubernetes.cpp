// What `doctor` asks Kubernetes.
#include <algorithm>
#include <future>
#include <memory>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/doctor_reading.h"
#include "client/clock.h"
#include "kube/crds.h"
#include "kube/json_members.h"
#include "runtime/calls.h"
#include "sim/kubernetes_yaml.h"

namespace hyperwright::cli {
namespace {

namespace json = boost::json;
using client::KubernetesClient;
using client::KubernetesRequest;
using kube::at;
using kube::list_at;
using kube::text_at;

// Somebody waits.
constexpr Duration kDeadline = Duration::seconds(10);
// Questions that are asked side by side.
constexpr std::size_t kAtOnce = 16;

constexpr state::Kind kKinds[] = {state::Kind::NodeClass, state::Kind::NodePool,
                                  state::Kind::NodeClaim, state::Kind::DaemonSet};

Result<json::value> ask(KubernetesClient& kubernetes, std::string path) {
  KubernetesRequest request = client::get_request(std::move(path));
  request.deadline = kDeadline;
  return kubernetes.call_and_wait(request);
}

std::vector<Result<json::value>> ask_all(KubernetesClient& kubernetes,
                                         const std::vector<KubernetesRequest>& requests) {
  std::vector<Result<json::value>> answers;
  for (std::size_t begin = 0; begin < requests.size(); begin += kAtOnce) {
    std::vector<std::future<Result<client::HttpResponse>>> open;
    for (std::size_t i = begin; i < std::min(begin + kAtOnce, requests.size()); ++i) {
      auto promise = std::make_shared<std::promise<Result<client::HttpResponse>>>();
      open.push_back(promise->get_future());
      kubernetes.call(requests[i], [promise](Result<client::HttpResponse> response) {
        promise->set_value(std::move(response));
      });
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
      const auto response = open[i].get();
      answers.push_back(response ? client::decode_kubernetes_answer(requests[begin + i], *response)
                                 : Result<json::value>(fail(response.error())));
    }
  }
  return answers;
}

// --- rights ---

std::string user_of(const Subject& subject) {
  return fmt::format("system:serviceaccount:{}:{}", subject.service_account_namespace,
                     subject.service_account_name);
}

// Whose rights are asked for, as Kubernetes calls them.
std::string name_of(KubernetesClient& kubernetes, const Subject& subject) {
  if (!subject.service_account_name.empty()) return user_of(subject);
  KubernetesRequest request = client::create_request(
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      json::object{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}});
  request.deadline = kDeadline;
  const auto answer = kubernetes.call_and_wait(request);
  const std::string name =
      answer ? std::string(text_at(at(at(*answer, "status"), "userInfo"), "username")) : "";
  return name.empty() ? "the user of the kubeconfig" : name;
}

KubernetesRequest access_review(const doctor::Right& right, const Subject& subject) {
  const std::size_t slash = right.resource.find('/');
  json::object attributes{
      {"group", right.group}, {"resource", right.resource.substr(0, slash)}, {"verb", right.verb}};
  if (slash != std::string::npos) attributes["subresource"] = right.resource.substr(slash + 1);
  if (right.is_of_lease) attributes["namespace"] = subject.lease_namespace;
  json::object spec{{"resourceAttributes", std::move(attributes)}};
  const bool is_self = subject.service_account_name.empty();
  if (!is_self) {
    spec["user"] = user_of(subject);
    spec["groups"] =
        json::array{"system:serviceaccounts",
                    fmt::format("system:serviceaccounts:{}", subject.service_account_namespace),
                    "system:authenticated"};
  }
  KubernetesRequest request = client::create_request(
      fmt::format("/apis/authorization.k8s.io/v1/{}",
                  is_self ? "selfsubjectaccessreviews" : "subjectaccessreviews"),
      json::object{{"apiVersion", "authorization.k8s.io/v1"},
                   {"kind", is_self ? "SelfSubjectAccessReview" : "SubjectAccessReview"},
                   {"spec", std::move(spec)}});
  request.deadline = kDeadline;
  return request;
}

std::vector<doctor::AskedRight> read_rights(KubernetesClient& kubernetes, const Subject& subject,
                                            const state::Options& options) {
  const std::vector<doctor::Right> rights = doctor::kubernetes_rights(options);
  std::vector<KubernetesRequest> requests;
  for (const doctor::Right& right : rights) requests.push_back(access_review(right, subject));
  const auto answers = ask_all(kubernetes, requests);
  std::vector<doctor::AskedRight> asked;
  for (std::size_t i = 0; i < rights.size(); ++i) {
    if (!answers[i]) {
      asked.push_back({rights[i], fail(answers[i].error())});
      continue;
    }
    const json::value& allowed = at(at(*answers[i], "status"), "allowed");
    asked.push_back({rights[i], allowed.is_bool() && allowed.get_bool()});
  }
  return asked;
}

// --- definitions ---

// Who may not read the definition itself may still see what is served: discovery is for everybody.
Result<doctor::Definition> discovered(KubernetesClient& kubernetes,
                                      const doctor::Definition& ours) {
  const std::size_t dot = ours.name.find('.');
  const std::string plural = ours.name.substr(0, dot);
  const std::string group = ours.name.substr(dot + 1);
  const auto versions = ask(kubernetes, fmt::format("/apis/{}", group));
  if (!versions) return fail(versions.error());
  doctor::Definition theirs{.name = ours.name, .kind = ours.kind};
  const json::value& list = at(*versions, "versions");
  if (!list.is_array())
    return fail(ErrorCode::Invalid, fmt::format("/apis/{}: no versions", group));
  for (const json::value& version : list.get_array()) {
    const std::string name(text_at(version, "version"));
    const auto resources = ask(kubernetes, fmt::format("/apis/{}/{}", group, name));
    if (!resources) return fail(resources.error());
    if (std::ranges::any_of(list_at(*resources, "resources"), [&](const json::value& kind) {
          return text_at(kind, "name") == plural;
        }))
      theirs.served.push_back(name);
  }
  if (theirs.served.empty())
    return fail(ErrorCode::NotFound, fmt::format("/apis/{} has no {}", group, plural));
  return theirs;
}

std::vector<doctor::AskedDefinition> read_definitions(KubernetesClient& kubernetes) {
  std::vector<doctor::AskedDefinition> asked;
  for (const std::string_view text : kube::crds()) {
    const auto parsed = sim::parse_yaml(text);
    check(parsed.has_value(), "the definitions of the binary are YAML");
    auto ours = doctor::decode_definition(*parsed);
    check(ours.has_value(), "the definitions of the binary are definitions");
    const auto answer =
        ask(kubernetes,
            fmt::format("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{}", ours->name));
    if (answer) {
      asked.push_back({*std::move(ours), doctor::decode_definition(*answer)});
    } else if (answer.error().code() == ErrorCode::Forbidden) {
      auto theirs = discovered(kubernetes, *ours);
      asked.push_back({*std::move(ours), std::move(theirs)});
    } else {
      asked.push_back({*std::move(ours), fail(answer.error())});
    }
  }
  return asked;
}

// --- objects ---

Result<std::vector<doctor::HealthAgent>> read_health_agents(KubernetesClient& kubernetes) {
  const auto sets = kubernetes.list_and_wait(
      fmt::format("/apis/apps/v1/namespaces/{}/daemonsets", doctor::kHealthAgentNamespace), {});
  if (!sets) return fail(sets.error());
  std::vector<doctor::HealthAgent> agents;
  for (const json::value& set : *sets) {
    const std::string name(text_at(at(set, "metadata"), "name"));
    if (!name.starts_with(doctor::kHealthAgentPrefix)) continue;
    const json::array& containers =
        list_at(at(at(at(set, "spec"), "template"), "spec"), "containers");
    if (containers.empty()) continue;
    agents.push_back({name, std::string(text_at(containers[0], "image"))});
  }
  return agents;
}

void read_objects(KubernetesClient& kubernetes, doctor::Readings& readings) {
  const Time now = client::wall_now();
  for (const state::Kind kind : kKinds) {
    const auto items = kubernetes.list_and_wait(std::string(runtime::collection_path(kind)), {});
    // What is not installed is told where definitions are looked at.
    if (!items && items.error().code() == ErrorCode::NotFound) continue;
    if (!items) {
      readings.unread.push_back(items.error());
      continue;
    }
    for (const json::value& item : *items) {
      const auto event = runtime::changed_event(kind, item);
      if (event) {
        readings.objects.fold(*event, now);
      } else {
        readings.left_out.emplace_back(event.error(),
                                       fmt::format("{} is left out", to_string(kind)));
      }
    }
  }
}

}  // namespace

void read_kubernetes(KubernetesClient& kubernetes, const Subject& subject,
                     doctor::Readings& readings) {
  readings.kubernetes_server = kubernetes.access().server;
  const auto version = ask(kubernetes, "/version");
  if (!version) {
    readings.kubernetes_version = fail(version.error(), kubernetes.access().server);
    return;
  }
  readings.kubernetes_version = std::string(text_at(*version, "gitVersion"));
  readings.user = name_of(kubernetes, subject);
  readings.rights = read_rights(kubernetes, subject, readings.options);
  readings.definitions = read_definitions(kubernetes);
  readings.health_agents = read_health_agents(kubernetes);
  read_objects(kubernetes, readings);
}

}  // namespace hyperwright::cli
