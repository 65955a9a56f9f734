// sim_seeds: runs seeds of the fault harness.
//
//   sim_seeds --seed 17 [--trace]            one seed; --trace tells what happens, --mutant NAME
//                                            breaks a rule
//   sim_seeds --from 1 --seeds 500           many; --regression adds those that once failed
//   sim_seeds --seeds 20000 --state FILE     many, resumable: goes on after the last seed in FILE
//   sim_seeds --mutants                      the table of mutants, and how soon each is found
//
// --shard 0/2 takes every second seed; --repeat 20 runs every twentieth twice and compares them;
// --reached FILE adds what the seeds reached, a line each. Exit code 1: a promise was broken.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "tests/sim/harness/mutants.h"
#include "tests/sim/harness/run.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

constexpr std::uint64_t kMutantSeedsMax = 1000;

struct Options {
  std::string program;
  std::optional<std::uint64_t> seed;
  std::uint64_t from = 1;
  std::uint64_t seeds = 0;
  std::uint64_t shard = 0, shards = 1;
  std::uint64_t repeat = 0;
  std::string state_file, reached_file, regression_file, mutant;
  bool is_traced = false;
  bool has_mutants = false;
};

// Of the seed that runs, for the last words of a process that dies.
char last_words[256];

void on_death(int signal) {
  const auto ignored = write(STDERR_FILENO, last_words, std::strlen(last_words));
  static_cast<void>(ignored);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void begin(const Options& options, std::uint64_t seed) {
  const std::string words =
      fmt::format("seed {} died: {} --seed {}\n", seed, options.program, seed);
  last_words[words.copy(last_words, sizeof(last_words) - 1)] = 0;
}

void report(const Options& options, std::uint64_t seed, const Outcome& outcome) {
  for (const Violation& violation : outcome.violations) {
    fmt::print("seed {} at {}: promise broken: {}: {}\n", seed, format_duration(violation.at),
               violation.promise, violation.why);
  }
  if (!outcome.violations.empty())
    fmt::print("  again: {} --seed {} --trace\n", options.program, seed);
  std::fflush(stdout);
}

// The trace of a run, to the byte.
std::string trace_of(std::uint64_t seed) {
  std::string trace;
  RunOptions options;
  options.trace = [&](const std::string& line) { trace += line + '\n'; };
  run(draw_swarm(seed), options);
  return trace;
}

bool is_repeatable(std::uint64_t seed) {
  if (trace_of(seed) == trace_of(seed)) return true;
  fmt::print("seed {}: two runs differ\n", seed);
  return false;
}

int run_one(const Options& options) {
  RunOptions how;
  for (const Mutant& mutant : all_mutants()) {
    if (mutant.name != options.mutant) continue;
    how = mutant.options();
    how.only = mutant.promise;
  }
  if (options.is_traced) {
    how.trace = [](const std::string& line) {
      std::fputs(line.c_str(), stdout);
      std::fputc('\n', stdout);
    };
  }
  begin(options, *options.seed);
  const auto begun = std::chrono::steady_clock::now();
  const Outcome outcome = run(draw_swarm(*options.seed), how);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
  report(options, *options.seed, outcome);
  fmt::print("seed {}: {} of the world's time, {} claims, {:.3f} s, digest {:016x}\n",
             *options.seed, format_duration(outcome.lasted), outcome.claims, spent.count(),
             outcome.digest);
  return outcome.violations.empty() ? 0 : 1;
}

class Campaign {
 public:
  explicit Campaign(const Options& options) : options_(options) {}

  int run_all() {
    read_state();
    if (done_ > 0) fmt::print("{} seeds are done already\n", done_);
    for (const std::uint64_t seed : regression_seeds()) look_at(seed);
    const std::uint64_t end = options_.from + options_.seeds;
    for (std::uint64_t seed = options_.from + done_; seed < end; ++seed) {
      if (seed % options_.shards == options_.shard) look_at(seed);
      done_ = seed + 1 - options_.from;
      if (!options_.state_file.empty()) tell_progress();
    }
    write_state();
    fmt::print("{} seeds, {} failed, {:.1f} s\n", looked_at_, failed_.size(), seconds());
    for (const std::uint64_t seed : failed_) fmt::print("  {} --seed {}\n", options_.program, seed);
    return failed_.empty() ? 0 : 1;
  }

 private:
  void look_at(std::uint64_t seed) {
    begin(options_, seed);
    const Outcome outcome = run(draw_swarm(seed));
    ++looked_at_;
    report(options_, seed, outcome);
    reached_.insert(outcome.reached.begin(), outcome.reached.end());
    bool is_fine = outcome.violations.empty();
    if (options_.repeat != 0 && seed % options_.repeat == 0)
      is_fine = is_repeatable(seed) && is_fine;
    if (!is_fine) failed_.push_back(seed);
  }

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }

  void tell_progress() {
    if (seconds() < told_at_ + 10) return;
    told_at_ = seconds();
    write_state();
    fmt::print("{} of {} seeds, {} failed, {:.1f} a second\n", done_, options_.seeds,
               failed_.size(), static_cast<double>(looked_at_) / std::max(seconds(), 0.001));
    std::fflush(stdout);
  }

  // "from done", then a failed seed a line.
  void read_state() {
    std::ifstream file(options_.state_file);
    std::uint64_t from = 0, done = 0;
    if (!(file >> from >> done) || from != options_.from) return;
    done_ = std::min(done, options_.seeds);
    for (std::uint64_t seed = 0; file >> seed;) failed_.push_back(seed);
  }

  void write_state() {
    write_reached();
    if (options_.state_file.empty()) return;
    std::ofstream file(options_.state_file);
    file << options_.from << ' ' << done_ << '\n';
    for (const std::uint64_t seed : failed_) file << seed << '\n';
  }

  // A seed a line, and after it why it is there.
  [[nodiscard]] std::vector<std::uint64_t> regression_seeds() const {
    std::vector<std::uint64_t> seeds;
    std::ifstream file(options_.regression_file);
    for (std::string line; std::getline(file, line);) {
      if (const auto end = line.find_first_of(" #"); end != std::string::npos) line.resize(end);
      if (!line.empty()) seeds.push_back(std::stoull(line));
    }
    return seeds;
  }

  // With each state: a campaign that goes on after it does not see those seeds again.
  void write_reached() {
    if (options_.reached_file.empty()) return;
    std::ofstream file(options_.reached_file, std::ios::app);
    for (const std::string& what : reached_) file << what << '\n';
    reached_.clear();
  }

  const Options& options_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::uint64_t done_ = 0, looked_at_ = 0;
  double told_at_ = 0;
  std::vector<std::uint64_t> failed_;
  std::set<std::string> reached_;  // since the last state
};

