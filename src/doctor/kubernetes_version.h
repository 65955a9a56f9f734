// Which Kubernetes answers. HyperPod's documents name 1.30 as the oldest; nothing older is tried.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "doctor/finding.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kKubernetesApi = "Kubernetes API";

// {1, 36} of "v1.36.3-eks-7d1b2c"; nullopt: it is no such text.
std::optional<std::pair<std::int32_t, std::int32_t>> minor_version(std::string_view git_version);

// `version` is gitVersion of /version, or why it could not be read.
Findings check_kubernetes_version(const std::string& server, const Result<std::string>& version);

}  // namespace hyperwright::doctor
