#include "tests/scheduling/checker.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "base/number.h"
#include "kube/well_known.h"
#include "tests/scheduling/checker_bought.h"

namespace hyperwright::checker {

using kube::NodeOperator;

// --- node selector, node affinity, taints ---

bool meets(const kube::NodeRequirement& expression, const std::string* value) {
  const auto listed = [&] {
    return std::ranges::find(expression.values, *value) != expression.values.end();
  };
  switch (expression.op) {
    case NodeOperator::In:
      return value != nullptr && listed();
    case NodeOperator::NotIn:
      return value == nullptr || !listed();
    case NodeOperator::Exists:
      return value != nullptr;
    case NodeOperator::DoesNotExist:
      return value == nullptr;
    default:
      break;
  }
  const auto label = value == nullptr ? std::nullopt : parse_int64(*value);
  const auto bound =
      expression.values.size() == 1 ? parse_int64(expression.values[0]) : std::nullopt;
  if (!label || !bound) return false;
  if (expression.op == NodeOperator::Gt) return *label > *bound;
  if (expression.op == NodeOperator::Gte) return *label >= *bound;
  if (expression.op == NodeOperator::Lt) return *label < *bound;
  return *label <= *bound;
}

namespace {

// A term without any expression matches no node.
bool meets(const kube::NodeSelectorTerm& term, const Node& node) {
  const auto label = [&](const kube::NodeRequirement& e) {
    return checker::meets(e, node.labels.find(e.key));
  };
  const auto field = [&](const kube::NodeRequirement& e) { return checker::meets(e, &node.name); };
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  return std::ranges::all_of(term.match_expressions, label) &&
         std::ranges::all_of(term.match_fields, field);
}

bool is_selected(const kube::Scheduling& pod, const Node& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const std::string* label = node.labels.find(key);
    if (label == nullptr || *label != value) return false;
  }
  return pod.required_node_terms.empty() ||
         std::ranges::any_of(pod.required_node_terms,
                             [&](const kube::NodeSelectorTerm& term) { return meets(term, node); });
}

bool tolerates(const kube::Scheduling& pod, const std::vector<kube::Taint>& taints) {
  return std::ranges::all_of(taints, [&](const kube::Taint& taint) {
    return taint.effect == kube::TaintEffect::PreferNoSchedule ||
           std::ranges::any_of(pod.tolerations, [&](const kube::Toleration& toleration) {
             return toleration.tolerates(taint);
           });
  });
}

// --- host ports ---

bool is_any_address(const std::string& ip) { return ip.empty() || ip == "0.0.0.0" || ip == "::"; }

}  // namespace

bool share_a_port(const std::vector<kube::HostPort>& a, const std::vector<kube::HostPort>& b) {
  for (const kube::HostPort& one : a) {
    for (const kube::HostPort& other : b) {
      if (one.port == other.port && one.protocol == other.protocol &&
          (one.ip == other.ip || is_any_address(one.ip) || is_any_address(other.ip)))
        return true;
    }
  }
  return false;
}

namespace {

// --- other pods ---

// Pods that run, or will: those that ended, and those that are being deleted, are not there for a
// spread; kube-scheduler still sees the latter for affinity, and so do we.
bool has_ended(const kube::Pod& pod) {
  return pod.phase == kube::PodPhase::Succeeded || pod.phase == kube::PodPhase::Failed;
}

bool must_hold(const kube::TopologySpreadConstraint& spread) {
  return spread.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule;
}

// The selector with what matchLabelKeys and mismatchLabelKeys add from the pod's own labels.
std::optional<kube::LabelSelector> completed(std::optional<kube::LabelSelector> selector,
                                             const kube::Pod& pod,
                                             const std::vector<std::string>& match,
                                             const std::vector<std::string>& mismatch = {}) {
  if (!selector) return selector;
  for (const std::string& key : match) {
    if (const std::string* value = pod.meta.labels.find(key))
      selector->match_expressions.push_back({key, kube::SelectorOperator::In, {*value}});
  }
  for (const std::string& key : mismatch) {
    if (const std::string* value = pod.meta.labels.find(key))
      selector->match_expressions.push_back({key, kube::SelectorOperator::NotIn, {*value}});
  }
  return selector;
}

class Checker {
 public:
  explicit Checker(const Placement& placement, SpreadHolds spread = SpreadHolds::AtTheEnd)
      : placement_(placement), spread_(spread) {
    for (const PlacedPod& placed : placement_.pods) {
      const auto it = std::ranges::find(placement_.nodes, placed.node, &Node::name);
      nodes_.push_back(it == placement_.nodes.end() ? nullptr : &*it);
    }
  }

