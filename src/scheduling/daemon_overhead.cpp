#include "scheduling/daemon_overhead.h"

#include <algorithm>

#include "kube/well_known.h"
#include "scheduling/pod_requirements.h"
#include "scheduling/templates.h"

namespace hyperwright::scheduling {
namespace {

// Every node that we plan for will be registered and initialized; until then its labels do not say
// so.
std::vector<kube::Requirements> on_initialized_nodes(std::vector<kube::Requirements> alternatives) {
  for (const std::string_view key : {kube::kRegistered, kube::kInitialized}) {
    std::erase_if(alternatives, [&](const kube::Requirements& alternative) {
      const kube::Requirement* asked = alternative.find(key);
      return asked != nullptr && !asked->has("true");
    });
    for (kube::Requirements& alternative : alternatives) alternative.erase(key);
  }
  return alternatives;
}

}  // namespace

std::vector<Daemon> daemons_of(const state::ClusterState& state) {
  std::vector<Daemon> daemons;
  for (const auto& [key, set] : state.objects<kube::DaemonSet>()) {
    if (set.scheduling.has_resource_claims) continue;
    const kube::Pod* live = state.newest_daemon_pod(set.meta.uid);
    const kube::Scheduling& asked = live == nullptr ? set.scheduling : live->scheduling;
    daemons.push_back(
        Daemon{.set = &set,
               .requests = asked.requests,
               .host_ports = asked.host_ports,
               .alternatives = on_initialized_nodes(required_alternatives(set.scheduling))});
  }
  return daemons;
}

bool tolerates(const Daemon& daemon, const std::vector<kube::Taint>& taints) {
  return first_untolerated(taints, daemon.set->scheduling.tolerations,
                           /*tolerates_prefer_no_schedule=*/true) == nullptr;
}

bool allows(const Daemon& daemon, const kube::StringMap& labels, const kube::Requirements& open) {
  const auto is_met = [&](const kube::Requirement& asked) {
    if (const std::string* value = labels.find(asked.key())) return asked.has(*value);
    if (const kube::Requirement* choice = open.find(asked.key()))
      return is_possible(choice->intersection(asked));
    return asked.allows_absence();
  };
  return std::ranges::any_of(daemon.alternatives, [&](const kube::Requirements& alternative) {
    return std::ranges::all_of(alternative, is_met);
  });
}

bool is_pod_of(const Daemon& daemon, const kube::Pod& pod) {
  const kube::OwnerReference* owner = pod.meta.controller();
  return owner != nullptr && owner->kind == "DaemonSet" && owner->uid == daemon.set->meta.uid;
}

}  // namespace hyperwright::scheduling
