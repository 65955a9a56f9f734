#include "cli/installed_crds.h"

#include <chrono>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/crds.h"
#include "sim/kubernetes_yaml.h"

namespace hyperwright::cli {
namespace json = boost::json;
namespace {

constexpr Duration kDeadline = Duration::seconds(10);  // of a call: somebody waits
constexpr int kLooksMax = 100;                         // until a kind is served
constexpr auto kLookEvery = std::chrono::milliseconds(200);

std::string path_of(const std::string& name) {
  return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + name;
}

Result<json::value> get(client::KubernetesClient& kubernetes, const std::string& name) {
  client::KubernetesRequest request = client::get_request(path_of(name));
  request.deadline = kDeadline;
  return kubernetes.call_and_wait(request);
}

}  // namespace

Result<std::vector<InstalledCrd>> look_at_crds(client::KubernetesClient& kubernetes) {
  std::vector<InstalledCrd> all;
  for (const std::string_view yaml : kube::crds()) {
    const auto ours = sim::parse_yaml(yaml);
    check(ours.has_value(), "the definitions that the binary carries are YAML");
    const json::string& name = ours->at("metadata").at("name").as_string();
    InstalledCrd crd{.name = std::string(name), .yaml = yaml, .is_needed = true, .found = {}};
    crd.is_needed =
        !crd.name.starts_with("nodeoverlays.") && !crd.name.starts_with("capacitybuffers.");
    const auto installed = get(kubernetes, crd.name);
    if (installed) {
      crd.found = kube::compare_crd(*ours, *installed);
    } else if (installed.error().code() != ErrorCode::NotFound) {
      return fail(installed.error(), fmt::format("Kubernetes at {}", kubernetes.access().server));
    }
    all.push_back(std::move(crd));
  }
  return all;
}

Status apply_crd(client::KubernetesClient& kubernetes, const InstalledCrd& crd) {
  // Applied on the server's side: it merges, and takes the fields over from whoever wrote them.
  const client::KubernetesRequest request{
      .method = client::HttpMethod::Patch,
      .path = path_of(crd.name) + "?fieldManager=hyperwright&force=true",
      .content_type = "application/apply-patch+yaml",
      .body = std::string(crd.yaml),
      .deadline = kDeadline};
  if (const auto applied = kubernetes.call_and_wait(request); !applied) {
    return fail(applied.error(), fmt::format("Kubernetes at {}", kubernetes.access().server));
  }
  for (int look = 0; look < kLooksMax; ++look) {
    const auto definition = get(kubernetes, crd.name);
    if (!definition) return fail(definition.error());
    if (kube::is_established(*definition)) return {};
    std::this_thread::sleep_for(kLookEvery);
  }
  return fail(ErrorCode::Unavailable,
              fmt::format("{} is installed, but its kind is not served yet", crd.name),
              fmt::format("kubectl describe crd {} says why", crd.name));
}

}  // namespace hyperwright::cli
