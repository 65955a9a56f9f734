#include "tests/sim/harness/run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/crds.h"
#include "kube/well_known.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_yaml.h"
#include "sim/story.h"
#include "state/codec.h"
#include "tests/sim/harness/faulty_network.h"
#include "tests/sim/harness/leaders.h"
#include "tests/sim/harness/rest.h"
#include "tests/sim/harness/trouble.h"
#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace json = boost::json;
namespace {

// Within this all must be at rest: longer than a group's longest back-off and than HyperPod's
// patience with a minimum count.
constexpr Duration kRestWithin = Duration::hours(8);
// How long nothing may be written, then: longer than any reading waits.
constexpr Duration kQuietFor = Duration::minutes(12);
constexpr Duration kTimersEnd = Duration::minutes(5);

const std::vector<json::value>& crds() {
  static const std::vector<json::value> kCrds = [] {
    std::vector<json::value> list;
    for (const std::string_view text : kube::crds()) {
      json::value crd = sim::parse_yaml(text).value();
      const auto& kind = crd.at("spec").at("names").at("kind").as_string();
      if (kind != "NodeOverlay" && kind != "CapacityBuffer") list.push_back(std::move(crd));
    }
    return list;
  }();
  return kCrds;
}

sim::SimulationSettings settings_of(const Swarm& swarm, const RunOptions& options,
                                    sim::Network* network) {
  sim::SimulationSettings settings;
  settings.seed = swarm.seed;
  settings.autoscaler = swarm.options;
  settings.hyperpod.scenario = swarm.scenario;
  if (swarm.late_join) settings.hyperpod.scenario.delays.join = *swarm.late_join;
  settings.types = swarm_types();
  settings.network = network;
  settings.controllers = options.controllers;
  return settings;
}

bool is_write(const state::Effect& effect) {
  if (!state::is_answered(effect.action)) return false;
  if (std::holds_alternative<state::RecordEvent>(effect.action)) return false;
  const auto targets = state::targets_of(effect.action);
  return std::ranges::none_of(
      targets, [](const state::Target& target) { return target.of == state::Target::Of::Reading; });
}

class Run {
 public:
  Run(const Swarm& swarm, const RunOptions& options)
      : swarm_(swarm),
        options_(options),
        random_(swarm.seed ^ 0x5eedU),
        network_(swarm, random_.fork()),
        simulation_(settings_of(swarm, options, &network_)),
        start_(simulation_.now()) {
    sim::Autoscaler& autoscaler = simulation_.autoscaler();
    autoscaler.on_effect = [this](const state::Effect& effect, Time) { note_effect(effect); };
    autoscaler.on_arrival = [this](const state::Effect& effect, Time) { note_arrival(effect); };
    autoscaler.on_answer = [this](const state::Answered& answered, Time) { note_answer(answered); };
    autoscaler.after_turn = [this](std::vector<state::Effect>& effects, const runtime::Loop& loop) {
      note_turn(loop);
      if (options_.after_turn) options_.after_turn(effects, loop);
    };
  }

