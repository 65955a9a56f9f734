// HyperPod's health monitoring agent, which finds faulty GPUs and Trainium chips: there, and new
// enough for autoscaling. Its version is the tag of its image,
//
//   …/hyperpod-health-monitoring-agent:1.0.742.0_1.0.241.0
//
// two versions of four numbers, compared number by number. It runs as DaemonSets of the namespace
// aws-hyperpod: health-monitoring-agent, since 1.0.819 with health-monitoring-agent-non-nvidia
// beside it. Nodes without accelerators have no agent.
//
// Source: Amazon SageMaker HyperPod, "Autoscaling", prerequisites; "Health monitoring system".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.h"
#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kHealthAgent = "health monitoring agent";
inline constexpr std::string_view kHealthAgentNamespace = "aws-hyperpod";
inline constexpr std::string_view kHealthAgentPrefix = "health-monitoring-agent";

struct HealthAgent {
  std::string daemon_set;
  std::string image;
};

// {1, 0, 742, 0, 1, 0, 241, 0} of the image above; nullopt: its tag is no such version.
std::optional<std::vector<std::int64_t>> agent_version(std::string_view image);

Findings check_health_agent(std::span<const HealthAgent> agents, const hyperpod::Cluster& cluster,
                            const hyperpod::InstanceTypes& types);

}  // namespace hyperwright::doctor
