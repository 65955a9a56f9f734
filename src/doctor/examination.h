// All checks, in the order in which they are told, over all that was read of a set-up. Of a part
// that could not be read, the checks that need it are not made, and that is said.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "doctor/aws_actions.h"
#include "doctor/definitions.h"
#include "doctor/finding.h"
#include "doctor/health_agent.h"
#include "doctor/rights.h"
#include "hyperpod/cluster.h"
#include "state/cluster_state.h"

namespace hyperwright::doctor {

struct Readings {
  explicit Readings(state::Options core, hyperpod::InstanceTypes types)
      : options(core), objects(std::move(core), std::move(types)) {}

  state::Options options;

  // --- Kubernetes ---
  std::string kubernetes_server;
  Result<std::string> kubernetes_version = fail(ErrorCode::Unavailable, "it was not asked");
  std::string user;
  std::vector<AskedRight> rights;
  std::vector<AskedDefinition> definitions;
  Result<std::vector<HealthAgent>> health_agents = fail(ErrorCode::Unavailable, "not read");
  // DaemonSets, NodePools, HyperpodNodeClasses and NodeClaims, as far as they could be read; of
  // others nothing. A definition that is not installed has no objects.
  state::ClusterState objects;
  std::vector<Error> unread;    // why a kind is not in `objects`
  std::vector<Error> left_out;  // why an object is not; the controller goes without it, too

  // --- AWS ---
  std::optional<Result<std::string>> aws_identity;
  std::vector<AskedAction> actions;
  Result<hyperpod::Cluster> cluster = fail(ErrorCode::Unavailable, "it was not asked");
  Result<std::vector<hyperpod::Subnet>> subnets = fail(ErrorCode::Unavailable, "not read");
  std::optional<std::vector<hyperpod::Node>> nodes;
};

Findings examine(const Readings& readings);

// Neither of the two APIs gave an answer of any kind.
bool is_nothing_reachable(const Readings& readings);

}  // namespace hyperwright::doctor