  Outcome finish() {
    prepare();
    if (swarm_.troubles.leader_changes > 0) {
      leaders_.emplace(simulation_, options_.lease, random_.fork());
    }
    load_ = swarm_.load;
    std::ranges::stable_sort(load_, {}, &LoadStep::at);
    troubles_ = draw_troubles(swarm_, random_);
    go_on_until(swarm_.faults_until);
    heal();
    come_to_rest();
    outcome_.lasted = simulation_.now() - start_;
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool is_over() const { return !outcome_.violations.empty(); }
  [[nodiscard]] Duration since_start() const { return simulation_.now() - start_; }

  void say(const std::string& line) {
    if (!options_.trace) return;
    const std::int64_t millis = since_start().in_milliseconds();
    options_.trace(fmt::format("{:>5}.{:03} {}", millis / 1000, millis % 1000, line));
  }

  void violate(std::string promise, std::string why) {
    if (!options_.only.empty() && promise != options_.only) return;
    say(fmt::format("BROKEN {}: {}", promise, why));
    outcome_.violations.push_back({since_start(), std::move(promise), std::move(why)});
  }

  // --- what happens ---

  void hash(std::string_view text) {
    for (const char c : text) {
      outcome_.digest ^= static_cast<unsigned char>(c);
      outcome_.digest *= 0x100000001b3U;  // FNV-1a
    }
  }

  void note_effect(const state::Effect& effect) {
    hash(fmt::format("{} {} {}", simulation_.now().unix_microseconds(),
                     state::name_of(effect.action), effect.reason));
    for (const state::Target& target : state::targets_of(effect.action)) hash(target.name);
    outcome_.reached.insert(
        fmt::format("effect {}: {}", state::name_of(effect.action), effect.reason));
    if (const auto* event = std::get_if<state::RecordEvent>(&effect.action))
      outcome_.reached.insert("event " + event->reason);
    if (const auto* update = std::get_if<state::UpdateNodeClaimStatus>(&effect.action))
      note_conditions("NodeClaim", update->claim.conditions);
    if (const auto* update = std::get_if<state::UpdateNodePoolStatus>(&effect.action))
      note_conditions("NodePool", update->pool.conditions);
    if (const auto* update = std::get_if<state::UpdateNodeClassStatus>(&effect.action))
      note_conditions("NodeClass", update->node_class.conditions);
    if (is_write(effect)) ++writes_;
    if (options_.trace) {
      say(fmt::format("effect {} ({}) {}", state::name_of(effect.action), effect.reason,
                      json::serialize(state::encode(effect))));
    }
  }

  void note_conditions(std::string_view kind, const kube::Conditions& conditions) {
    static constexpr std::string_view kStatus[] = {"Unknown", "False", "True"};
    for (const kube::Condition& condition : conditions) {
      outcome_.reached.insert(fmt::format("condition {} {}={} {}", kind, condition.type,
                                          kStatus[static_cast<std::size_t>(condition.status)],
                                          condition.reason));
    }
  }

  void note_arrival(const state::Effect& effect) {
    refresh();
    for (const auto& promise : promises_) promise->call_arrives(*world_, effect);
  }

  void note_answer(const state::Answered& answered) {
    outcome_.reached.insert(fmt::format("answer {}", state::to_string(answered.outcome)));
    if (answered.outcome != state::Outcome::Done && options_.trace)
      say(fmt::format("answer {} to effect {}: {}", state::to_string(answered.outcome),
                      answered.effect, answered.message));
  }

  // The controllers keep the promises by themselves: that a guard had to is a defect, too.
  void note_turn(const runtime::Loop& loop) {
    const bool is_new = !loop.state().is_synced();
    if (is_new && !is_new_) {
      for (const auto& promise : promises_) promise->autoscaler_began();
    }
    is_new_ = is_new;
    for (const runtime::Loop::Refusal& refusal : loop.refused()) {
      outcome_.reached.insert(fmt::format("refusal of {}", state::name_of(refusal.effect.action)));
      violate("guards have nothing to refuse",
              fmt::format("{} ({}): {}", state::name_of(refusal.effect.action),
                          refusal.effect.reason, refusal.why));
    }
  }

  void refresh() {
    world_->refresh([this](const Claim* before, const Claim* after) {
      if (before == nullptr) note_new_claim(*after);
      for (const auto& promise : promises_) promise->claim_changed(*world_, before, after);
    });
  }

  void note_new_claim(const Claim& claim) {
    ++outcome_.claims;
    if (claims_to_delete_ == 0) return;
    --claims_to_delete_;
    const auto wait = static_cast<std::int64_t>(random_.below(1000));
    doomed_claims_.emplace(simulation_.now() + Duration::milliseconds(wait), claim.name());
  }

  void end_instant() {
    refresh();
    for (const auto& promise : promises_) promise->instant_is_over(*world_);
    collect();
  }

  void collect() {
    for (const auto& promise : promises_) {
      for (std::string& why : promise->take_broken()) violate(promise->name(), std::move(why));
    }
    if (!leaders_) return;
    for (const std::string& why : leaders_->broken()) violate("one leader", why);
  }

  // --- the course of a run ---

  void prepare() {
    for (const json::value& crd : crds()) apply(crd);
    const auto answer =
        simulation_.hyperpod().call("CreateCluster", swarm_.cluster, simulation_.now());
    check(answer.is_success(), answer.is_success() ? "" : answer.error_message());
    world_ = std::make_unique<World>(simulation_, swarm_types());
    promises_ = all_promises();
  }

  void apply(const json::value& manifest) {
    const auto applied = sim::apply_manifest(simulation_.kubernetes(), manifest, simulation_.now());
    check(applied.has_value(), applied ? "" : applied.error().text());
  }

  // The next instant at which anything is due, at most `until`.
  Time next_instant(Time until) {
    Time next = std::min(until, simulation_.next_wake());
    if (leaders_) next = std::min(next, leaders_->next_wake());
    if (!load_.empty()) next = std::min(next, start_ + load_.front().at);
    if (!troubles_.empty()) next = std::min(next, start_ + troubles_.front().first);
    if (!doomed_claims_.empty()) next = std::min(next, doomed_claims_.begin()->first);
    return std::max(next, simulation_.now());
  }

  void go_on_until(Duration until) {
    const Time end = start_ + until;
    while (!is_over() && simulation_.now() < end) {
      simulation_.advance_to(next_instant(end));
      end_instant();
      do_what_is_due();
    }
  }

  void do_what_is_due() {
    if (leaders_) leaders_->step();
    while (!load_.empty() && load_.front().at <= since_start()) {
      play(load_.front());
      load_.erase(load_.begin());
    }
    while (!troubles_.empty() && troubles_.front().first <= since_start()) {
      const Trouble trouble = troubles_.front().second;
      troubles_.erase(troubles_.begin());
      const std::string what = make_trouble(trouble);
      outcome_.reached.insert(fmt::format("trouble {}", to_string(trouble)));
      say(fmt::format("trouble: {}: {}", to_string(trouble), what));
    }
    while (!doomed_claims_.empty() && doomed_claims_.begin()->first <= simulation_.now()) {
      const std::string name = doomed_claims_.begin()->second;
      doomed_claims_.erase(doomed_claims_.begin());
      remove("nodeclaims.karpenter.sh", "", name);
    }
    refresh();
    collect();
  }

  std::string make_trouble(Trouble trouble) {
    if (trouble == Trouble::LeaderChange) return leaders_->change();
    if (trouble == Trouble::DeletedNewClaim) {
      ++claims_to_delete_;
      return "the next NodeClaim goes as soon as it is there";
    }
    if (trouble != Trouble::Crash) return cause(trouble, *world_, swarm_, random_);
    if (!simulation_.has_autoscaler() || leaders_) return "nobody to crash";
    if (random_.below(2) == 0) {
      simulation_.kill_autoscaler_in_next_turn();
      return "in the midst of its next turn";
    }
    simulation_.restart_autoscaler();
    return "between two turns";
  }

  void play(const LoadStep& step) {
    for (const json::value& manifest : step.apply) {
      say(fmt::format("apply {}", json::serialize(manifest)));
      apply(manifest);
    }
    for (const auto& [resource, name] : step.removed)
      remove(resource, resource == "nodepools.karpenter.sh" ? "" : "default", name);
  }

  // It may be gone already, by a human's hand.
  void remove(std::string_view resource, std::string_view ns, std::string_view name) {
    say(fmt::format("delete {} {}", resource, name));
    static_cast<void>(simulation_.kubernetes().remove(resource, ns, name, simulation_.now()));
  }

  void heal() {
    say("the faults are over");
    network_.heal();
    claims_to_delete_ = 0;
    doomed_claims_.clear();
    if (leaders_) leaders_->heal();
    refresh();
    revive_everything(*world_);
    lift_quota();
    LoadStep end;
    // A budget that allows nothing keeps a node for ever, as its owner wants it.
    for (const auto& object : simulation_.kubernetes().list("poddisruptionbudgets.policy")) {
      end.removed.emplace_back("poddisruptionbudgets.policy", std::string(sim::name_of(*object)));
    }
    if (!swarm_.deletes_everything) {
      stop_expiration();
      return play(end);
    }
    for (const char* resource : {"deployments.apps", "jobs.batch", "daemonsets.apps", "pods"}) {
      for (const auto& object : simulation_.kubernetes().list(resource))
        end.removed.emplace_back(resource,
                                 std::string(object->at("metadata").at("name").as_string()));
    }
    for (const auto& [name, pool] : world_->pools())
      end.removed.emplace_back("nodepools.karpenter.sh", name);
    play(end);
  }

  // A quota that is full is tried again and again: such a world has no rest.
  void lift_quota() {
    service::Scenario scenario = swarm_.scenario;
    scenario.instances_per_cluster.reset();
    simulation_.hyperpod().set_scenario(std::move(scenario));
  }

  // Claims that expire are replaced again and again. Those that are there still do, once.
  void stop_expiration() {
    const json::value never{{"spec", {{"template", {{"spec", {{"expireAfter", "Never"}}}}}}}};
    for (const auto& [name, pool] : world_->pools()) {
      const auto ignored = simulation_.kubernetes().patch(
          "nodepools.karpenter.sh", "", name, sim::PatchType::Merge, never, simulation_.now());
      static_cast<void>(ignored);  // one that is going may be gone
    }
  }

  void come_to_rest() {
    const Duration latest = swarm_.faults_until + kRestWithin;
    while (!is_over() && since_start() < latest && !unfinished(*world_).empty())
      go_on_until(since_start() + Duration::minutes(1));
    // Time itself is a cause: consolidateAfter runs out on nodes that are needed, too.
    if (!is_over()) go_on_until(since_start() + kTimersEnd);
    if (is_over()) return;
    writes_ = 0;
    go_on_until(since_start() + kQuietFor);
    if (is_over()) return;
    if (writes_ > 0)
      violate("quiet", fmt::format("{} writes while the world stands still", writes_));
    tell_rest();
  }

  void tell_rest() {
    for (const auto& promise : promises_) promise->at_rest(*world_);
    collect();
    for (const auto& [name, pool] : world_->pools()) {
      if (swarm_.deletes_everything) violate("no leak", fmt::format("NodePool {} is left", name));
    }
  }

  const Swarm& swarm_;
  const RunOptions& options_;
  Random random_;
  FaultyNetwork network_;
  sim::Simulation simulation_;
  Time start_;
  std::optional<Leaders> leaders_;
  std::unique_ptr<World> world_;
  Promises promises_;
  std::vector<LoadStep> load_;
  std::vector<std::pair<Duration, Trouble>> troubles_;
  int claims_to_delete_ = 0;  // of those that come, by a human
  std::multimap<Time, std::string> doomed_claims_;
  Outcome outcome_{.violations = {}, .digest = 0xcbf29ce484222325U, .lasted = {}, .reached = {}};
  std::size_t writes_ = 0;
  bool is_new_ = false;  // the autoscaler has not listed everything yet
};

}  // namespace

Outcome run(const Swarm& swarm, const RunOptions& options) { return Run(swarm, options).finish(); }

}  // namespace hyperwright::swarm
