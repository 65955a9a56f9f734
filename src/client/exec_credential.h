// The words that a kubeconfig's exec plugin is spoken to in, and its answer. Pure: exec_plugin.h
// runs it.
//
//   to the plugin    variable KUBERNETES_EXEC_INFO: an ExecCredential with a spec
//   from the plugin  standard output: an ExecCredential with a status: a token, or a client
//                    certificate with its key, or both, and when they expire
//
// Source: Kubernetes, Reference > "Client Authentication (v1)"; Authenticating > "client-go
// credential plugins".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::client {

// The versions of client.authentication.k8s.io that are spoken; the older one is what `aws eks
// update-kubeconfig` writes.
bool is_exec_version(std::string_view api_version);

// `cluster_json` is the spec's cluster, an object; empty: the plugin is not told it.
std::string exec_info(std::string_view api_version, std::string_view cluster_json);

struct ExecCredential {
  std::string token;  // empty: the certificate alone
  std::string client_certificate_pem;
  std::string client_key_pem;
  Time expires = Time::max();  // never: it is good until the server refuses it
};

// Fails with Unavailable, and shows nothing of what was printed: it may be half a secret.
Result<ExecCredential> decode_exec_credential(std::string_view printed,
                                              std::string_view api_version);

// What a plugin printed to standard error, as one line of 400 bytes at most, for a message: what
// looks like a secret (40 or more characters that could be a key or a part of a token) is masked.
std::string without_secrets(std::string_view text);

}  // namespace hyperwright::client
