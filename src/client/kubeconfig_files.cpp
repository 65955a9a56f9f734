// Which kubeconfig files are read, and the service account of a pod.
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "client/file_text.h"
#include "client/kubeconfig.h"

namespace hyperwright::client {
namespace {

std::vector<std::filesystem::path> split_paths(const std::string& list) {
  std::vector<std::filesystem::path> paths;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) paths.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

}  // namespace

Result<KubernetesAccess> read_kubeconfig(const std::filesystem::path& path,
                                         const std::string& context,
                                         const Environment& environment) {
  std::vector<std::filesystem::path> paths{path};
  if (path.empty()) {
    paths = split_paths(environment("KUBECONFIG").value_or(""));
    if (paths.empty()) {
      paths.push_back(std::filesystem::path(environment("HOME").value_or("/")) / ".kube/config");
    }
  }
  std::vector<KubeconfigFile> files;
  Result<std::string> text = std::string();
  for (const auto& one : paths) {
    text = read_file_text(one);
    // kubectl skips files of $KUBECONFIG that do not exist; at least one must.
    if (!text && text.error().code() == ErrorCode::NotFound && paths.size() > 1) continue;
    if (!text) break;
    files.push_back({one, *text});
  }
  if (!text && (files.empty() || text.error().code() != ErrorCode::NotFound)) {
    return fail(
        ErrorCode::Invalid, fmt::format("no kubeconfig: {}", text.error().text()),
        "give --kubeconfig FILE, or set KUBECONFIG; `aws eks update-kubeconfig --name CLUSTER` "
        "writes such a file");
  }
  return parse_kubeconfig(files, context);
}

bool is_in_cluster(const Environment& environment) {
  return !environment("KUBERNETES_SERVICE_HOST").value_or("").empty() &&
         !environment("KUBERNETES_SERVICE_PORT").value_or("").empty();
}

Result<KubernetesAccess> in_cluster_access(const Environment& environment,
                                           const std::filesystem::path& folder) {
  constexpr const char* kRemedy =
      "give the pod a service account (serviceAccountName, automountServiceAccountToken: true), or "
      "outside of a cluster give --kubeconfig";
  if (!is_in_cluster(environment)) {
    return fail(ErrorCode::Invalid,
                "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set",
                kRemedy);
  }
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  KubernetesAccess access;
  access.context = "in-cluster";
  access.server = host.find(':') == std::string::npos ? fmt::format("https://{}:{}", host, port)
                                                      : fmt::format("https://[{}]:{}", host, port);
  access.token = BearerToken::of_file(folder / "token");
  HttpConnection connection;
  connection.ca_file = folder / "ca.crt";
  // The API server is a neighbour: a proxy for the way out of the cluster must not be asked for it.
  connection.proxy = "";
  access.connection = std::make_shared<const HttpConnection>(std::move(connection));
  access.namespace_name = trimmed(read_file_text(folder / "namespace").value_or("default"));
  for (const char* name : {"token", "ca.crt"}) {
    if (const auto text = read_file_text(folder / name); !text) {
      return fail(ErrorCode::Invalid,
                  fmt::format("the pod's service account is not usable: {}", text.error().text()),
                  kRemedy);
    }
  }
  return access;
}

Result<KubernetesAccess> find_kubernetes(const std::filesystem::path& kubeconfig,
                                         const std::string& context,
                                         const Environment& environment) {
  const bool is_named =
      !kubeconfig.empty() || !context.empty() || !environment("KUBECONFIG").value_or("").empty();
  if (!is_named && is_in_cluster(environment)) return in_cluster_access(environment);
  return read_kubeconfig(kubeconfig, context, environment);
}

}  // namespace hyperwright::client