  std::vector<std::string> run() {
    for (const PlacedPod& placed : placement_.pods) {
      if (placed.is_new) look_at(placed);
    }
    look_at_order();
    std::ranges::move(bought_problems(placement_), std::back_inserter(problems_));
    return std::move(problems_);
  }

  void look_at(const PlacedPod& placed) {
    pod_ = placed.pod.meta.name;
    const Node* node = node_of(placed);
    if (node == nullptr) return problem("there is no node {}", placed.node);
    if (node->is_going) problem("node {} is going", node->name);
    const kube::Scheduling& wants = placed.pod.scheduling;
    if (!is_selected(wants, *node)) problem("its node affinity does not allow {}", node->name);
    if (!tolerates(wants, node->taints))
      problem("it does not tolerate the taints of {}", node->name);
    look_at_resources(placed, *node);
    look_at_ports(placed, *node);
    look_at_volumes(placed, *node);
    look_at_affinity(placed, *node);
    look_at_anti_affinity(placed, *node);
    for (const kube::TopologySpreadConstraint& spread : wants.topology_spread) {
      if (!must_hold(spread)) continue;
      if (!node->labels.contains(spread.topology_key)) {
        problem("{} has no {}, over which it is spread", node->name, spread.topology_key);
      } else if (spread_ == SpreadHolds::AtTheEnd) {
        const std::string exceeded = exceeded_skew(placed, *node, spread, everybody());
        if (!exceeded.empty()) problem("{}", exceeded);
      }
    }
  }

  std::vector<std::string> take() { return std::move(problems_); }

 private:
  template <typename... Args>
  void problem(fmt::format_string<Args...> format, Args&&... args) {
    const std::string text = fmt::format(format, std::forward<Args>(args)...);
    problems_.push_back(pod_.empty() ? text : fmt::format("{}: {}", pod_, text));
  }

  // `placed` stands in the placement, here and below.
  [[nodiscard]] std::size_t number_of(const PlacedPod& placed) const {
    return static_cast<std::size_t>(&placed - placement_.pods.data());
  }
  [[nodiscard]] const Node* node_of(const PlacedPod& placed) const {
    return nodes_[number_of(placed)];
  }

  [[nodiscard]] const std::string* domain_of(const PlacedPod& placed,
                                             const std::string& key) const {
    const Node* node = node_of(placed);
    return node == nullptr ? nullptr : node->labels.find(key);
  }

  static bool is_same(const PlacedPod& a, const PlacedPod& b) {
    return a.pod.meta.uid == b.pod.meta.uid;
  }

  void look_at_resources(const PlacedPod& placed, const Node& node) {
    kube::Resources sum;
    for (const PlacedPod& other : placement_.pods) {
      if (other.node == node.name && !has_ended(other.pod)) sum += other.pod.scheduling.requests;
    }
    placed.pod.scheduling.requests.for_each([&](std::string_view name, std::int64_t) {
      if (sum.get(name) > node.room.get(name))
        problem("{} has {} of {}, and {} is asked for", node.name, node.room.get(name), name,
                sum.get(name));
    });
  }

