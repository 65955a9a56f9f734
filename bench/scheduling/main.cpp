// The solver on one workload, once, in a process of its own; kUsage has the commands.
//
// write: a workload (workload.h has the kinds). bound: what no plan can cost less than, as JSON.
// solve: figures of one solve, and the re-check. one-more: one more pod, when that plan is under
// way.
//
// --limit-cpu: the NodePool's, so that a part of the pods must wait.
//
// Timed is scheduling::solve alone, on a picture that has folded everything. Exit code 1: the
// placement is not one that Kubernetes allows, or a pod is left over.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "bench/scheduling/lower_bound.h"
#include "bench/scheduling/peak_memory.h"
#include "bench/scheduling/recheck.h"
#include "bench/scheduling/workload.h"
#include "bench/scheduling/world.h"
#include "scheduling/supply.h"

namespace hyperwright::bench {
namespace json = boost::json;
namespace {

constexpr std::string_view kUsage =
    "usage: scheduling_bench write KIND PODS FILE [--data DIR]\n"
    "       scheduling_bench bound FILE\n"
    "       scheduling_bench solve FILE [--json] [--limit-cpu CPUS]\n"
    "       scheduling_bench one-more FILE [--json]\n";

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

Result<Workload> read(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    return fail(ErrorCode::NotFound, fmt::format("{} cannot be read", path),
                "write it with `scheduling_bench write`");
  return from_file_text(std::string(std::istreambuf_iterator<char>(file), {}));
}

struct Solved {
  scheduling::Plan plan;
  double seconds = 0;
  double cpu = 0;
};

Solved timed_solve(scheduling::Supply& supply, const state::ClusterState& picture,
                   const std::vector<const state::PodRecord*>& pods, Time now) {
  Solved solved;
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  solved.plan = scheduling::solve(supply, picture, pods, now);
  solved.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  solved.cpu = cpu_seconds() - cpu;
  return solved;
}

double dollars(const scheduling::Plan& plan) {
  std::int64_t micros = 0;
  for (const scheduling::NewNode& node : plan.new_nodes)
    micros += node.offering.price.per_hour.micros();
  return static_cast<double>(micros) / 1e6;
}

void print(const json::object& figures, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::serialize(figures));
    return;
  }
  for (const auto& [name, value] : figures)
    fmt::print("{:<22} {}\n", std::string_view(name), json::serialize(value));
}

int write(const std::string& kind, std::size_t pods, const std::string& path,
          const std::string& data) {
  const auto workload = generate(kind, pods, data);
  if (!workload) {
    fmt::print(stderr, "error: {}\nfix: {}\n", workload.error().text(), workload.error().remedy());
    return 2;
  }
  std::ofstream file(path);
  file << to_file_text(*workload);
  file.close();
  if (!file) fmt::print(stderr, "error: {} cannot be written\n", path);
  return file ? 0 : 2;
}

int bound(const Workload& workload) {
  json::object figures = {{"workload", workload.name}};
  const auto area = area_bound(workload);
  if (area) {
    // Where price is in proportion to size, patterns of the largest nodes say no more than the
    // area.
    figures["area"] = *area;
  } else if (const auto patterns = pattern_bound(workload)) {
    figures["patterns"] = patterns->dollars;
    figures["patterns_program"] = patterns->program;
    figures["rounds"] = patterns->rounds;
  }
  print(figures, true);
  return 0;
}

