#include "doctor/health_agent.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::doctor {
namespace {

constexpr std::string_view kOldestTag = "1.0.742.0_1.0.241.0";
constexpr std::size_t kNumbers = 8;
constexpr std::string_view kUpgrade =
    "install the newest HyperPod Helm chart (github.com/aws/sagemaker-hyperpod-cli, "
    "helm_chart/HyperPodHelmChart)";

bool has_accelerators(const hyperpod::Cluster& cluster, const hyperpod::InstanceTypes& types) {
  const auto is_accelerated = [&](const std::string& name) {
    const hyperpod::InstanceType* type = types.find(name);
    return type != nullptr && (type->gpus > 0 || type->neuron_devices > 0);
  };
  return std::ranges::any_of(cluster.groups, [&](const hyperpod::InstanceGroup& group) {
    return std::ranges::any_of(group.instance_types, is_accelerated);
  });
}

std::string_view tag_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool has_tag =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return has_tag ? image.substr(colon + 1) : std::string_view{};
}

Finding check_version(const HealthAgent& agent) {
  const auto version = agent_version(agent.image);
  if (!version) {
    return not_checked(kHealthAgent, fmt::format("the image of DaemonSet {} tells no version: {}",
                                                 agent.daemon_set, agent.image));
  }
  const std::string found =
      fmt::format("DaemonSet {} is of version {}", agent.daemon_set, tag_of(agent.image));
  if (*version < *agent_version(fmt::format(":{}", kOldestTag))) {
    return problem(kHealthAgent, fmt::format("{}, older than {}", found, kOldestTag),
                   std::string(kUpgrade));
  }
  return ok(kHealthAgent, found);
}

}  // namespace

std::optional<std::vector<std::int64_t>> agent_version(std::string_view image) {
  std::string_view tag = tag_of(image);
  std::vector<std::int64_t> numbers;
  while (!tag.empty()) {
    const std::size_t end = std::min(tag.find_first_of("._"), tag.size());
    const auto number = parse_count(tag.substr(0, end));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    tag.remove_prefix(std::min(end + 1, tag.size()));
  }
  if (numbers.size() != kNumbers) return std::nullopt;
  return numbers;
}

Findings check_health_agent(std::span<const HealthAgent> agents, const hyperpod::Cluster& cluster,
                            const hyperpod::InstanceTypes& types) {
  if (agents.empty()) {
    if (!has_accelerators(cluster, types))
      return {ok(kHealthAgent, "no instance group has accelerators, so that none is needed")};
    return {problem(kHealthAgent,
                    fmt::format("there is no DaemonSet {} in namespace {}: nobody finds faulty "
                                "accelerators",
                                kHealthAgentPrefix, kHealthAgentNamespace),
                    std::string(kUpgrade))};
  }
  Findings findings;
  for (const HealthAgent& agent : agents) findings.push_back(check_version(agent));
  return findings;
}

}  // namespace hyperwright::doctor
