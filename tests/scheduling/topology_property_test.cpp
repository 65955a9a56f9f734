// What holds for every small cluster whose pods look at each other: the checker finds nothing
// wrong, and nobody waits for whom it knows a place; neither the order of arrival nor the names of
// labels matter.
#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "tests/scheduling/case_seed.h"
#include "tests/scheduling/checker_defaults.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/drawn_types.h"
#include "tests/scheduling/drawn_volumes.h"
#include "tests/scheduling/plan_check.h"
#include "tests/scheduling/plan_text.h"

namespace hyperwright::scheduling {
namespace {

// How this run spells labels of the users' own.
using Spelling = std::function<std::string(std::string_view)>;
std::string plain(std::string_view word) { return std::string(word); }
// Keeps their order.
std::string longer(std::string_view word) { return fmt::format("k{}.x", word); }
// Puts them in any order.
Spelling renamed(std::uint64_t names) {
  return [names](std::string_view word) {
    std::uint64_t seed = names;
    for (const char c : word) seed = seed * 257 + static_cast<unsigned char>(c);
    return fmt::format("n{}.{}", Random(seed).below(1000), word);
  };
}

// A cluster of one to three pools, a few nodes with pods, and a few pods that are to be placed.
// `shuffle` changes the order in which things come, and nothing else.
class Drawn {
 public:
  explicit Drawn(CaseSeed seed, std::uint64_t shuffle = 0, Spelling spell = plain)
      : random_(seed.value),
        spell_(std::move(spell)),
        cluster_{draw_types(random_), draw_options()} {
    draw_pools();
    draw_namespaces();
    draw_selecting_objects();
    draw_daemon_set();
    const std::vector<NodeShape> nodes = draw_nodes();
    std::vector<kube::Pod> pods = draw_pods(nodes);
    Random order(shuffle);
    for (const NodeShape& node : nodes) cluster_.put_node(node);
    if (shuffle != 0) mix(pods, order);
    for (kube::Pod& pod : pods) cluster_.put_pod(std::move(pod));
    waiting_ = cluster_.waiting();
    if (shuffle != 0) mix(waiting_, order);
    plan_ = solve(cluster_.state(), waiting_, cluster_.now());
  }

  [[nodiscard]] const Plan& plan() const { return plan_; }
  std::vector<std::string> problems(checker::SpreadHolds spread) {
    return problems_of(plan_, cluster_.state(), waiting_, cluster_.now(), spread);
  }

  // The pods and what became of them, for messages.
  std::string text() {
    std::string lines;
    for (const auto& [key, record] : cluster_.state().pods()) {
      const kube::Scheduling wants = with_default_spread(record.pod, cluster_.state()).scheduling;
      lines += fmt::format("{}/{} {}", key.namespace_, key.name,
                           record.pod.meta.labels.get(spell_("app")));
      if (wants.priority != 0) lines += fmt::format(" priority {}", wants.priority);
      for (const auto& owner : record.pod.meta.owner_references) lines += " of " + owner.name;
      if (!record.pod.node_name.empty()) lines += " on " + record.pod.node_name;
      for (const kube::VolumeClaim& mounted : wants.volume_claims)
        lines += " mounts " + mounted.claim_name;
      for (const auto& [label, value] : wants.node_selector)
        lines += fmt::format(" {}={}", label, value);
      for (const auto& spread : wants.topology_spread) {
        lines += fmt::format(
            " {}spread {} of {} skew {} min {}{}{}",
            spread.when_unsatisfiable == kube::WhenUnsatisfiable::ScheduleAnyway ? "would like to "
                                                                                 : "",
            spread.topology_key, spread.selector->match_labels.get(spell_("app")), spread.max_skew,
            spread.min_domains.value_or(0),
            spread.node_affinity_policy == kube::NodeInclusionPolicy::Ignore ? " ignoring affinity"
                                                                             : "",
            spread.node_taints_policy == kube::NodeInclusionPolicy::Honor ? " honoring taints"
                                                                          : "");
      }
      for (const auto& near : wants.required_pod_affinity)
        lines += fmt::format(" near {} on {}{}", near.selector->match_labels.get(spell_("app")),
                             near.topology_key, namespaces_text(near));
      for (const auto& far : wants.required_pod_anti_affinity)
        lines += fmt::format(" far from {} on {}{}", far.selector->match_labels.get(spell_("app")),
                             far.topology_key, namespaces_text(far));
      for (const auto& near : wants.preferred_pod_affinity)
        lines += fmt::format(" would like near {} on {}{}",
                             near.term.selector->match_labels.get(spell_("app")),
                             near.term.topology_key, namespaces_text(near.term));
      for (const auto& far : wants.preferred_pod_anti_affinity)
        lines += fmt::format(" would like far from {} on {}{}",
                             far.term.selector->match_labels.get(spell_("app")),
                             far.term.topology_key, namespaces_text(far.term));
      lines += '\n';
    }
    for (const auto& [name, node] : cluster_.state().nodes())
      lines += fmt::format("{} in {}\n", name, node.node.meta.labels.get(kube::kZone));
    return lines + text_of(plan_);
  }

