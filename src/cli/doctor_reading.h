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

// Of the calls to AWS, those that are not always made.
struct WantedCalls {
  bool prices = true;
  // The two that change a cluster, in a form that can change nothing: for an instance group and a
  // node that do not exist.
  bool writes = false;
};
// `zones` are those of --subnet-zones.
void read_aws(client::AwsClient& aws, const client::SubnetZones& zones, WantedCalls wanted,
              doctor::Readings& readings);

}  // namespace hyperwright::cli