// Seeds until the mutant's promise is broken; nullopt: none of them does.
std::optional<std::uint64_t> seeds_until_found(const Options& options, const Mutant& mutant) {
  for (std::uint64_t seed = 1; seed <= kMutantSeedsMax; ++seed) {
    begin(options, seed);
    RunOptions how = mutant.options();
    how.only = mutant.promise;
    if (!run(draw_swarm(seed), how).violations.empty()) return seed;
  }
  return std::nullopt;
}

// A promise that nothing was seen to break may be blind.
bool has_mutant_for_each_promise() {
  std::vector<std::string> promises = {"one leader",
                                       "guards have nothing to refuse"};  // of run.cpp
  for (const auto& promise : all_promises()) promises.push_back(promise->name());
  bool has_all = true;
  for (const std::string& promise : promises) {
    if (std::ranges::find(all_mutants(), promise, &Mutant::promise) != all_mutants().end())
      continue;
    fmt::print("no mutant breaks \"{}\"\n", promise);
    has_all = false;
  }
  return has_all;
}

int run_mutants(const Options& options) {
  bool are_found = has_mutant_for_each_promise();
  fmt::print("{:<26} {:<48} {}\n", "promise", "mutant", "seeds until found");
  for (const Mutant& mutant : all_mutants()) {
    const auto seeds = seeds_until_found(options, mutant);
    are_found = are_found && seeds;
    fmt::print("{:<26} {:<48} {}\n", mutant.promise, mutant.name,
               seeds ? std::to_string(*seeds) : fmt::format("none of {}", kMutantSeedsMax));
    std::fflush(stdout);
  }
  return are_found ? 0 : 1;
}

int wrong(std::string_view what) {
  fmt::print(stderr, "error: {}\nfix: see the head of tests/sim/harness/main.cpp\n", what);
  return 2;
}

int main_of(int count, char** words) {
  Options options;
  options.program = words[0];
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--trace") {
      options.is_traced = true;
      continue;
    }
    if (word == "--mutants") {
      options.has_mutants = true;
      continue;
    }
    if (i + 1 == count) return wrong(fmt::format("{} needs a value", word));
    const std::string value = words[++i];
    const auto number = std::strtoull(value.c_str(), nullptr, 10);
    if (word == "--seed") {
      options.seed = number;
    } else if (word == "--from") {
      options.from = number;
    } else if (word == "--seeds") {
      options.seeds = number;
    } else if (word == "--repeat") {
      options.repeat = number;
    } else if (word == "--shard") {
      options.shard = number;
      const auto slash = value.find('/');
      if (slash == std::string::npos) return wrong("--shard is written as 0/2");
      options.shards = std::max(1ULL, std::strtoull(value.c_str() + slash + 1, nullptr, 10));
    } else if (word == "--state") {
      options.state_file = value;
    } else if (word == "--reached") {
      options.reached_file = value;
    } else if (word == "--regression") {
      options.regression_file = value;
    } else if (word == "--mutant") {
      options.mutant = value;
    } else {
      return wrong(fmt::format("{} is not known", word));
    }
  }
  if (!options.mutant.empty() &&
      std::ranges::find(all_mutants(), options.mutant, &Mutant::name) == all_mutants().end())
    return wrong(fmt::format("there is no mutant \"{}\"", options.mutant));
  if (!options.regression_file.empty() && !std::ifstream(options.regression_file))
    return wrong(fmt::format("{} cannot be read", options.regression_file));
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(signal, on_death);
  if (options.has_mutants) return run_mutants(options);
  if (options.seed) return run_one(options);
  return Campaign(options).run_all();
}

}  // namespace
}  // namespace hyperwright::swarm

int main(int count, char** words) { return hyperwright::swarm::main_of(count, words); }
