// Resident memory of the picture: the process after its first lists, less what it was before.
// Objects come page by page, as the client lists them, and are decoded from their text.
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <malloc.h>

#include "bench/figures/figures.h"
#include "bench/figures/snapshot.h"

namespace hyperwright::bench {
namespace {

double resident_mb() {
  malloc_trim(0);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) * 1024 / 1e6;
  }
  return 0;
}

}  // namespace

void measure_memory(const std::string& path) {
  Snapshot snapshot(path);
  const double at_start = resident_mb();
  state::ClusterState picture(state::Options{.cluster = std::string(kClusterName)},
                              hyperpod::InstanceTypes::shipped());
  const auto answered = [&](state::Action action, state::Payload payload) {
    picture.fold_emitted({.id = 1, .reason = {}, .action = std::move(action)}, kStart);
    picture.fold(state::Answered{.effect = 1,
                                 .outcome = state::Outcome::Done,
                                 .message = {},
                                 .payload = std::move(payload)},
                 kStart);
  };
  answered(state::DescribeCluster{}, plain_cluster());
  double last = at_start;
  double per_kind[state::kKindCount] = {};
  std::size_t counts[state::kKindCount] = {};
  for (auto page = snapshot.next_page(); !page.empty(); page = snapshot.next_page()) {
    std::size_t kind = 0;
    for (const state::Event& event : page) {
      kind = std::get<state::Changed>(event).object.index();
      ++counts[kind];
      picture.fold(event, kStart);
    }
    page = {};
    picture.take_changed();
    const double now = resident_mb();
    per_kind[kind] += now - last;
    last = now;
  }
  answered(state::ListClusterNodes{}, hyperpod::Page<hyperpod::Node>{snapshot.instances(), {}});
  picture.take_changed();
  const double total = resident_mb();
  const auto bytes = [&](state::Kind kind) {
    const auto i = static_cast<std::size_t>(kind);
    return counts[i] == 0 ? 0 : per_kind[i] * 1e6 / static_cast<double>(counts[i]);
  };
  print({.name = fmt::format("memory: {} nodes, {} pods",
                             number(static_cast<double>(picture.nodes().size())),
                             number(static_cast<double>(picture.pods().size()))),
         .value = number(total - at_start),
         .unit = "MB",
         .aim = "under 250 MB",
         .note = fmt::format("resident, beside {} MB of the bare process", number(at_start))});
  print({.name = "memory: a pod",
         .value = number(bytes(state::Kind::Pod)),
         .unit = "bytes",
         .aim = {},
         .note = fmt::format("{} pod classes", picture.pod_classes().size())});
  print({.name = "memory: a node",
         .value = number(bytes(state::Kind::Node)),
         .unit = "bytes",
         .aim = {},
         .note = {}});
  print({.name = "memory: a node's claim",
         .value = number(bytes(state::Kind::NodeClaim)),
         .unit = "bytes",
         .aim = {},
         .note = {}});
}

}  // namespace hyperwright::bench