  std::vector<std::string> needlessly_waiting() {
    return scheduling::needlessly_waiting(plan_, cluster_.state(), waiting_, cluster_.now());
  }

 private:
  std::string namespaces_text(const kube::PodAffinityTerm& term) {
    std::string text = fmt::format("{}", fmt::join(term.namespaces, ""));
    if (term.namespace_selector)
      text += fmt::format(" team {}", term.namespace_selector->match_labels.get(spell_("team")));
    return text.empty() ? text : " in " + text;
  }

  bool chance(std::uint32_t percent) { return random_.chance(percent * 10); }
  std::int64_t pick(std::int64_t from, std::int64_t to) {
    return from +
           static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(to - from + 1)));
  }
  std::string app() { return spell_(chance(50) ? "db" : "web"); }

  template <typename List>
  static void mix(List& list, Random& order) {
    for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[order.below(i)]);
  }

  // Sometimes the cluster has a default spread.
  state::Options draw_options() {
    state::Options options{.cluster = "test"};
    if (!chance(25)) return options;
    options.default_spread = {spread(chance(60) ? kube::kZone : kube::kHostname)};
    options.default_spread[0].selector.reset();
    return options;
  }

  void draw_namespaces() {
    for (const auto& [name, team] : {std::pair("default", "one"), std::pair("other", "two")}) {
      kube::Namespace made;
      made.meta.name = name;
      made.meta.labels.set(spell_("team"), spell_(team));
      cluster_.put(made);
    }
  }

  // What the default spread selects by.
  void draw_selecting_objects() {
    kube::ReplicaSet set;
    set.meta.name = "set";
    set.meta.namespace_ = "default";
    set.selector = some_app();
    cluster_.put(set);
    if (!chance(30)) return;
    kube::Service service;
    service.meta.name = "service";
    service.meta.namespace_ = "default";
    service.selector.set(spell_("app"), app());
    service.has_selector = true;
    cluster_.put(service);
  }

  void draw_owner(kube::Pod& pod) {
    if (chance(20)) pod.meta.namespace_ = "other";
    if (!chance(50)) return;
    pod.meta.owner_references = {{"apps/v1", "ReplicaSet", "set", "uid-set", true, true}};
  }

  void draw_pools() {
    const std::int64_t count = pick(1, is_large_ ? 3 : 2);
    for (std::int64_t i = 1; i <= count; ++i) {
      kube::NodePool pool = cluster_.pool(fmt::format("pool-{}", i));
      pool.weight = static_cast<std::int32_t>(pick(0, 1));
      auto& spec = pool.template_spec;
      if (chance(25)) spec.taints.push_back({"team", "", kube::TaintEffect::NoSchedule});
      if (chance(30)) spec.requirements.push_back(in(kube::kZone, {"z1", "z2"}));
      if (chance(20)) spec.requirements.push_back(in(kube::kCapacityType, {"on-demand"}));
      if (chance(30))
        spec.requirements.push_back(in(spell_("tier"), {spell_("one"), spell_("two")}));
      if (chance(25))
        pool.limits = kube::Limits{{{"cpu", pick(2, 20) * 1000}, {"nodes", pick(1, 5)}}};
      cluster_.put_pool(std::move(pool));
    }
  }

  void draw_daemon_set() {
    if (!chance(30)) return;
    kube::DaemonSet set;
    set.meta.name = "agent";
    set.scheduling.requests.set(kube::Resource::Cpu, 200);
    set.scheduling.requests.set(kube::Resource::Pods, 1);
    cluster_.put_daemon_set(std::move(set));
  }

  std::vector<NodeShape> draw_nodes() {
    std::vector<NodeShape> nodes;
    for (std::int64_t i = pick(0, is_large_ ? 4 : 2); i > 0; --i) {
      NodeShape node{.name = fmt::format("node-{}", i), .pool = "pool-1"};
      node.type = chance(50) ? "small-instance-type" : "default-instance-type";
      node.zone = fmt::format("z{}", pick(1, 3));
      if (chance(10)) node.pool = "";  // has no capacity type
      node.is_initialized = chance(80);
      node.is_deleting = chance(10);
      volumes_.limit(node.name);
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  std::vector<kube::Pod> draw_pods(const std::vector<NodeShape>& nodes) {
    std::vector<kube::Pod> pods;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!chance(70)) continue;
      kube::Pod pod = cluster_.pod(fmt::format("old-{}", i));
      pod.meta.creation_time = cluster_.now();
      pod.meta.labels.set(spell_("app"), app());
      pod.scheduling.requests.set(kube::Resource::Cpu, 300);
      if (chance(20)) pod.scheduling.required_pod_anti_affinity = {term()};
      pod.node_name = nodes[i].name;
      pod.phase = kube::PodPhase::Running;
      pod.scheduled_reason.clear();
      pods.push_back(std::move(pod));
    }
    const std::int64_t kinds = pick(1, 4);
    for (std::int64_t kind = 1; kind <= kinds; ++kind) {
      kube::Pod like = cluster_.pod("");
      like.meta.labels.set(spell_("app"), app());
      like.scheduling = draw_wishes();
      const auto mounts = chance(20) ? volumes_.draw() : DrawnVolumes::Mounts{};
      draw_owner(like);
      const bool is_of_one_priority = chance(70);
      like.scheduling.priority = draw_priority();
      for (std::int64_t i = pick(1, is_large_ ? 4 : 3); i > 0; --i) {
        kube::Pod pod = cluster_.pod(fmt::format("pod-{}-{}", kind, i));
        pod.meta.creation_time = cluster_.now() + Duration::seconds(kind * 10 + i);
        pod.meta.namespace_ = like.meta.namespace_;
        pod.meta.labels = like.meta.labels;
        pod.meta.owner_references = like.meta.owner_references;
        pod.scheduling = like.scheduling;
        if (!is_of_one_priority) pod.scheduling.priority = draw_priority();
        volumes_.mount(mounts, pod);
        pods.push_back(std::move(pod));
      }
    }
    return pods;
  }

  std::int32_t draw_priority() { return chance(60) ? 0 : 100; }

  kube::Scheduling draw_wishes() {
    kube::Scheduling wants;
    wants.requests.set(kube::Resource::Pods, 1);
    wants.requests.set(kube::Resource::Cpu, pick(1, 8) * 200);
    if (chance(40)) wants.topology_spread.push_back(spread(kube::kZone));
    if (chance(20)) wants.topology_spread.push_back(spread(kube::kHostname));
    if (chance(10)) wants.topology_spread.push_back(spread(kube::kCapacityType));
    if (chance(25)) wants.required_pod_affinity.push_back(term());
    if (!wants.required_pod_affinity.empty() && chance(15))
      wants.required_pod_affinity.push_back(term());
    if (chance(25)) wants.required_pod_anti_affinity.push_back(term());
    draw_preferences(wants);
    if (chance(20)) wants.node_selector.set(kube::kZone, chance(50) ? "z1" : "z3");
    if (chance(10)) wants.node_selector.set(spell_("tier"), spell_("one"));
    if (chance(40))
      wants.tolerations.push_back({.key = "team", .op = kube::TolerationOperator::Exists});
    if (chance(10)) wants.host_ports.push_back({"", 8080, "TCP"});
    return wants;
  }

  void draw_preferences(kube::Scheduling& wants) {
    if (chance(10)) {
      wants.topology_spread.push_back(spread(chance(60) ? kube::kZone : kube::kHostname));
      wants.topology_spread.back().when_unsatisfiable = kube::WhenUnsatisfiable::ScheduleAnyway;
    }
    const auto weight = [&] { return static_cast<std::int32_t>(pick(1, 2)); };
    if (chance(10)) wants.preferred_pod_affinity.push_back({weight(), term()});
    if (chance(10)) wants.preferred_pod_anti_affinity.push_back({weight(), term()});
  }

  static kube::NodeRequirement in(std::string_view key, std::vector<std::string> values) {
    return {std::string(key), kube::NodeOperator::In, std::move(values), {}};
  }

  kube::LabelSelector some_app() { return {{{spell_("app"), app()}}, {}}; }

  kube::PodAffinityTerm term() {
    kube::PodAffinityTerm made;
    made.topology_key = chance(50) ? kube::kZone : kube::kHostname;
    made.selector = some_app();
    if (chance(10)) made.namespaces = {"other"};
    if (chance(15)) made.namespace_selector = some_namespaces();
    return made;
  }

  kube::LabelSelector some_namespaces() {
    if (chance(30)) return {};
    return {{{spell_("team"), spell_(chance(50) ? "one" : "two")}}, {}};
  }

  kube::TopologySpreadConstraint spread(std::string_view key) {
    kube::TopologySpreadConstraint made;
    made.topology_key = key;
    made.max_skew = static_cast<std::int32_t>(pick(1, 2));
    made.selector = some_app();
    if (chance(10)) made.min_domains = static_cast<std::int32_t>(pick(2, 4));
    if (chance(20)) made.node_affinity_policy = kube::NodeInclusionPolicy::Ignore;
    if (chance(20)) made.node_taints_policy = kube::NodeInclusionPolicy::Honor;
    return made;
  }

  Random random_;
  bool is_large_ = draw_is_large(random_);
  Spelling spell_;
  ClusterBuilder cluster_;
  DrawnVolumes volumes_{random_, cluster_};
  std::vector<const state::PodRecord*> waiting_;
  Plan plan_;
};

