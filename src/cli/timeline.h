// The demo's timeline: one line for each thing that happens, and a line that says how things stand.
// On a terminal the standing line is rewritten in place, and there are colours; elsewhere neither.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/bill.h"
#include "state/effect.h"

namespace hyperwright::cli {

class Timeline {
 public:
  Timeline(Time start, bool is_terminal) : start_(start), is_terminal_(is_terminal) {}

  // What the story says.
  void say(Time now, std::string_view text);
  void note(const state::Effect& effect, const state::ClusterState& picture);
  // Prints what was noted at this instant: causes before effects.
  void flush(Time now);
  // Printed when it changed: at once on a terminal, once in a minute of the story elsewhere.
  void show(Time now, const sim::Standing& standing, hyperpod::MicroDollars cost);
  void clear_standing();
  void summary(const sim::BillSummary& summary, Duration took, bool is_at_zero);

 private:
  void note_once(std::string text);
  void line(Time now, std::string_view colour, std::string_view text);

  Time start_;
  bool is_terminal_;
  bool standing_is_shown_ = false;
  sim::Standing last_;
  Time last_shown_;
  // Noted at this instant: what is alike is told in one line.
  std::map<std::tuple<std::string, std::string, std::string>, std::pair<int, int>>
      created_;                                      // pool, type, zone: claims, pods
  std::map<std::string, int> registered_, deleted_;  // by type, by reason
  std::vector<std::string> others_;
};

}  // namespace hyperwright::cli