int solve(const Workload& workload, std::int64_t cpus, bool as_json) {
  scheduling::ClusterBuilder cluster = world_of(workload, cpus);
  const auto pods = cluster.waiting();
  const state::ClusterState& picture = cluster.state();
  reset_peak();
  const double before = resident_mib();
  scheduling::Supply supply;
  const Solved solved = timed_solve(supply, picture, pods, cluster.now());
  const double peak = peak_mib();

  const Placement placement = placement_of(solved.plan, workload);
  const Recheck checked = recheck(placement, workload);
  std::size_t on_standing = 0;
  for (const std::size_t host : placement.host_of)
    on_standing += host < workload.nodes.size() ? 1U : 0U;
  json::array problems(checked.problems.begin(), checked.problems.end());
  print({{"workload", workload.name},
         {"pods", pods.size()},
         {"unplaced", checked.unplaced},
         {"nodes", solved.plan.new_nodes.size()},
         {"pods_on_standing_nodes", on_standing},
         {"price_per_hour", dollars(solved.plan)},
         {"solve_seconds", solved.seconds},
         {"cpu_seconds", solved.cpu},
         {"pods_per_second", static_cast<double>(pods.size()) / solved.seconds},
         {"rss_before_mib", before},
         {"peak_rss_mib", peak},
         {"problems", std::move(problems)}},
        as_json);
  return checked.problems.empty() ? 0 : 1;
}

// The plan is under way: claims are there, the pods are nominated. Then one pod more comes.
int one_more(const Workload& workload, bool as_json) {
  constexpr int kRepeats = 20;
  scheduling::ClusterBuilder cluster = world_of(workload);
  cluster.carry_out(cluster.solve(), scheduling::ClusterBuilder::Until::Launched);
  // As in the controller: kept from plan to plan.
  scheduling::Supply supply;
  supply.follow(cluster.state(), cluster.now());
  std::vector<double> seconds;
  for (int i = 0; i < kRepeats; ++i) {
    kube::Pod pod = cluster.pod(fmt::format("pod-{}", workload.pods.size() + seconds.size()));
    pod.meta.labels = workload.shapes[workload.pods.front()].meta.labels;
    pod.scheduling = workload.shapes[workload.pods.front()].scheduling;
    cluster.put_pod(std::move(pod));
    const auto pods = cluster.waiting();
    const Solved solved = timed_solve(supply, cluster.state(), pods, cluster.now());
    seconds.push_back(solved.seconds);
    cluster.carry_out(solved.plan, scheduling::ClusterBuilder::Until::Launched);
  }
  std::ranges::sort(seconds);
  print({{"workload", workload.name},
         {"pods_before", workload.pods.size()},
         {"one_more_ms_median", seconds[seconds.size() / 2] * 1e3},
         {"one_more_ms_worst", seconds.back() * 1e3}},
        as_json);
  return 0;
}

int usage() {
  fmt::print(stderr, "{}", kUsage);
  return 2;
}

int run(const std::vector<std::string>& words) {
  std::vector<std::string> said;
  bool as_json = false;
  std::int64_t cpus = kCpusUnlimited;
  std::string data = HYPERWRIGHT_SOURCE_DIR "/bench/scheduling";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") {
      as_json = true;
    } else if (words[i] == "--limit-cpu" && i + 1 < words.size()) {
      const auto count = parse_count(words[++i]);
      if (!count) return usage();
      cpus = *count;
    } else if (words[i] == "--data" && i + 1 < words.size()) {
      data = words[++i];
    } else {
      said.push_back(words[i]);
    }
  }
  if (said.size() == 4 && said[0] == "write") {
    if (const auto count = parse_count(said[2]); count && *count > 0)
      return write(said[1], static_cast<std::size_t>(*count), said[3], data);
  }
  if (said.size() == 2 && (said[0] == "bound" || said[0] == "solve" || said[0] == "one-more")) {
    const auto workload = read(said[1]);
    if (!workload) {
      fmt::print(stderr, "error: {}\nfix: {}\n", workload.error().text(),
                 workload.error().remedy());
      return 2;
    }
    if (said[0] == "bound") return bound(*workload);
    if (said[0] == "solve") return solve(*workload, cpus, as_json);
    return one_more(*workload, as_json);
  }
  return usage();
}

}  // namespace
}  // namespace hyperwright::bench

int main(int argc, char** argv) { return hyperwright::bench::run({argv + 1, argv + argc}); }
