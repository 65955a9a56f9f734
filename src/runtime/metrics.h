// Metrics, by Karpenter's names and labels (karpenter_*), so that dashboards and alerts carry over;
// what has no counterpart there is hyperwright_*. Counters move with effects and their answers;
// gauges (gauges.h) are read off the picture. docs/metrics.md lists them all.
// Source: Karpenter, Reference > Metrics.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "scheduling/supply.h"
#include "state/cluster_state.h"
#include "state/effect.h"
#include "state/event.h"

namespace hyperwright::runtime {

class Journal;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // One turn of the loop that took `spent` and folded `events`.
  void count_turn(Duration spent, std::size_t events);
  // `effect` is folded into the picture already.
  void count_emitted(const state::Effect& effect, const state::ClusterState& state);
  // `pending` is the effect that this answers.
  void count_answered(const state::Pending& pending, const state::Answered& answered,
                      const state::ClusterState& state, Time now);
  void count_refused(const state::Effect& effect);
  // After each turn, where a journal is written.
  void note_journal(const Journal& journal);
  // Replaces all gauges by what the picture says now; once every few seconds is enough.
  void read(const state::ClusterState& state, scheduling::Supply& supply, Time now);

  // Prometheus' text format. May be called from any thread; all else from the loop's thread.
  [[nodiscard]] std::string text() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace hyperwright::runtime