  void look_at_ports(const PlacedPod& placed, const Node& node) {
    const std::vector<kube::HostPort>& ports = placed.pod.scheduling.host_ports;
    if (share_a_port(ports, node.taken_ports))
      problem("a DaemonSet has its host port on {}", node.name);
    for (const PlacedPod& other : placement_.pods) {
      if (other.node == node.name && !is_same(placed, other) && !has_ended(other.pod) &&
          share_a_port(ports, other.pod.scheduling.host_ports))
        problem("{} has its host port on {}", other.pod.meta.name, node.name);
    }
  }

  void look_at_volumes(const PlacedPod& placed, const Node& node) {
    if (placed.pod.scheduling.volume_claims.empty()) return;
    for (const std::string& text : volume_problems(placement_.storage, placed.pod, node.labels))
      problem("{}: {}", node.name, text);
    std::vector<const kube::Pod*> before;
    std::vector<const kube::Pod*> all;
    for (const PlacedPod& other : placement_.pods) {
      if (other.node != node.name || has_ended(other.pod)) continue;
      all.push_back(&other.pod);
      if (!other.is_new) before.push_back(&other.pod);
    }
    for (const std::string& text :
         attach_problems(placement_.storage, placed.pod, before, all, node.volume_limits))
      problem("{} has {}", node.name, text);
  }

  // No namespaces and no selector of them: the pod's own; else those listed and those selected.
  [[nodiscard]] bool is_in_namespaces(const kube::PodAffinityTerm& term, const kube::Pod& pod,
                                      const kube::Pod& other) const {
    const std::string& where = other.meta.namespace_;
    if (term.namespaces.empty() && !term.namespace_selector) return where == pod.meta.namespace_;
    if (std::ranges::find(term.namespaces, where) != term.namespaces.end()) return true;
    const auto labels = placement_.namespaces.find(where);
    return term.namespace_selector &&
           term.namespace_selector->matches(
               labels == placement_.namespaces.end() ? kube::StringMap{} : labels->second);
  }

  [[nodiscard]] bool matches(const kube::PodAffinityTerm& term, const kube::Pod& pod,
                             const kube::Pod& other) const {
    if (!term.selector || !is_in_namespaces(term, pod, other)) return false;
    if (term.match_label_keys.empty() && term.mismatch_label_keys.empty())
      return term.selector->matches(other.meta.labels);
    return completed(term.selector, pod, term.match_label_keys, term.mismatch_label_keys)
        ->matches(other.meta.labels);
  }

  // kube-scheduler counts a pod as a target only if it matches every required term.
  [[nodiscard]] bool is_target(const kube::Pod& pod, const kube::Pod& other) const {
    return std::ranges::all_of(
        pod.scheduling.required_pod_affinity,
        [&](const kube::PodAffinityTerm& term) { return matches(term, pod, other); });
  }

  using Pods = std::vector<const PlacedPod*>;

  const Pods& targets_of(const PlacedPod& placed) {
    const auto [it, is_new] = targets_.try_emplace(&placed);
    if (!is_new) return it->second;
    for (const PlacedPod& other : placement_.pods) {
      if (!is_same(placed, other) && !has_ended(other.pod) && is_target(placed.pod, other.pod) &&
          node_of(other) != nullptr)
        it->second.push_back(&other);
    }
    return it->second;
  }

  // Every term has one of these pods in the pod's domain.
  [[nodiscard]] bool are_near(const PlacedPod& placed, const Node& node,
                              const Pods& targets) const {
    return std::ranges::all_of(
        placed.pod.scheduling.required_pod_affinity, [&](const kube::PodAffinityTerm& term) {
          const std::string* here = node.labels.find(term.topology_key);
          return here != nullptr && std::ranges::any_of(targets, [&](const PlacedPod* target) {
                   const std::string* there = domain_of(*target, term.topology_key);
                   return there != nullptr && *there == *here;
                 });
        });
  }

