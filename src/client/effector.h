// Carries effects out on the real world: Kubernetes' and HyperPod's APIs. Each call's answer goes
// into the inbox as one Answered event. Zones of subnets that a file names are not asked for.
#pragma once

#include <functional>
#include <string>

#include "client/aws_client.h"
#include "client/call_window.h"
#include "client/kubernetes_client.h"
#include "client/subnet_zones.h"
#include "runtime/effector.h"
#include "runtime/inbox.h"

namespace hyperwright::client {

class ClusterEffector : public runtime::Effector {
 public:
  // All of them outlive this, and the HTTP client behind them ends before the inbox does: an answer
  // may come after this has gone.
  ClusterEffector(KubernetesClient& kubernetes, AwsClient& aws, runtime::Inbox& inbox,
                  std::string cluster, std::function<Time()> clock, SubnetZones zones = {},
                  CallWindow::Limits limits = {});
  void carry_out(const state::Effect& effect) override;

 private:
  void describe_subnets(const state::Effect& effect);

  CallWindow kubernetes_;
  AwsClient& aws_;
  runtime::Inbox& inbox_;
  std::string cluster_;
  std::function<Time()> clock_;
  SubnetZones zones_;  // before EC2 is asked
};

}  // namespace hyperwright::client
