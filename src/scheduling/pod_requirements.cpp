#include "scheduling/pod_requirements.h"

#include <algorithm>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "scheduling/volumes.h"

namespace hyperwright::scheduling {
namespace {

// Constraints that this solver does not place yet. To leave such a pod pending is safe, to place it
// anywhere is not.
std::string unsupported_constraint(const kube::Scheduling& pod) {
  if (pod.has_resource_claims)
    return "it has resource claims, and Dynamic Resource Allocation is not supported yet";
  return {};
}

// What a new node can never meet, as Karpenter's validation of pods has it.
std::string invalid_requirement(const kube::Scheduling& pod) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto valid = kube::validate(
        {.key = key, .op = kube::NodeOperator::In, .values = {value}, .min_values = {}});
    if (!valid) return fmt::format("its node selector cannot be used: {}", valid.error().text());
  }
  bool has_usable_term = pod.required_node_terms.empty();
  for (const kube::NodeSelectorTerm& term : pod.required_node_terms) {
    if (!term.match_fields.empty())
      return "its required node affinity uses matchFields, which only a node that exists can meet";
    for (const kube::NodeRequirement& expression : term.match_expressions) {
      const auto valid = kube::validate(expression);
      if (!valid)
        return fmt::format("its required node affinity cannot be used: {}", valid.error().text());
      if (kube::normalized_key(expression.key) == kube::kNodePool &&
          expression.op == kube::NodeOperator::DoesNotExist) {
        return "it requires that karpenter.sh/nodepool does not exist: it is configured not to run "
               "on nodes of a NodePool";
      }
    }
    has_usable_term |= !term.match_expressions.empty();
  }
  // Kubernetes: a term without expressions matches no node.
  if (!has_usable_term)
    return "each term of its required node affinity is empty, and an empty term matches no node";
  return {};
}

std::vector<const kube::PreferredNodeTerm*> heaviest_first(const kube::Scheduling& pod) {
  std::vector<const kube::PreferredNodeTerm*> terms;
  for (const kube::PreferredNodeTerm& term : pod.preferred_node_terms) {
    // Names of nodes say nothing about new ones; an empty preference prefers nothing.
    if (term.term.match_fields.empty() && !term.term.match_expressions.empty())
      terms.push_back(&term);
  }
  std::ranges::stable_sort(terms, std::ranges::greater{}, &kube::PreferredNodeTerm::weight);
  return terms;
}

std::vector<kube::PodAffinityTerm> heaviest_first(
    std::vector<kube::PreferredPodAffinityTerm> preferred) {
  std::ranges::stable_sort(preferred, std::ranges::greater{},
                           &kube::PreferredPodAffinityTerm::weight);
  std::vector<kube::PodAffinityTerm> terms;
  terms.reserve(preferred.size());
  for (kube::PreferredPodAffinityTerm& each : preferred) terms.push_back(std::move(each.term));
  return terms;
}

// Leaves of the pod's own alternatives what goes with one of its volumes'. A sentence if there is
// nothing, or too much to look at.
std::string tighten(std::vector<kube::Requirements>& required,
                    const std::vector<kube::Requirements>& volumes) {
  const std::vector<kube::Requirements> own = std::move(required);
  required = within(own, volumes, kNodeAlternativesMax + 1);
  if (required.empty()) {
    return fmt::format(
        "it requires {}, and its volumes are in {}; move the volumes, or require what they allow",
        places_text(own), places_text(volumes));
  }
  if (required.size() > kNodeAlternativesMax) {
    return fmt::format(
        "the terms of its node affinity and the places of its volumes can be combined in more than "
        "{} ways, and more are not looked at; write fewer terms",
        kNodeAlternativesMax);
  }
  return {};
}

}  // namespace

std::vector<kube::Requirements> required_alternatives(const kube::Scheduling& pod) {
  const kube::Requirements selector = kube::Requirements::from_labels(pod.node_selector);
  if (pod.required_node_terms.empty()) return {selector};
  std::vector<kube::Requirements> alternatives;
  for (const kube::NodeSelectorTerm& term : pod.required_node_terms) {
    if (term.match_expressions.empty()) continue;
    kube::Requirements& alternative = alternatives.emplace_back(selector);
    alternative.add(kube::Requirements::from(term.match_expressions));
  }
  return alternatives;
}

PodRequirements requirements_of(const kube::Scheduling& pod, bool has_prefer_no_schedule,
                                state::PreferencePolicy policy, const VolumeDemand* volumes) {
  PodRequirements result;
  result.rejection = invalid_requirement(pod);
  if (result.rejection.empty()) result.rejection = unsupported_constraint(pod);
  if (result.rejection.empty() && volumes != nullptr) result.rejection = volumes->problem;
  if (!result.rejection.empty()) return result;

  std::vector<kube::Requirements> required = required_alternatives(pod);
  if (volumes != nullptr && !volumes->alternatives.empty())
    result.rejection = tighten(required, volumes->alternatives);
  if (!result.rejection.empty()) return result;
  std::vector<const kube::PreferredNodeTerm*> preferred;
  Level level{.alternatives = required,
              .tolerates_prefer_no_schedule = false,
              .preferred_pod_affinity = {},
              .preferred_pod_anti_affinity = {},
              .preferred_spread = {}};
  if (policy == state::PreferencePolicy::Respect) {
    preferred = heaviest_first(pod);
    level.preferred_pod_affinity = heaviest_first(pod.preferred_pod_affinity);
    level.preferred_pod_anti_affinity = heaviest_first(pod.preferred_pod_anti_affinity);
    for (const kube::TopologySpreadConstraint& spread : pod.topology_spread) {
      if (spread.when_unsatisfiable == kube::WhenUnsatisfiable::ScheduleAnyway)
        level.preferred_spread.push_back(spread);
    }
  }
  std::size_t next = 0;  // of the preferred node terms
  const auto wish = [&] {
    level.alternatives = required;
    if (next == preferred.size()) return;
    const auto wanted = kube::Requirements::from(preferred[next]->term.match_expressions);
    for (kube::Requirements& alternative : level.alternatives) alternative.add(wanted);
  };
  wish();
  const auto drop_first = [&](auto& preferences) {
    for (; !preferences.empty(); preferences.erase(preferences.begin()))
      result.levels.push_back(level);
  };
  drop_first(level.preferred_pod_affinity);
  drop_first(level.preferred_pod_anti_affinity);
  for (; next < preferred.size();) {
    result.levels.push_back(level);
    ++next;
    wish();
  }
  drop_first(level.preferred_spread);
  result.levels.push_back(level);
  if (has_prefer_no_schedule) {
    level.tolerates_prefer_no_schedule = true;
    result.levels.push_back(level);
  }
  return result;
}

const kube::Taint* first_untolerated(const std::vector<kube::Taint>& taints,
                                     const std::vector<kube::Toleration>& tolerations,
                                     bool tolerates_prefer_no_schedule) {
  for (const kube::Taint& taint : taints) {
    if (tolerates_prefer_no_schedule && taint.effect == kube::TaintEffect::PreferNoSchedule)
      continue;
    if (!kube::is_tolerated(taint, tolerations)) return &taint;
  }
  return nullptr;
}

}  // namespace hyperwright::scheduling
