// hyperwright demo: the whole system in one process. A story plays on a virtual clock; the embedded
// Kubernetes and HyperPod APIs answer kubectl and boto3 meanwhile.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/timeline.h"
#include "cli/version.h"
#include "runtime/journal.h"
#include "server/http_server.h"
#include "server/hyperpod_door.h"
#include "server/kubernetes_door.h"
#include "server/owner_queue.h"
#include "service/control_plane.h"
#include "sim/bill.h"
#include "sim/story.h"

namespace hyperwright::sim {
extern const std::string_view kDemoStory;
}

namespace hyperwright::cli {
namespace {

using Clock = std::chrono::steady_clock;

// How long after the story's last step the cluster may take to go back to zero.
constexpr Duration kPatience = Duration::hours(3);

struct DemoOptions {
  double speed = 60;
  bool once = false;
  std::uint64_t seed = 1;
  std::uint16_t kubernetes_port = 0;
  std::uint16_t hyperpod_port = 0;
  std::string kubeconfig;
  std::string story;
  std::string journal;
};

// Maps the wall clock to the story's: so many times as fast, from the moment that it was made.
class StoryClock {
 public:
  StoryClock(Time start, double speed) : start_(start), wall_start_(Clock::now()), speed_(speed) {}
  [[nodiscard]] Time now() const {
    const std::chrono::duration<double, std::micro> passed = Clock::now() - wall_start_;
    return start_ + Duration::microseconds(static_cast<std::int64_t>(passed.count() * speed_));
  }
  [[nodiscard]] Clock::time_point wall_time_of(Time time) const {
    // A day is as good as never: the wait is begun again.
    const double micros =
        std::min(static_cast<double>((time - start_).in_microseconds()) / speed_, 86'400e6);
    return wall_start_ + std::chrono::microseconds(static_cast<std::int64_t>(micros));
  }

 private:
  Time start_;
  Clock::time_point wall_start_;
  double speed_;
};

Time thirty_days_ago() {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return Time::from_unix_seconds(now.count()) - Duration::hours(std::int64_t{24} * 30);
}

sim::SimulationSettings settings_of(const sim::Story& story, std::uint64_t seed) {
  sim::SimulationSettings settings;
  settings.seed = seed;
  settings.start = thirty_days_ago();
  settings.autoscaler.cluster = story.cluster_name();
  settings.hyperpod.scenario = story.scenario;
  return settings;
}

class Demo {
 public:
  Demo(DemoOptions options, sim::Story story)
      : options_(std::move(options)),
        story_(std::move(story)),
        simulation_(settings_of(story_, options_.seed)),
        bill_(simulation_, hyperpod::InstanceTypes::shipped()),
        start_(simulation_.now()),
        is_terminal_(isatty(STDOUT_FILENO) == 1),
        timeline_(start_, is_terminal_) {}

  ~Demo() {
    std::error_code ignored;
    if (options_.kubeconfig.empty()) std::filesystem::remove(kubeconfig_, ignored);
  }
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  Result<ExitCode> run() {
    on_stop_signal([this] { queue_.stop(); });  // before any thread is started
    if (auto opened = open_journal(); !opened) return fail(opened.error(), "--journal");
    if (auto prepared = sim::prepare(simulation_, story_); !prepared) return fail(prepared.error());
    simulation_.autoscaler().on_effect = [this](const state::Effect& effect, Time) {
      timeline_.note(effect, simulation_.autoscaler().loop().state());
    };
    if (auto opened = open_doors(); !opened) return fail(opened.error());
    const StoryClock clock(start_, options_.speed);
    const bool stays = is_terminal_ && !options_.once;
    while (!queue_.is_stopped()) {
      if (auto gone = go_to(clock.now()); !gone) return fail(gone.error());
      if (!is_over_ && (is_at_rest() || is_overdue())) {
        is_over_ = true;
        const bool is_well = is_at_rest() && bill_.summary().pods_never_run == 0;
        code_ = is_well ? ExitCode::Done : ExitCode::No;
        timeline_.summary(bill_.summary(), simulation_.now() - start_, is_at_rest());
        if (!stays) return code_;
        fmt::print("\nThe story is over; kubectl and boto3 still work. Ctrl-C ends.\n");
      }
      queue_.run_until(clock.wall_time_of(next_instant()), [&] { pass_to(clock.now()); });
      hyperpod_door_->release();
      simulation_.settle();
      kubernetes_door_->notify();
    }
    if (!is_over_) timeline_.summary(bill_.summary(), simulation_.now() - start_, is_at_rest());
    return code_;
  }