  void look_at_affinity(const PlacedPod& placed, const Node& node) {
    const auto& terms = placed.pod.scheduling.required_pod_affinity;
    if (terms.empty()) return;
    for (const kube::PodAffinityTerm& term : terms) {
      if (!node.labels.contains(term.topology_key))
        return problem("{} has no {}, which its pod affinity needs", node.name, term.topology_key);
    }
    const Pods& targets = targets_of(placed);
    const bool is_first_of_its_group = targets.empty() && is_target(placed.pod, placed.pod);
    if (!is_first_of_its_group && !are_near(placed, node, targets))
      problem("its pod affinity is not met on {} ({} elsewhere)", node.name, targets.size());
  }

  [[nodiscard]] Pods everybody() const {
    Pods pods;
    for (const PlacedPod& placed : placement_.pods) pods.push_back(&placed);
    return pods;
  }

  // Pods are bound one after the other: some order must let each of them, those of a spread first.
  void look_at_order() {
    Pods bound;
    Pods waiting;
    for (const PlacedPod& placed : placement_.pods)
      (placed.is_new && node_of(placed) != nullptr ? waiting : bound).push_back(&placed);
    std::ranges::stable_sort(waiting, std::ranges::greater{}, [](const PlacedPod* placed) {
      return std::ranges::any_of(placed->pod.scheduling.topology_spread, must_hold);
    });
    const Pods there = bound;
    const Pods all = waiting;
    for (bool goes_on = true; goes_on;) {
      const auto next = std::ranges::find_if(
          waiting, [&](const PlacedPod* placed) { return can_be_bound(*placed, bound); });
      goes_on = next != waiting.end();
      if (!goes_on) break;
      bound.push_back(*next);
      waiting.erase(next);
    }
    constexpr std::size_t kSearchedMax = 16;  // pods: their subsets are looked at one by one
    std::set<std::uint32_t> seen;
    if (!waiting.empty() && all.size() <= kSearchedMax && has_order(there, all, 0, seen)) return;
    for (const PlacedPod* placed : waiting) {
      pod_ = placed->pod.meta.name;
      problem("in no order can it be bound: what it needs to be near, or even, comes too late");
    }
  }

  // Whether the pods outside of `chosen`, a set of bits, can be bound in some order after those in
  // it.
  bool has_order(const Pods& there, const Pods& pods, std::uint32_t chosen,
                 std::set<std::uint32_t>& seen) {
    if (chosen + 1 == std::uint32_t{1} << pods.size()) return true;
    if (!seen.insert(chosen).second) return false;
    Pods bound = there;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (((chosen >> i) & 1U) != 0) bound.push_back(pods[i]);
    }
    for (std::size_t i = 0; i < pods.size(); ++i) {
      const std::uint32_t more = chosen | (std::uint32_t{1} << i);
      if (more == chosen || !can_be_bound(*pods[i], bound)) continue;
      // Of pods that are alike in all that matters, the first stands for the others.
      const auto is_like_it = [&](std::size_t before) {
        return ((chosen >> before) & 1U) == 0 && are_alike(*pods[before], *pods[i]);
      };
      const auto earlier = std::views::iota(std::size_t{0}, i);
      if (std::ranges::none_of(earlier, is_like_it) && has_order(there, pods, more, seen))
        return true;
    }
    return false;
  }

  static bool are_alike(const PlacedPod& a, const PlacedPod& b) {
    return a.node == b.node && a.pod.meta.namespace_ == b.pod.meta.namespace_ &&
           a.pod.meta.labels == b.pod.meta.labels && a.pod.scheduling == b.pod.scheduling;
  }

