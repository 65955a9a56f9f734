#include "doctor/kubernetes_version.h"

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::doctor {
namespace {

constexpr std::pair<std::int32_t, std::int32_t> kOldest = {1, 30};

}  // namespace

std::optional<std::pair<std::int32_t, std::int32_t>> minor_version(std::string_view git_version) {
  if (!git_version.starts_with('v')) return std::nullopt;
  git_version.remove_prefix(1);
  const std::size_t dot = git_version.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view rest = git_version.substr(dot + 1);
  const auto major = parse_count(git_version.substr(0, dot));
  const auto minor = parse_count(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!major || !minor) return std::nullopt;
  return std::pair{*major, *minor};
}

Findings check_kubernetes_version(const std::string& server, const Result<std::string>& version) {
  if (!version) {
    return {problem(kKubernetesApi, version.error().text(),
                    version.error().remedy().empty()
                        ? "check --kubeconfig and --context: `kubectl get --raw /version` must work"
                        : version.error().remedy())};
  }
  const auto known = minor_version(*version);
  const std::string found = fmt::format("{} at {}", *version, server);
  if (known && *known < kOldest) {
    return {warning(kKubernetesApi, found,
                    fmt::format("HyperPod works with {}.{} and newer: upgrade the EKS cluster",
                                kOldest.first, kOldest.second))};
  }
  return {ok(kKubernetesApi, found)};
}

}  // namespace hyperwright::doctor