 private:
  Status open_journal() {
    if (options_.journal.empty()) return {};
    auto journal = runtime::Journal::open(
        {.directory = options_.journal,
         .writer = std::string(kVersion),
         .on_stop = [](const Error& error) { print_error(Error(error, "the journal stopped")); }});
    if (!journal) return fail(journal.error());
    journal_ = *std::move(journal);
    simulation_.autoscaler().journal = journal_.get();
    return {};
  }

  Status open_doors() {
    const auto now = [this] { return simulation_.now(); };
    const auto run_on_owner = [this](std::function<void()> task) { queue_.post(std::move(task)); };
    kubernetes_door_ =
        std::make_shared<server::KubernetesDoor>(simulation_.kubernetes(), now, run_on_owner);
    hyperpod_door_ =
        std::make_shared<server::HyperPodDoor>(simulation_.hyperpod(), now, run_on_owner);
    auto kubernetes = server::HttpServer::start(
        {.port = options_.kubernetes_port},
        [door = kubernetes_door_](server::HttpRequest request, server::HttpReply reply) {
          door->handle(std::move(request), std::move(reply));
        });
    if (!kubernetes) return fail(kubernetes.error(), "the embedded Kubernetes API");
    kubernetes_server_ = std::move(*kubernetes);
    kubernetes_server_->every(std::chrono::seconds(1),
                              [door = kubernetes_door_] { door->tick(Clock::now()); });
    auto hyperpod = server::HttpServer::start(
        {.port = options_.hyperpod_port},
        [door = hyperpod_door_](server::HttpRequest request, server::HttpReply reply) {
          door->handle(std::move(request), std::move(reply));
        });
    if (!hyperpod) return fail(hyperpod.error(), "the embedded HyperPod API");
    hyperpod_server_ = std::move(*hyperpod);
    return write_kubeconfig();
  }

  Status write_kubeconfig() {
    kubeconfig_ = options_.kubeconfig;
    if (kubeconfig_.empty())
      kubeconfig_ = std::filesystem::temp_directory_path() /
                    fmt::format("hyperwright-demo-{}.kubeconfig", getpid());
    std::ofstream file(kubeconfig_);
    file << fmt::format(
        "apiVersion: v1\nkind: Config\ncurrent-context: demo\n"
        "clusters: [{{name: demo, cluster: {{server: \"{}\"}}}}]\n"
        "users: [{{name: demo, user: {{}}}}]\n"
        "contexts: [{{name: demo, context: {{cluster: demo, user: demo}}}}]\n",
        kubernetes_server_->url());
    file.close();
    if (!file)
      return fail(ErrorCode::Invalid,
                  fmt::format("kubeconfig {} cannot be written", kubeconfig_.string()),
                  "name another file with --kubeconfig");
    fmt::print("In another terminal, while this one plays:\n");
    fmt::print("  export KUBECONFIG={}\n", kubeconfig_.string());
    fmt::print("  kubectl get nodepools,nodeclaims,nodes,pods\n");
    fmt::print("  export AWS_ENDPOINT_URL_SAGEMAKER={} AWS_DEFAULT_REGION=us-east-1\n",
               hyperpod_server_->url());
    fmt::print("  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo\n");
    fmt::print("  aws sagemaker list-cluster-nodes --cluster-name {}\n\n", story_.cluster_name());
    std::fflush(stdout);
    return {};
  }

  [[nodiscard]] Time next_step_time() const {
    return next_step_ < story_.steps.size() ? start_ + story_.steps[next_step_].at : Time::max();
  }
  [[nodiscard]] Time next_instant() const {
    return std::min(simulation_.next_wake(), next_step_time());
  }

  // Goes to `time` without passing an instant at which something is due.
  void pass_to(Time time) {
    time = std::min(time, next_instant());
    if (time <= simulation_.now()) return;
    bill_.pass(time);
    simulation_.advance_to(time);
    look();
  }

  void look() {
    bill_.look();
    timeline_.flush(simulation_.now());
    timeline_.show(simulation_.now(), bill_.standing(), bill_.cost());
  }

  Status go_to(Time target) {
    while (next_instant() <= target && !queue_.is_stopped()) {
      pass_to(next_instant());
      while (next_step_time() <= simulation_.now()) {
        const sim::StoryStep& step = story_.steps[next_step_++];
        if (!step.say.empty()) timeline_.say(simulation_.now(), step.say);
        if (auto played = sim::play(simulation_, step); !played) return fail(played.error());
      }
      simulation_.settle();
      look();
      if (is_over_ || !is_at_rest()) continue;
      break;
    }
    return {};
  }