  bool can_be_bound(const PlacedPod& placed, const Pods& bound) {
    const Node& node = *node_of(placed);
    const kube::Scheduling& wants = placed.pod.scheduling;
    if (!wants.required_pod_affinity.empty()) {
      Pods there;
      for (const PlacedPod* target : targets_of(placed)) {
        if (std::ranges::find(bound, target) != bound.end()) there.push_back(target);
      }
      const bool is_first = there.empty() && is_target(placed.pod, placed.pod);
      if (!are_near(placed, node, there) && !is_first) return false;
    }
    if (spread_ == SpreadHolds::AtTheEnd) return true;
    Pods with_it = bound;
    with_it.push_back(&placed);
    return std::ranges::all_of(
        wants.topology_spread, [&](const kube::TopologySpreadConstraint& spread) {
          return !must_hold(spread) || !node.labels.contains(spread.topology_key) ||
                 exceeded_skew(placed, node, spread, with_it).empty();
        });
  }

  void look_at_anti_affinity(const PlacedPod& placed, const Node& node) {
    const auto repels = [&](const PlacedPod& carrier, const PlacedPod& other,
                            const kube::PodAffinityTerm& term) {
      if (!matches(term, carrier.pod, other.pod)) return false;
      const std::string* here = node.labels.find(term.topology_key);
      const PlacedPod& there = is_same(carrier, placed) ? other : carrier;
      const std::string* domain = domain_of(there, term.topology_key);
      return here != nullptr && domain != nullptr && *here == *domain;
    };
    for (const PlacedPod& other : placement_.pods) {
      if (is_same(placed, other) || has_ended(other.pod)) continue;
      for (const kube::PodAffinityTerm& term : placed.pod.scheduling.required_pod_anti_affinity) {
        if (repels(placed, other, term))
          problem("it repels {}, in its {}", other.pod.meta.name, term.topology_key);
      }
      for (const kube::PodAffinityTerm& term : other.pod.scheduling.required_pod_anti_affinity) {
        if (repels(other, placed, term))
          problem("{} repels it, in its {}", other.pod.meta.name, term.topology_key);
      }
    }
  }

  // Nodes that count for a constraint: they have the keys of all the pod's constraints, and pass
  // its policies.
  static bool is_eligible(const kube::Scheduling& pod, const Node& node,
                          const kube::TopologySpreadConstraint& spread) {
    for (const kube::TopologySpreadConstraint& other : pod.topology_spread) {
      if (must_hold(other) && !node.labels.contains(other.topology_key)) return false;
    }
    if (spread.node_affinity_policy == kube::NodeInclusionPolicy::Honor && !is_selected(pod, node))
      return false;
    return spread.node_taints_policy == kube::NodeInclusionPolicy::Ignore ||
           tolerates(pod, node.taints);
  }

  // Over which domains a constraint of the pod counts, and whom.
  struct Counted {
    std::vector<std::string_view> domains;
    // By domain: a node that takes pods is there, or could be. Others are domains as long as they
    // have pods.
    std::vector<bool> takes_pods;
    static constexpr std::size_t kNone = SIZE_MAX;
    std::vector<std::size_t> of_pod;  // by pod of the placement: its domain; kNone: not counted

    [[nodiscard]] std::size_t find(std::string_view domain) const {
      const auto it = std::ranges::find(domains, domain);
      return it == domains.end() ? kNone : static_cast<std::size_t>(it - domains.begin());
    }
  };

  const Counted& counted_by(const PlacedPod& placed, const kube::TopologySpreadConstraint& spread) {
    const auto [it, is_new] = counted_.try_emplace(&spread);
    Counted& counted = it->second;
    if (!is_new) return counted;
    const kube::Scheduling& wants = placed.pod.scheduling;
    const auto look_at_node = [&](const Node& node) {
      if (!is_eligible(wants, node, spread)) return;
      const std::string& domain = *node.labels.find(spread.topology_key);
      std::size_t known = counted.find(domain);
      if (known == Counted::kNone) {
        known = counted.domains.size();
        counted.domains.emplace_back(domain);
        counted.takes_pods.push_back(false);
      }
      if (!node.is_going) counted.takes_pods[known] = true;
    };
    for (const Node& node : placement_.nodes) look_at_node(node);
    for (const Node& node : placement_.fresh) look_at_node(node);
    const auto selector = completed(spread.selector, placed.pod, spread.match_label_keys);
    for (const PlacedPod& other : placement_.pods) {
      const Node* node = node_of(other);
      const bool counts =
          selector && node != nullptr && !has_ended(other.pod) && !other.pod.meta.is_deleting() &&
          other.pod.meta.namespace_ == placed.pod.meta.namespace_ &&
          selector->matches(other.pod.meta.labels) && is_eligible(wants, *node, spread);
      counted.of_pod.push_back(counts ? counted.find(*node->labels.find(spread.topology_key))
                                      : Counted::kNone);
    }
    return counted;
  }

