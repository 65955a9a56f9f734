#include "doctor/examination.h"

#include <fmt/format.h>

#include "doctor/cluster_settings.h"
#include "doctor/daemon_room.h"
#include "doctor/instance_groups.h"
#include "doctor/kubernetes_version.h"
#include "doctor/subnets.h"

namespace hyperwright::doctor {
namespace {

void add(Findings& findings, Findings more) {
  findings.insert(findings.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

void examine_kubernetes(const Readings& readings, Findings& findings) {
  add(findings, check_kubernetes_version(readings.kubernetes_server, readings.kubernetes_version));
  if (!readings.kubernetes_version) {
    for (const std::string_view check : {kRights, kDefinitions})
      findings.push_back(not_checked(check, "Kubernetes did not answer"));
    return;
  }
  add(findings, check_rights(readings.user, readings.rights));
  add(findings, check_definitions(readings.definitions, readings.options));
  for (const Error& error : readings.unread) findings.push_back(unanswered(kDefinitions, error));
  for (const Error& error : readings.left_out)
    findings.push_back(warning(kDefinitions, error.text(), error.remedy()));
}

Finding cluster_problem(const Error& error) {
  std::string remedy = error.remedy();
  if (error.code() == ErrorCode::NotFound) {
    remedy =
        "write the name of a HyperPod cluster of this region (not the EKS cluster's): `aws "
        "sagemaker list-clusters` shows them";
  }
  return problem(kClusterStatus, error.text(), std::move(remedy));
}

void examine_hyperpod(const Readings& readings, Findings& findings) {
  add(findings, check_aws_identity(readings.aws_identity));
  add(findings, check_aws_actions(readings.actions));
  if (!readings.cluster) {
    // What is refused or not answered is told already, where permissions are.
    const bool is_told = !readings.actions.empty() && !shows_permission(readings.cluster.error());
    findings.push_back(is_told ? not_checked(kClusterStatus, "the cluster could not be described")
                               : cluster_problem(readings.cluster.error()));
    for (const std::string_view check :
         {kProvisioningMode, kNodeRecovery, kAutoScaling, kInstanceGroups, kSubnets})
      findings.push_back(not_checked(check, "the cluster could not be described"));
    return;
  }
  add(findings, check_cluster_settings(*readings.cluster));
  add(findings, check_instance_groups(*readings.cluster, readings.objects, readings.nodes));
  add(findings, check_prices(*readings.cluster, readings.objects));
  add(findings, check_subnets(*readings.cluster, readings.objects, readings.subnets));
}

// What takes both sides: nodes as HyperPod will make them, and what Kubernetes will put there.
void examine_nodes(const Readings& readings, Findings& findings) {
  if (!readings.kubernetes_version || !readings.cluster) {
    for (const std::string_view check : {kHealthAgent, kDaemonOverhead, kPodDensity})
      findings.push_back(not_checked(check, "it takes Kubernetes and the HyperPod cluster"));
    return;
  }
  if (readings.health_agents) {
    add(findings, check_health_agent(*readings.health_agents, *readings.cluster,
                                     readings.objects.instance_types()));
  } else {
    findings.push_back(unanswered(kHealthAgent, readings.health_agents.error()));
  }
  static const std::vector<hyperpod::Subnet> kNone;
  const auto rooms =
      node_rooms(*readings.cluster, readings.subnets ? *readings.subnets : kNone, readings.objects);
  add(findings, check_daemon_overhead(rooms));
  add(findings, check_pod_density(rooms));
}

bool is_out_of_reach(const Error& error) {
  return error.code() == ErrorCode::Unavailable || error.code() == ErrorCode::Unknown;
}

}  // namespace

Findings examine(const Readings& readings) {
  Findings findings;
  examine_kubernetes(readings, findings);
  examine_hyperpod(readings, findings);
  examine_nodes(readings, findings);
  return findings;
}

bool is_nothing_reachable(const Readings& readings) {
  return !readings.kubernetes_version && !readings.cluster &&
         is_out_of_reach(readings.kubernetes_version.error()) &&
         is_out_of_reach(readings.cluster.error());
}

}  // namespace hyperwright::doctor
