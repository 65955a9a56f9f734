// What holds for every input: plans are sound, do not depend on the order in which things came,
// nobody waits for whom a node could be bought or who could stand in a less important pod's place,
// and more room never means fewer pods placed.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "tests/scheduling/case_seed.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/drawn_types.h"
#include "tests/scheduling/drawn_volumes.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

// What a run changes in a drawn cluster, and nothing else.
struct Change {
  std::uint64_t shuffle = 0;  // the order in which pods and nodes come; 0: as they are drawn
  bool has_limits = true;
  bool has_more = false;  // one more node, or one more pool
  bool has_priorities = true;
};

// A cluster: pools with taints, limits, weights and minValues, nodes in every state, GPUs in parts,
// NodeOverlays, DaemonSets, pods of several kinds and priorities.
class Drawn {
 public:
  explicit Drawn(CaseSeed seed, Change change = {})
      : random_(seed.value), cluster_{draw_types(), draw_options()}, volumes_(random_, cluster_) {
    if (has_slices_) cluster_.add_group("slices").labels.set(kube::kMigConfig, "all-1g.5gb");
    draw_pools(change.has_limits);
    draw_daemon_sets();
    std::vector<NodeShape> nodes = draw_nodes();
    std::vector<kube::Pod> pods = draw_pods(change.has_priorities);
    draw_overlays();
    if (change.has_more) add_capacity(Random(~seed.value), nodes);
    const std::uint64_t shuffle = change.shuffle;
    Random order(shuffle);
    const auto mix = [&order](auto& list) {
      for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[order.below(i)]);
    };
    if (shuffle != 0) mix(nodes);
    if (shuffle != 0) mix(pods);
    for (const NodeShape& node : nodes) cluster_.put_node(node);
    for (kube::Pod& pod : pods) cluster_.put_pod(std::move(pod));
    cluster_.judge_overlays();
    pods_ = cluster_.waiting();
    if (shuffle != 0) mix(pods_);
  }

  Plan solve() { return scheduling::solve(cluster_.state(), pods_, cluster_.now()); }
  std::vector<std::string> problems(const Plan& plan) {
    return problems_of(plan, cluster_.state(), pods_, cluster_.now());
  }
  std::vector<std::string> needlessly_waiting(const Plan& plan) {
    return scheduling::needlessly_waiting(plan, cluster_.state(), pods_, cluster_.now());
  }
  std::vector<std::string> passed_over(const Plan& plan) {
    return scheduling::passed_over(plan, cluster_.state());
  }

 private:
  bool chance(std::uint32_t percent) { return random_.chance(percent * 10); }
  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return from +
           static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(to - from + 1)));
  }

  // Sometimes there is a type whose GPUs can be cut, and a group that has them cut.
  std::vector<hyperpod::InstanceType> draw_types() {
    std::vector<hyperpod::InstanceType> types = scheduling::draw_types(random_);
    has_slices_ = chance(10);
    if (has_slices_) {
      types.push_back(make_type({.name = "ml.p4d.24xlarge",
                                 .cpu = "8",
                                 .memory = "8Gi",
                                 .pods = 10,
                                 .others = {{"nvidia.com/gpu", 1}}}));
    }
    return types;
  }

  state::Options draw_options() {
    state::Options options{.cluster = "test"};
    if (chance(30)) options.min_values_policy = state::MinValuesPolicy::BestEffort;
    if (chance(10)) options.preference_policy = state::PreferencePolicy::Ignore;
    has_overlays_ = chance(30);
    options.gates.node_overlay = has_overlays_;
    return options;
  }

  void draw_overlays() {
    if (!has_overlays_) return;
    for (std::int64_t i = pick(1, 2); i > 0; --i) {
      kube::NodeOverlay overlay;
      overlay.meta.name = "overlay-" + std::to_string(i);
      overlay.weight = static_cast<std::int32_t>(pick(0, 2));
      if (chance(50)) overlay.requirements.push_back(in(kube::kZone, chance(50) ? "z1" : "z2"));
      if (chance(30))
        overlay.requirements.push_back(in(kube::kInstanceType, "default-instance-type"));
      if (chance(20)) overlay.requirements.push_back(in(kube::kNodePool, "pool-1"));
      if (chance(50)) overlay.price_adjustment = chance(50) ? "-40%" : "+0.5";
      if (chance(60)) overlay.capacity.set("fake.com/device", pick(1, 2));
      cluster_.put_overlay(std::move(overlay));
    }
  }

  void draw_pools(bool has_limits) {
    for (std::int64_t i = pick(1, is_large_ ? 3 : 2); i > 0; --i) {
      kube::NodePool pool = cluster_.pool("pool-" + std::to_string(i));
      pool.weight = static_cast<std::int32_t>(pick(0, 2));
      if (chance(30))
        pool.template_spec.taints.push_back({"team", "a", kube::TaintEffect::NoSchedule});
      if (chance(20))
        pool.template_spec.taints.push_back({"soft", "", kube::TaintEffect::PreferNoSchedule});
      if (chance(30)) {
        pool.template_spec.requirements.push_back(
            {std::string(kube::kArch), kube::NodeOperator::In, {"amd64"}, {}});
      }
      if (chance(30))
        pool.template_spec.requirements.push_back(
            {"tier", kube::NodeOperator::In, {"one", "two"}, {}});
      if (chance(20)) {
        const std::string_view key = chance(60) ? kube::kInstanceType : kube::kZone;
        pool.template_spec.requirements.push_back({std::string(key),
                                                   kube::NodeOperator::Exists,
                                                   {},
                                                   static_cast<std::int32_t>(pick(1, 3))});
      }
      const bool is_limited = chance(50);
      const kube::Limits limits{{{"cpu", pick(1, 40) * 1000}, {"nodes", pick(1, 8)}}};
      if (is_limited && has_limits) pool.limits = limits;
      cluster_.put_pool(std::move(pool));
    }
  }

  void add_capacity(Random more, std::vector<NodeShape>& nodes) {
    if (more.chance(500)) {
      kube::NodePool pool = cluster_.pool("pool-more");
      pool.weight = static_cast<std::int32_t>(more.below(4));
      if (more.chance(300)) {
        pool.template_spec.requirements.push_back(
            {std::string(kube::kZone), kube::NodeOperator::In, {"z1", "z3"}, {}});
      }
      cluster_.put_pool(std::move(pool));
      return;
    }
    // Before or after the others in the order in which nodes are filled.
    NodeShape node{.name = more.chance(500) ? "node-0" : "node-9", .pool = "pool-1"};
    node.type = more.chance(500) ? "small-instance-type" : "default-instance-type";
    node.zone = more.chance(500) ? "z1" : "z2";
    node.is_initialized = more.chance(800);
    nodes.push_back(std::move(node));
  }

  void draw_daemon_sets() {
    for (std::int64_t i = pick(0, 2); i > 0; --i) {
      kube::DaemonSet set;
      set.meta.name = "agent-" + std::to_string(i);
      set.scheduling.requests.set(kube::Resource::Cpu, pick(0, 6) * 100);
      set.scheduling.requests.set(kube::Resource::Pods, 1);
      if (chance(50))
        set.scheduling.tolerations.push_back({.op = kube::TolerationOperator::Exists});
      if (chance(30)) set.scheduling.host_ports.push_back({"", 9100, "TCP"});
      cluster_.put_daemon_set(std::move(set));
    }
  }

  std::vector<NodeShape> draw_nodes() {
    std::vector<NodeShape> nodes;
    for (std::int64_t i = pick(0, is_large_ ? 6 : 3); i > 0; --i) {
      NodeShape node{.name = "node-" + std::to_string(i)};
      if (chance(80)) node.pool = "pool-1";
      node.zone = chance(50) ? "z1" : "z2";
      node.has_node = node.pool.empty() || chance(80);
      node.is_registered = node.has_node && chance(80);
      node.is_initialized = node.is_registered && chance(80);
      node.is_unschedulable = chance(10);
      node.is_deleting = chance(10);
      if (chance(10)) node.taints.push_back({"odd", "", kube::TaintEffect::NoSchedule});
      volumes_.limit(node.name);
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  std::int32_t draw_priority() { return chance(60) ? 0 : chance(50) ? 100 : -5; }

  std::vector<kube::Pod> draw_pods(bool has_priorities) {
    std::vector<kube::Pod> pods;
    for (std::int64_t kind = pick(1, is_large_ ? 5 : 4); kind > 0; --kind) {
      kube::Scheduling wants;
      wants.requests.set(kube::Resource::Pods, 1);
      wants.requests.set(kube::Resource::Cpu, pick(0, 12) * 250);
      wants.requests.set(kube::Resource::Memory, pick(0, 6) << 29);
      if (chance(15)) wants.requests.set("fake.com/vendor-a", pick(1, 3));
      if (chance(25)) wants.node_selector.set(kube::kZone, chance(50) ? "z1" : "z3");
      if (chance(15))
        wants.required_node_terms = {term("tier", "one"), term(kube::kCapacityType, "spot")};
      if (chance(25))
        wants.preferred_node_terms.push_back({5, term(kube::kZone, chance(50) ? "z2" : "nowhere")});
      if (chance(40))
        wants.tolerations.push_back({.key = "team", .op = kube::TolerationOperator::Exists});
      if (chance(10)) wants.host_ports.push_back({"", chance(50) ? 8080 : 9100, "TCP"});
      if (has_slices_ && chance(25))
        wants.requests.set(chance(70) ? "nvidia.com/mig-1g.5gb" : "nvidia.com/gpu", pick(1, 4));
      if (has_overlays_ && chance(25)) wants.requests.set("fake.com/device", 1);
      const bool is_of_one_priority = chance(60);
      const std::int32_t priority = draw_priority();
      const auto mounts = chance(30) ? volumes_.draw() : DrawnVolumes::Mounts{};
      for (std::int64_t i = pick(1, is_large_ ? 12 : 4); i > 0; --i) {
        kube::Pod pod = cluster_.pod("pod-" + std::to_string(kind) + "-" + std::to_string(i));
        pod.meta.creation_time = cluster_.now() + Duration::seconds(i);
        pod.scheduling = wants;
        const std::int32_t own = is_of_one_priority ? priority : draw_priority();
        if (has_priorities) pod.scheduling.priority = own;
        volumes_.mount(mounts, pod);
        pods.push_back(std::move(pod));
      }
    }
    return pods;
  }

  static kube::NodeRequirement in(std::string_view key, std::string_view value) {
    return {std::string(key), kube::NodeOperator::In, {std::string(value)}, {}};
  }
  static kube::NodeSelectorTerm term(std::string_view key, std::string_view value) {
    return {{in(key, value)}, {}};
  }

  Random random_;
  bool is_large_ = draw_is_large(random_);
  bool has_slices_ = false;
  bool has_overlays_ = false;
  ClusterBuilder cluster_;
  DrawnVolumes volumes_;
  std::vector<const state::PodRecord*> pods_;
};

std::string text_of(const Plan& plan) {
  std::string text;
  const auto add = [&text](const std::vector<std::string>& words) {
    for (const std::string& word : words) text += word + ' ';
    text += '\n';
  };
  for (const PlacedOnNode& placed : plan.placed) {
    text += placed.node + placed.claim + ": ";
    add(placed.pods);
  }
  for (const NewNode& node : plan.new_nodes) {
    text += node.node_pool + ' ' + node.offering.key.group + ' ' + node.offering.key.type + ' ' +
            node.offering.key.zone + ' ' + kube::to_text(node.requests) + ' ' +
            node.requirements->text() + ": ";
    add(*node.compatible_types);
    add(node.pods);
  }
  for (const Unplaced& unplaced : plan.unplaced) {
    text += unplaced.verdict() + ": ";
    add(unplaced.pods);
  }
  return text;
}

RC_GTEST_PROP(SolveProperty, EveryPlanIsSound, (CaseSeed seed)) {
  Drawn drawn(seed);
  const std::vector<std::string> problems = drawn.problems(drawn.solve());
  if (!problems.empty()) RC_FAIL(problems.front());
}

RC_GTEST_PROP(SolveProperty, NobodyWaitsWhoHasAPlace, (CaseSeed seed)) {
  Drawn drawn(seed);
  const Plan plan = drawn.solve();
  const std::vector<std::string> waiting = drawn.needlessly_waiting(plan);
  if (!waiting.empty()) RC_FAIL(fmt::format("{}\n{}", waiting.front(), text_of(plan)));
}

RC_GTEST_PROP(SolveProperty, NobodyWaitsForALessImportantPodsPlace, (CaseSeed seed)) {
  Drawn drawn(seed);
  const Plan plan = drawn.solve();
  const std::vector<std::string> waiting = drawn.passed_over(plan);
  if (!waiting.empty()) RC_FAIL(fmt::format("{}\n{}", waiting.front(), text_of(plan)));
}

RC_GTEST_PROP(SolveProperty, OrderOfArrivalChangesNothing, (CaseSeed seed, std::uint32_t shuffle)) {
  const std::string first = text_of(Drawn(seed).solve());
  RC_ASSERT(text_of(Drawn(seed, {.shuffle = 1 + std::uint64_t{shuffle}}).solve()) == first);
}

RC_GTEST_PROP(SolveProperty, WithoutLimitsNoFewerPodsArePlaced, (CaseSeed seed)) {
  const Plan without = Drawn(seed, {.has_limits = false}).solve();
  const Plan with = Drawn(seed).solve();
  if (placed_pods(without) < placed_pods(with))
    RC_FAIL(fmt::format("without limits\n{}\nand with them\n{}", text_of(without), text_of(with)));
}

std::set<std::string> unplaced_pods(const Plan& plan) {
  std::set<std::string> uids;
  for (const Unplaced& unplaced : plan.unplaced)
    uids.insert(unplaced.pods.begin(), unplaced.pods.end());
  return uids;
}

RC_GTEST_PROP(SolveProperty, MoreCapacityLeavesNoPlacedPodUnplaced, (CaseSeed seed)) {
  const Plan before = Drawn(seed, {.has_limits = false}).solve();
  const Plan after = Drawn(seed, {.has_limits = false, .has_more = true}).solve();
  const std::set<std::string> waited = unplaced_pods(before);
  for (const std::string& uid : unplaced_pods(after)) {
    if (!waited.contains(uid))
      RC_FAIL(fmt::format("{} had a place\n{}\nand has none\n{}", uid, text_of(before),
                          text_of(after)));
  }
}

}  // namespace
}  // namespace hyperwright::scheduling