  // A sentence if these pods make the skew of the pod too large; "": they do not.
  std::string exceeded_skew(const PlacedPod& placed, const Node& node,
                            const kube::TopologySpreadConstraint& spread, const Pods& pods) {
    const Counted& counted = counted_by(placed, spread);
    std::vector<std::int64_t> counts(counted.domains.size());
    for (const PlacedPod* other : pods) {
      const std::size_t domain = counted.of_pod[number_of(*other)];
      if (domain != Counted::kNone) ++counts[domain];
    }
    std::int64_t domains = 0;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t domain = 0; domain < counts.size(); ++domain) {
      if (!counted.takes_pods[domain] && counts[domain] == 0) continue;
      ++domains;
      least = std::min(least, counts[domain]);
    }
    const bool are_too_few = spread.min_domains && domains < std::int64_t{*spread.min_domains};
    if (domains == 0 || are_too_few || spread.topology_key == kube::kHostname) least = 0;
    const std::string& here = *node.labels.find(spread.topology_key);
    const std::size_t own = counted.find(here);
    const std::int64_t count = own == Counted::kNone ? 0 : counts[own];
    const std::int64_t skew = count - least;
    if (skew <= spread.max_skew) return {};
    return fmt::format("{} has {} of its spread over {}, {} more than the least; {} is allowed",
                       here, count, spread.topology_key, skew, spread.max_skew);
  }

  const Placement& placement_;
  SpreadHolds spread_;
  std::vector<const Node*> nodes_;  // by pod; nullptr: it is not there
  // What was asked before.
  std::map<const PlacedPod*, Pods> targets_;
  std::map<const kube::TopologySpreadConstraint*, Counted> counted_;
  std::string pod_;  // of whom the next problem tells
  std::vector<std::string> problems_;
};

}  // namespace

bool may_run(const kube::Scheduling& pod, const Node& node) {
  return is_selected(pod, node) && tolerates(pod, node.taints);
}

std::vector<std::string> check(const Placement& placement, SpreadHolds spread) {
  return Checker(placement, spread).run();
}

namespace {

// For this pod, while it is empty.
bool has_room(const Node& node, const kube::Pod& pod) {
  bool has_all = true;
  pod.scheduling.requests.for_each([&](std::string_view name, std::int64_t amount) {
    has_all = has_all && amount <= node.room.get(name);
  });
  return has_all;
}

}  // namespace

const Node* fresh_node_for(Placement& placement, const kube::Pod& pod) {
  const Node* found = nullptr;
  placement.nodes.emplace_back();
  placement.pods.push_back({pod, {}, true});
  for (const Node& kind : placement.fresh) {
    if (!kind.is_for_sale || !may_run(pod.scheduling, kind) || !has_room(kind, pod)) continue;
    placement.nodes.back() = kind;
    placement.nodes.back().is_new = true;
    placement.pods.back().node = kind.name;
    Checker checker(placement);
    checker.look_at(placement.pods.back());
    if (!checker.take().empty() || !bought_problems(placement).empty()) continue;
    // Nor may it take from another what that one relies on: whoever is the first of its kind stands
    // beside the others in the end.
    if (!check(placement, SpreadHolds::InSomeOrder).empty()) continue;
    found = &kind;
    break;
  }
  placement.nodes.pop_back();
  placement.pods.pop_back();
  return found;
}

}  // namespace hyperwright::checker
