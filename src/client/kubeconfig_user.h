// The user of a kubeconfig's context: token, client certificate, exec plugin, impersonation.
#pragma once

#include <string>

#include "client/kubeconfig_entry.h"
#include "client/kubernetes_access.h"

namespace hyperwright::client {

// Reads the user into an access whose cluster is known. `cluster_json` is what an exec plugin is
// told of the cluster, if it wants to know it; `connection` gets a certificate that stands in the
// file itself, or the first one of files.
Status read_kubeconfig_user(const KubeconfigEntry& user, const std::string& cluster_json,
                            KubernetesAccess& access, HttpConnection& connection);

}  // namespace hyperwright::client
