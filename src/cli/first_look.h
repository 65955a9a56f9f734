// Both sides are reached once before a command goes on, so that a wrong name, key or address is
// told at the terminal, with its remedy.
#pragma once

#include <string>

#include "base/error.h"
#include "client/aws_client.h"
#include "client/kubernetes_client.h"
#include "hyperpod/cluster.h"

namespace hyperwright::cli {

// Settings for somebody who waits: half a minute of silence is enough.
client::AwsSettings impatient(client::AwsSettings settings);

// The HyperPod cluster of this name; and Kubernetes answers, and has the definitions of our kinds.
Result<hyperpod::Cluster> look_at(client::HttpClient& http, client::AwsSettings settings,
                                  client::KubernetesClient& kubernetes, const std::string& cluster);

}  // namespace hyperwright::cli
