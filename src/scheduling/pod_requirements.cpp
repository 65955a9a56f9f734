#include "scheduling/pod_requirements.h"

#include <algorithm>

#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

// Constraints that this solver does not place yet. To leave such a pod pending is safe, to place it
// anywhere is not.
std::string unsupported_constraint(const kube::Scheduling& pod) {
  const auto sentence = [](std::string_view what, std::string_view key) {
    return fmt::format("it has {} on {}, which is not supported yet", what, key);
  };
  if (!pod.required_pod_affinity.empty()) {
    return sentence("required pod affinity", pod.required_pod_affinity[0].topology_key);
  }
  if (!pod.required_pod_anti_affinity.empty()) {
    return sentence("required pod anti-affinity", pod.required_pod_anti_affinity[0].topology_key);
  }
  for (const kube::TopologySpreadConstraint& spread : pod.topology_spread) {
    if (spread.when_unsatisfiable == kube::WhenUnsatisfiable::DoNotSchedule) {
      return sentence("a topology spread constraint (DoNotSchedule)", spread.topology_key);
    }
  }
  if (!pod.volume_claims.empty()) {
    return fmt::format(
        "it mounts the PersistentVolumeClaim \"{}\", and volumes are not supported yet",
        pod.volume_claims[0].claim_name);
  }
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

PodRequirements requirements_of(const kube::Scheduling& pod, bool has_prefer_no_schedule) {
  PodRequirements result;
  result.rejection = invalid_requirement(pod);
  if (result.rejection.empty()) result.rejection = unsupported_constraint(pod);
  if (!result.rejection.empty()) return result;

  const std::vector<kube::Requirements> required = required_alternatives(pod);
  for (const kube::PreferredNodeTerm* preferred : heaviest_first(pod)) {
    const kube::Requirements wish = kube::Requirements::from(preferred->term.match_expressions);
    Level& level = result.levels.emplace_back(Level{required, false});
    for (kube::Requirements& alternative : level.alternatives) alternative.add(wish);
  }
  result.levels.push_back(Level{required, false});
  if (has_prefer_no_schedule) result.levels.push_back(Level{required, true});
  return result;
}

const kube::Taint* first_untolerated(const std::vector<kube::Taint>& taints,
                                     const kube::Scheduling& pod,
                                     bool tolerates_prefer_no_schedule) {
  for (const kube::Taint& taint : taints) {
    if (tolerates_prefer_no_schedule && taint.effect == kube::TaintEffect::PreferNoSchedule)
      continue;
    if (!kube::is_tolerated(taint, pod.tolerations)) return &taint;
  }
  return nullptr;
}

}  // namespace hyperwright::scheduling
