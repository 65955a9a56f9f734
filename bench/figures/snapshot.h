// A cluster in a file, so that each figure is measured in a process of its own: its objects as an
// API server would list them, one a line, and HyperPod's instances.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "bench/figures/world.h"

namespace hyperwright::bench {

// Requires: a world at rest, whose pods have the shapes `pods` (without their nodes).
void write_snapshot(const World& world, const std::vector<PodShape>& pods, const std::string& path);

// Reads it back piece by piece. Objects are decoded as those of a watch.
class Snapshot {
 public:
  explicit Snapshot(const std::string& path);
  // The next objects, at most a page's worth (500, as the client lists); empty: there are no more.
  std::vector<state::Event> next_page();
  [[nodiscard]] const std::vector<hyperpod::Node>& instances() const { return instances_; }

 private:
  std::ifstream file_;
  std::vector<hyperpod::Node> instances_;
};

// The whole of it, listed to the world, synced, at rest.
void list_snapshot(World& world, const std::string& path);

}  // namespace hyperwright::bench
