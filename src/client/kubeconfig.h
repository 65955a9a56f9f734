// Where the Kubernetes API is and who we are there: from a kubeconfig, or, inside a pod, from the
// service account that Kubernetes puts into it.
//
// Read of a kubeconfig: current-context, contexts (cluster, user, namespace), clusters (server,
// certificate-authority, -data, insecure-skip-tls-verify, tls-server-name, proxy-url), users
// (client-certificate, client-key, -data, token, tokenFile). $KUBECONFIG may name several files, of
// which the first to set a value or to have a name wins. Paths in a file are relative to its
// folder. Plugins (exec, auth-provider) are not run: a context that needs one is an error that says
// so.
//
// Sources: Kubernetes, Tasks > "Organizing Cluster Access Using kubeconfig Files"; Tasks >
// "Accessing the Kubernetes API from a Pod".
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "client/environment.h"
#include "client/http.h"

namespace hyperwright::client {

// A bearer token that never changes, or one in a file that Kubernetes writes anew before it
// expires. May be asked from several threads.
class BearerToken {
 public:
  BearerToken() = default;
  static std::shared_ptr<BearerToken> of_text(std::string text);
  static std::shared_ptr<BearerToken> of_file(std::filesystem::path path);

  // The token; empty: none is needed. A file is read again when what we know is a minute old; while
  // it cannot be read, the last token is used.
  Result<std::string> current(Time now);

 private:
  std::filesystem::path path_;  // empty: of a text
  std::mutex mutex_;
  std::string text_;
  std::optional<Time> read_at_;
};

struct KubernetesAccess {
  std::string context;         // "in-cluster" for a service account
  std::string server;          // "https://host:port", without a slash at the end
  std::string namespace_name;  // where the context points to; "default" if it does not say
  std::shared_ptr<const HttpConnection> connection;
  std::shared_ptr<BearerToken> token;
};

struct KubeconfigFile {
  std::filesystem::path path;  // for messages, and for the paths in it
  std::string text;
};

// `context` empty: the current one.
Result<KubernetesAccess> parse_kubeconfig(const std::vector<KubeconfigFile>& files,
                                          const std::string& context);

// `path` empty: $KUBECONFIG, or ~/.kube/config.
Result<KubernetesAccess> read_kubeconfig(const std::filesystem::path& path,
                                         const std::string& context,
                                         const Environment& environment);

bool is_in_cluster(const Environment& environment);

// `folder` is /var/run/secrets/kubernetes.io/serviceaccount but in tests.
Result<KubernetesAccess> in_cluster_access(
    const Environment& environment,
    const std::filesystem::path& folder = "/var/run/secrets/kubernetes.io/serviceaccount");

// What a command does that was given --kubeconfig and --context, or neither: what is named; else
// $KUBECONFIG; else the service account, inside a pod; else ~/.kube/config.
Result<KubernetesAccess> find_kubernetes(const std::filesystem::path& kubeconfig,
                                         const std::string& context,
                                         const Environment& environment);

}  // namespace hyperwright::client
