// What a pod asks of its node, from what its containers ask.
//
// Init containers run one after the other, before the containers; a sidecar is an init container
// that goes on running. So the pod needs, per resource, the larger of
//
//   running = containers + all sidecars
//   peak    = the largest step of the init sequence: an init container and the sidecars started
//   before
//             it, or the sidecars up to one
//
//   init: [a: 4 cpu] [s: sidecar, 1 cpu] [b: 3 cpu]   containers: 2 cpu
//   running = 2 + 1 = 3, peak = max(4, 1, 3 + 1) = 4, so the pod asks for 4 cpu.

#include "kube/pod.h"

namespace hyperwright::kube {
namespace {

// While a resize is under way a container counts with the most that it may have; what a node has
// said to be infeasible will not come, so that then the specification does not count.
Resources requests_of(const Container& container, bool resize_infeasible) {
  if (!container.actuated) return container.requests;
  const Resources held = container.actuated->max(container.allocated.value_or(Resources{}));
  return resize_infeasible ? held : held.max(container.requests);
}

// Pod-level requests replace the containers' sum for these; other names are not allowed there.
bool is_pod_level(std::string_view name) {
  return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

}  // namespace

Resources effective_requests(const PodResources& pod) {
  Resources running;
  for (const Container& container : pod.containers)
    running += requests_of(container, pod.resize_infeasible);

  Resources sidecars;
  Resources peak;
  for (const Container& container : pod.init_containers) {
    if (container.restart_always) {
      sidecars += requests_of(container, pod.resize_infeasible);
      peak = peak.max(sidecars);
    } else {
      peak = peak.max(container.requests + sidecars);
    }
  }

  Resources total = (running + sidecars).max(peak);
  if (pod.pod_level_requests) {
    pod.pod_level_requests->for_each([&](std::string_view name, std::int64_t amount) {
      if (is_pod_level(name)) total.set(name, amount);
    });
  }
  total += pod.overhead;
  total.set(Resource::Pods, 1);
  return total;
}

}  // namespace hyperwright::kube
