// Reads a set-up for `doctor`: both APIs are asked, and what does not answer is written down
// instead of ending it. Nothing is changed anywhere.
#pragma once

#include <string>

#include "cli/facts.h"
#include "client/aws_client.h"
#include "client/kubernetes_client.h"
#include "doctor/examination.h"

namespace hyperwright::cli {

// Whose rights in Kubernetes are asked for.
struct Subject {
  std::string service_account_namespace;  // with the name empty: the user of the kubeconfig
  std::string service_account_name;
  std::string lease_namespace;
};

void read_kubernetes(client::KubernetesClient& kubernetes, const Subject& subject,
                     doctor::Readings& readings);

// `zones` are those of --subnet-zones. With `probes_writes` the two calls that change a cluster are
// made, too, in a form that can change nothing: for an instance group and a node that do not exist.
void read_aws(client::AwsClient& aws, const client::SubnetZones& zones, bool probes_writes,
              doctor::Readings& readings);

}  // namespace hyperwright::cli
