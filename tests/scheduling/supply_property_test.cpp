// A plan on structures that were kept up to date, event by event, is the plan on structures that
// are built for it: whatever came, changed and went in between.
//
// A case is a short story that is compared once, at its end: many beginnings find more than one
// long story does, and what is stale for a moment only is stale at the end of another case.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "scheduling/supply.h"
#include "tests/scheduling/case_seed.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/drawn_types.h"
#include "tests/scheduling/plan_text.h"

namespace hyperwright::scheduling {
namespace {

std::string verdicts_of(const Plan& plan) {
  std::string text;
  for (const Unplaced& unplaced : plan.unplaced) text += unplaced.verdict() + "\n";
  return text;
}

// A small cluster in which something happens at every step.
class ChangingCluster {
 public:
  explicit ChangingCluster(CaseSeed seed) : random_(seed.value), cluster_(draw_types(random_)) {
    tell(put_pool("one"));
    if (random_.chance(500)) tell(put_pool("two"));
    for (std::int64_t i = pick(0, 3); i > 0; --i) tell(put_node());
    tell(put_pods());
    tell(carry_out(ClusterBuilder::Until::Bound));
    tell(put_pods());
  }

  // A few things happen, with plans in between.
  void live() {
    const bool is_long = draw_is_large(random_);
    for (std::int64_t i = pick(1, is_long ? 12 : 4); i > 0; --i) {
      plan_on(kept_);
      for (std::int64_t steps = pick(1, 3); steps > 0; --steps) tell(step());
    }
  }
  void prepare(std::size_t most) { kept_.prepare(cluster_.state(), most); }
  // What happened, in words.
  [[nodiscard]] const std::string& story() const { return story_; }

  // Plans for everybody that waits, both ways.
  std::pair<Plan, Plan> plans() {
    Supply made;
    return {plan_on(kept_), plan_on(made)};
  }

 private:
  void tell(const std::string& happened) { story_ += happened + "\n"; }

  Plan plan_on(Supply& supply) {
    const auto pods = cluster_.waiting();
    return solve(supply, cluster_.state(), pods, cluster_.now());
  }

