// Where the Kubernetes API is and who we are there: from a kubeconfig, or, inside a pod, from the
// service account that Kubernetes puts into it.
//
// Read of a kubeconfig: current-context, contexts (cluster, user, namespace), clusters (server,
// certificate-authority, -data, insecure-skip-tls-verify, tls-server-name, proxy-url,
// disable-compression), users (client-certificate, client-key, -data, token, tokenFile, exec, as,
// as-uid, as-groups, as-user-extra). $KUBECONFIG may name several files, of which the first to set
// a value or to have a name wins. Paths in a file are relative to its folder. What no API server
// takes any more (auth-provider, username) is an error that says so; and every error names file,
// context, cluster or user, and field.
//
// Sources: Kubernetes, Tasks > "Organizing Cluster Access Using kubeconfig Files"; Reference >
// "kubeconfig (v1)"; Tasks > "Accessing the Kubernetes API from a Pod".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "client/environment.h"
#include "client/kubernetes_access.h"

namespace hyperwright::client {

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