  // The story is told, no pod waits, and the cluster is back at zero.
  [[nodiscard]] bool is_at_rest() const {
    if (next_step_ < story_.steps.size()) return false;
    const sim::Standing standing = bill_.standing();
    for (const auto& cluster : simulation_.hyperpod().state().clusters) {
      if (!cluster.nodes.empty()) return false;
    }
    return standing.pods_running == 0 && standing.pods_pending == 0 &&
           simulation_.autoscaler().loop().state().claims().empty();
  }
  [[nodiscard]] bool is_overdue() const {
    return next_step_ == story_.steps.size() &&
           simulation_.now() > start_ + story_.steps.back().at + kPatience;
  }

  DemoOptions options_;
  sim::Story story_;
  sim::Simulation simulation_;
  sim::Bill bill_;
  Time start_;
  bool is_terminal_;
  Timeline timeline_;
  std::size_t next_step_ = 0;
  bool is_over_ = false;
  ExitCode code_ = ExitCode::No;  // of the story, once it is over
  std::filesystem::path kubeconfig_;
  std::unique_ptr<runtime::Journal> journal_;
  server::OwnerQueue queue_;
  std::shared_ptr<server::KubernetesDoor> kubernetes_door_;
  std::shared_ptr<server::HyperPodDoor> hyperpod_door_;
  // Last: their threads end before what they call.
  std::unique_ptr<server::HttpServer> kubernetes_server_;
  std::unique_ptr<server::HttpServer> hyperpod_server_;
};

ExitCode run_demo(const DemoOptions& options) {
  std::string text(sim::kDemoStory);
  if (!options.story.empty()) {
    auto read = read_file_of("--story", options.story);
    if (!read) return exit_with(read.error());
    text = std::move(*read);
  }
  auto story = sim::parse_story(text, options.story.empty() ? "demo-story.yaml" : options.story);
  if (!story) return exit_with(story.error());
  Demo demo(options, std::move(*story));
  auto code = demo.run();
  return code ? *code : exit_with(code.error());
}

}  // namespace

void add_demo(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand("demo",
                                         "Watch the whole system work: simulated cluster, HyperPod "
                                         "and workloads, the real autoscaler.\n"
                                         "A story plays on a clock that runs faster than life; "
                                         "kubectl, boto3 and the aws command line\n"
                                         "work meanwhile, at the addresses that are printed. "
                                         "Nothing is bought, and nothing is needed.");
  command->add_option("--speed", options->speed, "How many times as fast as life it plays")
      ->check(CLI::Validator(
          [](const std::string& text) {
            double speed = 0;
            const bool is_fine =
                CLI::detail::lexical_cast(text, speed) && speed >= 1 && speed <= 1e6;
            return is_fine
                       ? std::string{}
                       : fmt::format("\"{}\" is no speed\nwrite a number from 1 to 1000000", text);
          },
          ""))
      ->type_name("TIMES")
      ->group("The story")
      ->capture_default_str();
  command
      ->add_flag("--once", options->once,
                 "End when the story ends; on a terminal it stays up until Ctrl-C otherwise, for "
                 "manifests of your own")
      ->group("The story");
  CLI::Option* seed = command->add_option(
      "--seed", options->seed,
      "Seed of all that is drawn by chance: the same seed gives the same story");
  require_seed(*seed);
  seed->group("The story")->capture_default_str();
  command
      ->add_option("--story", options->story,
                   "A story of your own (YAML, as examples/demo-story.yaml)")
      ->type_name("FILE")
      ->group("The story");
  command
      ->add_option(
          "--journal", options->journal,
          "Directory for the autoscaler's journal, for `hyperwright replay` (default: none "
          "is written)")
      ->type_name("DIR")
      ->group("The story");
  command
      ->add_option("--kubeconfig", options->kubeconfig,
                   "Where to write the kubeconfig (default: a file in the temporary directory)")
      ->type_name("FILE")
      ->group("How to reach it");
  const auto add_port = [&](const char* flag, std::uint16_t& port, const char* description) {
    CLI::Option* option = command->add_option(flag, port, description);
    require_port(*option);
    option->group("How to reach it");
  };
  add_port("--kubernetes-port", options->kubernetes_port,
           "Port of the embedded Kubernetes API (default: a free one)");
  add_port("--hyperpod-port", options->hyperpod_port,
           "Port of the embedded HyperPod API (default: a free one)");
  command->footer(R"(Examples
  hyperwright demo                      # an hour of a cluster's life in a minute
  hyperwright demo --speed 600 --once   # ... in six seconds, and then the summary
  hyperwright demo --kubeconfig /tmp/demo --kubernetes-port 8001
  kubectl --kubeconfig /tmp/demo get nodepools,nodeclaims,nodes,pods     # in another terminal

Exit codes: 0 every pod ran and the cluster is back at zero, 1 not so, or it was stopped before,
2 bad input, 3 a port or a file is not to be had.)");
  command->callback([options, &exit_code] { exit_code = run_demo(*options); });
}

}  // namespace hyperwright::cli
