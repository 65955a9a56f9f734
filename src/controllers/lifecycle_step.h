// One look at a NodeClaim's life: launched, registered, initialized, consolidatable. Each step has
// its file; all of them write into one status, which is sent once, if it changed.
#pragma once

#include <string>
#include <string_view>

#include "controllers/controller.h"
#include "kube/condition.h"
#include "kube/node_claim.h"

namespace hyperwright::controllers {

struct LifecycleStep {
  const Context& context;
  const state::ClaimRecord& record;
  const state::NodeRecord* node;  // the Node that stands behind it; nullptr: none
  const state::HyperPodView::NodeRecord*
      instance;                      // what HyperPod says of its logical id; nullptr: nothing
  kube::NodeClaim next;              // the status as it should be
  kube::ConditionWriter conditions;  // of `next`
  Decision& decision;

  [[nodiscard]] const kube::NodeClaim& claim() const { return record.claim; }
};

// launched.cpp: HyperPod names an instance for the logical id.
void update_launched(LifecycleStep& step);
// registration.cpp: the Node carries the claim's labels and taints.
void update_registered(LifecycleStep& step);
// initialization.cpp: the Node is ready for pods.
void update_initialized(LifecycleStep& step);
// liveness.cpp: a claim that will not become a node goes. Says whether it goes.
bool end_if_failed(LifecycleStep& step);
// pod_events.cpp: the last pod that came or left, and whether consolidateAfter is over.
void update_pod_events(LifecycleStep& step);

}  // namespace hyperwright::controllers