void fail_unless_empty(const std::vector<std::string>& sentences, Drawn& drawn) {
  if (!sentences.empty()) RC_FAIL(fmt::format("{}\n{}", fmt::join(sentences, "\n"), drawn.text()));
}

RC_GTEST_PROP(TopologyProperty, NoPlacementIsRejected, (CaseSeed seed)) {
  Drawn drawn(seed);
  fail_unless_empty(drawn.problems(checker::SpreadHolds::InSomeOrder), drawn);
}

RC_GTEST_PROP(TopologyProperty, NobodyWaitsWhoHasAPlace, (CaseSeed seed)) {
  Drawn drawn(seed);
  fail_unless_empty(drawn.needlessly_waiting(), drawn);
}

// The plan may be another one, because ties fall otherwise, and is as good to the checker.
RC_GTEST_PROP(TopologyProperty, OtherNamesKeepTheCheckersVerdict,
              (CaseSeed seed, std::uint64_t names)) {
  Drawn drawn(seed, 0, renamed(names));
  fail_unless_empty(drawn.problems(checker::SpreadHolds::InSomeOrder), drawn);
  fail_unless_empty(drawn.needlessly_waiting(), drawn);
}

RC_GTEST_PROP(TopologyProperty, OrderOfArrivalChangesNothing,
              (CaseSeed seed, std::uint32_t shuffle)) {
  RC_ASSERT(text_of(Drawn(seed, 1 + std::uint64_t{shuffle}).plan()) == text_of(Drawn(seed).plan()));
}

RC_GTEST_PROP(TopologyProperty, OtherNamesInTheSameOrderChangeNothing, (CaseSeed seed)) {
  RC_ASSERT(text_of(Drawn(seed, 0, longer).plan()) == text_of(Drawn(seed).plan()));
}

}  // namespace
}  // namespace hyperwright::scheduling