  std::string step() {
    switch (random_.below(13)) {
      case 0:
      case 1:
      case 2:
        return put_pods();
      case 3:
      case 4:
        return carry_out(ClusterBuilder::Until::Bound);
      case 5:
        return carry_out(random_.chance(500) ? ClusterBuilder::Until::Created
                                             : ClusterBuilder::Until::Launched);
      case 6:
      case 7:
        return erase_pod();
      case 8:
        return erase_node();
      case 9:
      case 10:
        return put_node();
      case 11:
        return put_daemon_set();
      default:
        return change_offers();
    }
  }

  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return from +
           static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(to - from + 1)));
  }
  std::string app() { return random_.chance(500) ? "db" : "web"; }

  std::string put_pool(const std::string& name) {
    kube::NodePool pool = cluster_.pool(name);
    pool.meta.generation = ++generation_;
    pool.weight = static_cast<std::int32_t>(pick(0, 2));
    if (random_.chance(300)) pool.limits = kube::Limits{{{"cpu", pick(4, 30) * 1000}}};
    if (random_.chance(200))
      pool.template_spec.taints.push_back({"team", "", kube::TaintEffect::PreferNoSchedule});
    cluster_.put_pool(std::move(pool));
    return "pool " + name;
  }

  std::string put_pods() {
    kube::Scheduling wants;
    wants.requests.set(kube::Resource::Pods, 1);
    wants.requests.set(kube::Resource::Cpu, pick(1, 6) * 200);
    if (random_.chance(200)) wants.node_selector.set(kube::kZone, "z2");
    if (random_.chance(100)) wants.host_ports.push_back({"", 8080, "TCP"});
    const kube::LabelSelector selector{{{"app", app()}}, {}};
    if (random_.chance(300)) {
      kube::TopologySpreadConstraint spread;
      spread.topology_key = random_.chance(700) ? kube::kZone : kube::kHostname;
      spread.selector = selector;
      wants.topology_spread.push_back(std::move(spread));
    }
    kube::PodAffinityTerm term;
    term.topology_key = random_.chance(500) ? kube::kZone : kube::kHostname;
    term.selector = selector;
    if (random_.chance(150)) wants.required_pod_affinity.push_back(term);
    if (random_.chance(250)) wants.required_pod_anti_affinity.push_back(term);
    const std::string label = app();
    const std::int64_t count = pick(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      kube::Pod pod = cluster_.pod(fmt::format("pod-{}", ++pods_));
      pod.meta.labels.set("app", label);
      pod.scheduling = wants;
      cluster_.put_pod(std::move(pod));
    }
    return fmt::format("{} pods", count);
  }

  std::string carry_out(ClusterBuilder::Until until) {
    cluster_.carry_out(plan_on(kept_), until);
    return "the plan is carried out";
  }

  std::string erase_pod() {
    std::vector<std::string> names;
    for (const auto& [key, record] : cluster_.state().pods()) names.push_back(key.name);
    if (names.empty()) return "nothing";
    const std::string name = names[random_.below(names.size())];
    cluster_.erase_pod(name);
    return name + " goes";
  }

  std::string erase_node() {
    std::vector<std::string> names;
    for (const auto& [name, record] : cluster_.state().nodes()) names.push_back(name);
    if (names.empty()) return "nothing";
    const std::string name = names[random_.below(names.size())];
    cluster_.erase_node(name);
    return name + " goes";
  }

  // One of a few names: it comes, or it changes.
  std::string put_node() {
    NodeShape node{.name = fmt::format("node-{}", pick(1, 4)), .pool = "one"};
    if (random_.chance(200)) node.pool.clear();
    node.zone = fmt::format("z{}", pick(1, 3));
    node.has_node = random_.chance(850);
    node.is_registered = random_.chance(850);
    node.is_initialized = node.is_registered && random_.chance(800);
    node.is_unschedulable = random_.chance(100);
    node.is_deleting = random_.chance(150);
    if (random_.chance(200)) node.labels.set("rack", fmt::format("r{}", pick(1, 2)));
    if (random_.chance(100)) node.taints.push_back({"team", "", kube::TaintEffect::NoSchedule});
    cluster_.put_node(node);
    return node.name + " comes or changes";
  }

  std::string put_daemon_set() {
    kube::DaemonSet set;
    set.meta.name = "agent";
    set.meta.uid = "agent";
    set.scheduling.requests.set(kube::Resource::Cpu, pick(0, 4) * 100);
    set.scheduling.requests.set(kube::Resource::Pods, 1);
    cluster_.put_daemon_set(std::move(set));
    return "the DaemonSet changes";
  }

  std::string change_offers() {
    switch (random_.below(3)) {
      case 0:
        return put_pool(random_.chance(500) ? "one" : "two");
      case 1:
        cluster_.back_off(random_.chance(500) ? "spot" : "on-demand", "for a while");
        return "a group backs off";
      default:
        const hyperpod::OfferingKey offering{"spot", "small-instance-type",
                                             random_.chance(500) ? "z1" : "z2"};
        cluster_.mark_unavailable(offering);
        return "an offering is gone";
    }
  }

  Random random_;
  ClusterBuilder cluster_;
  Supply kept_;
  std::string story_;
  std::int64_t pods_ = 0;
  std::int64_t generation_ = 0;
};

void compare(ChangingCluster& cluster) {
  const auto [kept, fresh] = cluster.plans();
  const std::string on_kept = text_of(kept) + verdicts_of(kept);
  const std::string on_fresh = text_of(fresh) + verdicts_of(fresh);
  if (on_kept != on_fresh)
    RC_FAIL(fmt::format("after\n{}kept:\n{}new:\n{}", cluster.story(), on_kept, on_fresh));
}

// Nothing may be left out, whatever a plan meets half prepared.
RC_GTEST_PROP(SupplyProperty, WhatWasPreparedInPartsPlansAsWhatIsNew, (CaseSeed seed)) {
  ChangingCluster cluster(seed);
  for (auto times = *rc::gen::inRange(1, 4); times > 0; --times) {
    cluster.live();
    for (auto parts = *rc::gen::inRange(0, 4); parts > 0; --parts) cluster.prepare(2);
    compare(cluster);
  }
}

RC_GTEST_PROP(SupplyProperty, WhatIsKeptPlansAsWhatIsNew, (CaseSeed seed)) {
  ChangingCluster cluster(seed);
  cluster.live();
  compare(cluster);
}

}  // namespace
}  // namespace hyperwright::scheduling
