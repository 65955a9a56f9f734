// What a journal takes: bytes for each event, beside the snapshots that open its files, and the
// time of the turns that it is written around. A cluster grows to all its nodes and its kubelets
// report twice; then it goes back to nothing.
#include "runtime/journal.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "bench/figures/figures.h"
#include "bench/figures/world.h"

namespace hyperwright::bench {
namespace {

constexpr std::size_t kPodsPerNode = 10;
constexpr std::size_t kWorkloads = 40;

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "journal-XXXXXX").string();
    check(::mkdtemp(name.data()) != nullptr, "the benchmark has a folder");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Since the last call.
class Phase {
 public:
  Phase(World& world, const runtime::Journal& journal) : world_(world), journal_(journal) {}
  void end(const std::string& name) {
    const runtime::Journal::Figures now = journal_.figures();
    const World::Spent& spent = world_.spent();
    const auto events = static_cast<double>(now.events - before_.events);
    print({.name = "journal: " + name,
           .value = number(static_cast<double>(now.turn_bytes - before_.turn_bytes) / events),
           .unit = "bytes/ev",
           .aim = "under 200",
           .note = fmt::format(
               "{} events, {} events/s; longest turn {} ms; {} files opened with "
               "{} bytes",
               number(events), number(events / spent.turns.seconds()),
               number(spent.longest_turn_ms), now.files - before_.files,
               number(static_cast<double>(now.snapshot_bytes - before_.snapshot_bytes)))});
    before_ = now;
    world_.reset_spent();
  }

 private:
  World& world_;
  const runtime::Journal& journal_;
  runtime::Journal::Figures before_;
};

}  // namespace

void measure_journal(std::size_t nodes) {
  const Folder folder;
  auto journal = runtime::Journal::open(
      {.directory = folder.path(),
       .bytes_max = std::uint64_t{64} << 20U,
       .writer = "bench",
       .on_stop = [](const Error& error) { fmt::print(stderr, "error: {}\n", error.text()); }});
  if (!journal) {
    fmt::print(stderr, "error: {}\n", journal.error().text());
    std::exit(1);
  }
  World world(plain_cluster());
  world.set_journal(journal->get());
  world.put(state::Object(node_class(plain_cluster())));
  world.put(state::Object(node_pool("general", {"general"})));
  world.end_lists();
  world.settle();
  Phase phase(world, **journal);
  world.reset_spent();
  for (std::size_t i = 0; i < nodes * kPodsPerNode; ++i)
    world.put_pod({.index = i, .workload = i % kWorkloads, .node = {}});
  world.run_until("growing", [&] {
    return world.state().pending_pods().empty() && world.state().nodes().size() >= nodes;
  });
  world.settle();
  phase.end(fmt::format("from zero to {} nodes", number(static_cast<double>(nodes))));

  std::vector<kube::Node> all;
  for (const auto& [name, record] : world.state().nodes()) all.push_back(record.node);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].meta.resource_version = world.next_version();
      world.put(state::Object(all[i]));
      if (i % 8 == 7) world.step();
    }
  }
  world.settle();
  phase.end("kubelets report, twice");

  for (const auto& [key, record] : world.state().pods()) world.remove_pod(key, record.pod.meta.uid);
  world.run_until("shrinking", [&] {
    return world.state().pods().empty() && world.state().claims().empty() &&
           world.state().nodes().empty();
  });
  phase.end("back to zero");
}

}  // namespace hyperwright::bench
