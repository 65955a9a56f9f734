#include "doctor/rights.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/calls.h"

namespace hyperwright::doctor {
namespace {

struct Write {
  std::optional<state::Kind> kind;  // not used where this one is not watched
  std::string_view group;
  std::string_view resource;
  std::string_view verb;
};

constexpr std::string_view kKarpenter = "karpenter.sh";
constexpr std::string_view kHyperpod = "karpenter.sagemaker.amazonaws.com";

constexpr Write kWrites[] = {
    {{}, "", "events", "create"},
    {{}, "", "nodes", "delete"},
    {{}, "", "nodes", "patch"},
    {{}, "", "pods", "delete"},
    {{}, "", "pods/eviction", "create"},
    {{}, kKarpenter, "nodepools", "patch"},
    {{}, kKarpenter, "nodepools/status", "patch"},
    {{}, kKarpenter, "nodeclaims", "create"},
    {{}, kKarpenter, "nodeclaims", "patch"},
    {{}, kKarpenter, "nodeclaims", "delete"},
    {{}, kKarpenter, "nodeclaims/status", "patch"},
    {state::Kind::NodeOverlay, kKarpenter, "nodeoverlays/status", "patch"},
    {{}, kHyperpod, "hyperpodnodeclasses", "patch"},
    {{}, kHyperpod, "hyperpodnodeclasses/status", "patch"},
    {state::Kind::CapacityBuffer, "autoscaling.x-k8s.io", "capacitybuffers/status", "patch"},
};

// Read once, at the start, and only to compare them with our own.
constexpr std::string_view kDefinitions = "customresourcedefinitions";

constexpr std::string_view kLeaseVerbs[] = {"get", "create", "patch"};

// "/api/v1/pods" is pods of the core group, "/apis/apps/v1/daemonsets" daemonsets of apps.
std::pair<std::string, std::string> group_and_resource(std::string_view path) {
  const std::string resource(path.substr(path.rfind('/') + 1));
  constexpr std::string_view kNamed = "/apis/";
  if (!path.starts_with(kNamed)) return {"", resource};
  path.remove_prefix(kNamed.size());
  return {std::string(path.substr(0, path.find('/'))), resource};
}

// "nodeclaims.karpenter.sh", "pods".
std::string name_of(const Right& right) {
  return right.group.empty() ? right.resource : fmt::format("{}.{}", right.resource, right.group);
}

template <typename Watches>
std::vector<Right> rights_where(const Watches& watches) {
  std::vector<Right> rights;
  for (std::size_t i = 0; i < state::kKindCount; ++i) {
    const auto kind = static_cast<state::Kind>(i);
    if (!watches(kind)) continue;
    const auto [group, resource] = group_and_resource(runtime::collection_path(kind));
    for (const char* verb : {"list", "watch"}) rights.push_back({group, resource, verb});
  }
  for (const Write& write : kWrites) {
    if (write.kind && !watches(*write.kind)) continue;
    rights.push_back(
        {std::string(write.group), std::string(write.resource), std::string(write.verb)});
  }
  rights.push_back({"apiextensions.k8s.io", std::string(kDefinitions), "get"});
  for (const std::string_view verb : kLeaseVerbs)
    rights.push_back({"coordination.k8s.io", "leases", std::string(verb), true});
  std::ranges::sort(rights);
  return rights;
}

// Nothing is bought or given back by it. Without events, log and metrics tell alone; without the
// definitions, nobody says that another's drop fields.
bool only_tells(const Right& right) {
  return right.resource == "events" || right.resource == kDefinitions;
}

}  // namespace

std::vector<Right> kubernetes_rights(const state::Options& options) {
  return rights_where([&](state::Kind kind) { return options.watches(kind); });
}

std::vector<Right> all_kubernetes_rights() {
  return rights_where([](state::Kind) { return true; });
}

Findings check_rights(std::string_view who, std::span<const AskedRight> rights) {
  std::map<std::string, std::vector<std::string>> missing;  // verbs, by name of the resource
  std::map<std::string, bool> tells;
  std::map<std::string, std::pair<std::size_t, std::string>> open_questions;  // by what was said
  std::size_t allowed = 0;
  for (const AskedRight& asked : rights) {
    const std::string name = name_of(asked.right);
    if (!asked.is_allowed) {
      auto& [count, remedy] = open_questions[asked.is_allowed.error().text()];
      ++count;
      remedy = asked.is_allowed.error().remedy();
    } else if (*asked.is_allowed) {
      ++allowed;
    } else {
      missing[name].push_back(asked.right.verb);
      tells[name] = only_tells(asked.right);
    }
  }
  Findings findings;
  for (const auto& [name, verbs] : missing) {
    std::string found = fmt::format("{} may not {} {}", who, fmt::join(verbs, ", "), name);
    std::string remedy = "kubectl apply -f deploy/rbac.yaml, or install the Helm chart";
    findings.push_back(tells[name] ? warning(kRights, std::move(found), std::move(remedy))
                                   : problem(kRights, std::move(found), std::move(remedy)));
  }
  for (const auto& [why, rest] : open_questions) {
    findings.push_back(unanswered(
        kRights,
        Error(ErrorCode::Unknown,
              fmt::format("{} of {} rights: {}", rest.first, rights.size(), why), rest.second)));
  }
  if (findings.empty()) {
    findings.push_back(ok(
        kRights, fmt::format("{} may do all that the controller does ({} rights)", who, allowed)));
  }
  return findings;
}

}  // namespace hyperwright::doctor
