// When a batch of pending pods is complete: a second after its newest pod, and ten seconds after
// its first at the latest. A pod that found no place before counts from the last change of what the
// solver looks at.
//
// Source: Karpenter v1, settings BATCH_IDLE_DURATION and BATCH_MAX_DURATION.
#pragma once

#include <optional>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::controllers {

class BatchWindow {
 public:
  BatchWindow(Duration idle, Duration max) : idle_(idle), max_(max) {}

  // A pod that was never looked at.
  void add_new(Time since);
  // A pod that was, and whose verdict rests on inputs that have changed. Where changes never stop,
  // it is looked at again once in the longest window.
  void add_failed(Time verdict_at, Time inputs_changed_at);
  // nullopt: no pod waits.
  [[nodiscard]] std::optional<Time> closes() const;

 private:
  Duration idle_;
  Duration max_;
  std::optional<Time> first_;
  Time last_;
  std::optional<Time> failed_close_;
};

// Adds the pod, unless its place is known already or its verdict still stands. Says whether it was
// added.
bool add_to(BatchWindow& window, const state::ClusterState& state, const state::PodRecord& pod,
            Time since);

}  // namespace hyperwright::controllers
