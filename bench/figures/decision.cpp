// From the watch event of the last pending pod to the first BatchAddClusterNodes: the batch window,
// which is a wait, and beside it what the process computes. That is measured here, in real time,
// from the text of the watch event to the text of the call:
//
//   decode the last pod's line; the turn that folds it
//   the turn that plans the batch; every claim's creation encoded
//   the answers decoded, and a turn for each, until the launch call is out; the call encoded
//
// What the API server takes to create the claims is not in it: tests/e2e/bench.py has that.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench/figures/figures.h"
#include "bench/figures/snapshot.h"
#include "runtime/calls.h"

namespace hyperwright::bench {
namespace json = boost::json;
namespace {

constexpr std::size_t kPods = 1'000;
constexpr int kRuns = 5;

enum class Load { OneClass, FiftyClasses, AllDifferent };

PodShape shape(Load load, std::size_t i) {
  // Indices and workloads beyond those that a snapshot may hold.
  PodShape pod{.index = 60'000 + i, .workload = 100, .node = {}};
  if (load == Load::OneClass) return pod;
  const std::size_t c = load == Load::FiftyClasses ? i % 50 : i;
  pod.workload = 100 + c;
  pod.cpu_millis = 250 + static_cast<std::int64_t>(c % 50 * 37 + c / 50);
  pod.memory_mib = 512 + static_cast<std::int64_t>(c % 7 * 1'024 + c);
  pod.gpus = c % 10 == 9 ? 1 : 0;
  return pod;
}

struct Taken {
  double milliseconds = 0;  // beside the window
  Duration window;
  std::size_t claims = 0;
};

class Decision {
 public:
  explicit Decision(World& world) : world_(world) {}

  Taken measure(Load load) {
    for (std::size_t i = 0; i + 1 < kPods; ++i) {
      world_.put_pod(shape(load, i));
      world_.step();
      world_.set_now(world_.now() + Duration::milliseconds(1));
    }
    const std::string last = pod_text(shape(load, kPods - 1), world_.next_version());
    const Time begun = world_.now();
    watch_.go();
    auto event = runtime::changed_event(state::Kind::Pod, json::parse(last));
    watch_.stop();
    world_.put(std::move(std::get<state::Changed>(*event).object));
    Taken taken;
    for (bool is_out = false; !is_out;) {
      const double before = world_.spent().turns.milliseconds();
      const std::vector<state::Effect> effects = world_.turn(1);
      turns_ms_ += world_.spent().turns.milliseconds() - before;
      for (const state::Effect& effect : effects) {
        taken.claims += std::holds_alternative<state::CreateNodeClaim>(effect.action) ? 1U : 0U;
        if (!std::holds_alternative<state::BatchAddClusterNodes>(effect.action)) {
          answer(effect);
          continue;
        }
        watch_.go();
        const auto call = runtime::hyperpod_call(effect, kClusterName);
        const std::string text = json::serialize(call->body);
        watch_.stop();
        is_out = !text.empty();
        break;
      }
      check(world_.now() < begun + Duration::minutes(1), "a thousand pods lead to a launch");
    }
    taken.milliseconds = watch_.milliseconds() + turns_ms_;
    taken.window = world_.now() - begun;
    return taken;
  }

 private:
  // A claim's creation goes out and comes back as text.
  void answer(const state::Effect& effect) {
    const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action);
    if (create == nullptr) {
      if (state::is_answered(effect.action)) world_.answer(effect);
      return;
    }
    watch_.go();
    auto call = runtime::kubernetes_call(effect, world_.now());
    const std::string text = json::serialize(call->body);
    watch_.stop();
    json::value body = json::parse(text);
    json::object& meta = body.at("metadata").as_object();
    meta["uid"] = fmt::format("{}-4f6e-9c1d-0123456789ab", create->claim.meta.name);
    meta["resourceVersion"] = fmt::format("{}", world_.next_version());
    meta["creationTimestamp"] = format_time(world_.now());
    const std::string answer = json::serialize(body);
    watch_.go();
    state::Answered answered = runtime::kubernetes_answer(effect, 201, json::parse(answer));
    watch_.stop();
    world_.put(state::Event(std::move(answered)));
  }

  World& world_;
  Stopwatch watch_;
  double turns_ms_ = 0;
};

// Two pools over ten groups; "cpu" comes before the pool that a snapshot may hold.
void add_pools(World& world) {
  kube::HyperpodNodeClass all_groups = node_class(large_catalogue());
  all_groups.meta.resource_version = world.next_version();
  world.put(state::Object(std::move(all_groups)));
  kube::NodePool cpu = node_pool("cpu", {"cpu", "memory"});
  cpu.weight = 10;
  world.put(state::Object(std::move(cpu)));
  world.put(state::Object(
      node_pool("accelerated", {"inference", "train-p4d", "train-p5", "train-p5e", "train-trn1"})));
  world.settle();
}

void measure(const std::string& name, Load load, const std::string& snapshot, int runs) {
  std::vector<Taken> taken;
  for (int run = 0; run < runs; ++run) {
    progress(fmt::format("{} ({} of {})", name, run + 1, runs));
    World world(large_catalogue(), static_cast<std::uint64_t>(run) + 1);
    if (snapshot.empty()) {
      world.end_lists();
      world.settle();
    } else {
      list_snapshot(world, snapshot);
    }
    add_pools(world);
    taken.push_back(Decision(world).measure(load));
  }
  end_progress();
  std::ranges::sort(taken, {}, &Taken::milliseconds);
  const Taken& median = taken[taken.size() / 2];
  print({.name = name,
         .value = number(median.milliseconds),
         .unit = "ms",
         .aim = "under 50 ms",
         .note = fmt::format("after a window of {:.1f} s; worst {} ms; {} claims",
                             static_cast<double>(median.window.in_milliseconds()) / 1e3,
                             number(taken.back().milliseconds), median.claims)});
}

}  // namespace

void measure_decision(const std::string& snapshot) {
  measure("decision: 1,000 pods of one class", Load::OneClass, "", kRuns);
  measure("decision: 1,000 pods of 50 classes", Load::FiftyClasses, "", kRuns);
  measure("decision: 1,000 pods, all different", Load::AllDifferent, "", kRuns);
  if (snapshot.empty()) return;
  measure("decision: 1,000 pods of one class, beside 5,000 nodes", Load::OneClass, snapshot, 1);
  measure("decision: 1,000 pods of 50 classes, beside 5,000 nodes", Load::FiftyClasses, snapshot,
          1);
  measure("decision: 1,000 pods, all different, beside 5,000 nodes", Load::AllDifferent, snapshot,
          1);
}

}  // namespace hyperwright::bench
