#include "tests/scenarios/runner/topology_words.h"

#include <functional>

#include <fmt/format.h>

#include "tests/scenarios/runner/vocabulary.h"

namespace hyperwright::scenarios {
namespace {

using EachKey = std::function<void(const std::string& word, const YAML::Node& value, int weight)>;

// {zone: ..., hostname: ...}, or a list of such maps, each with a weight where that has a meaning.
void for_each_key(Fields& fields, std::string_view key, const EachKey& visit) {
  const auto node = fields.take(key);
  if (!node) return;
  const auto read = [&](const YAML::Node& map) {
    Fields keys(map, fmt::format("{}: {}", fields.what(), key), fields.problems());
    const auto weight = static_cast<int>(keys.number("weight", 1));
    for (const auto& [word, value] : keys.rest()) visit(word, value, weight);
  };
  if (!node->IsSequence()) return read(*node);
  for (const YAML::Node& map : *node) read(map);
}

kube::NodeInclusionPolicy policy_of(Fields& fields, std::string_view key,
                                    kube::NodeInclusionPolicy usual) {
  const std::string word = fields.text(key);
  if (word.empty()) return usual;
  if (word == "honor") return kube::NodeInclusionPolicy::Honor;
  if (word != "ignore") {
    fields.problem(*fields.take(key), fmt::format("{}: {} is honor or ignore", fields.what(), key));
  }
  return kube::NodeInclusionPolicy::Ignore;
}

kube::TopologySpreadConstraint spread_of(const std::string& word, const YAML::Node& value,
                                         const std::string& what, const kube::StringMap& labels,
                                         Problems& problems) {
  kube::TopologySpreadConstraint spread;
  spread.topology_key = label_key(word);
  spread.selector = kube::LabelSelector{labels, {}};
  if (const auto skew = number_of(value)) {
    spread.max_skew = static_cast<std::int32_t>(*skew);
    return spread;
  }
  Fields parts(value, fmt::format("{}: {}", what, word), problems);
  spread.max_skew = static_cast<std::int32_t>(parts.number("skew", 1));
  if (parts.flag("anyway", false))
    spread.when_unsatisfiable = kube::WhenUnsatisfiable::ScheduleAnyway;
  if (const auto domains = parts.number("min domains", 0); domains > 0)
    spread.min_domains = static_cast<std::int32_t>(domains);
  if (const auto select = parts.take("select"))
    spread.selector = selector_of(*select, parts.what() + ": select", problems);
  spread.match_label_keys = parts.texts("match keys");
  spread.node_affinity_policy = policy_of(parts, "affinity policy", spread.node_affinity_policy);
  spread.node_taints_policy = policy_of(parts, "taints policy", spread.node_taints_policy);
  return spread;
}

kube::PodAffinityTerm term_of(const std::string& word, const YAML::Node& value,
                              const std::string& what, Problems& problems) {
  kube::PodAffinityTerm term;
  term.topology_key = label_key(word);
  if (!value.IsMap() || !value["select"].IsDefined()) {
    term.selector = selector_of(value, what, problems);
    return term;
  }
  Fields parts(value, what, problems);
  term.selector = selector_of(*parts.take("select"), what + ": select", problems);
  term.namespaces = parts.texts("namespaces");
  if (const auto select = parts.take("namespace select"))
    term.namespace_selector = selector_of(*select, what + ": namespace select", problems);
  term.match_label_keys = parts.texts("match keys");
  term.mismatch_label_keys = parts.texts("mismatch keys");
  return term;
}

void read_terms(Fields& fields, std::string_view key, std::vector<kube::PodAffinityTerm>& terms) {
  for_each_key(fields, key, [&](const std::string& word, const YAML::Node& value, int) {
    terms.push_back(
        term_of(word, value, fmt::format("{}: {}", fields.what(), key), fields.problems()));
  });
}

void read_preferred(Fields& fields, std::string_view key,
                    std::vector<kube::PreferredPodAffinityTerm>& terms) {
  for_each_key(fields, key, [&](const std::string& word, const YAML::Node& value, int weight) {
    terms.push_back({weight, term_of(word, value, fmt::format("{}: {}", fields.what(), key),
                                     fields.problems())});
  });
}

kube::SelectorRequirement expression(const std::string& key, const YAML::Node& value,
                                     const std::string& what, Problems& problems) {
  if (value.IsSequence()) return {key, kube::SelectorOperator::In, texts_of(value, what, problems)};
  if (value.IsScalar()) {
    const bool exists = value.Scalar() == "exists";
    return {
        key, exists ? kube::SelectorOperator::Exists : kube::SelectorOperator::DoesNotExist, {}};
  }
  Fields parts(value, what, problems);
  return {key, kube::SelectorOperator::NotIn, parts.texts("not in")};
}

}  // namespace

std::optional<kube::LabelSelector> selector_of(const YAML::Node& node, const std::string& what,
                                               Problems& problems) {
  kube::LabelSelector selector;
  if (node.IsScalar() && node.Scalar() == "none") return std::nullopt;
  if (node.IsScalar() && node.Scalar() == "all") return selector;
  Fields fields(node, what, problems);
  for (const auto& [key, value] : fields.rest()) {
    const bool is_label =
        value.IsScalar() && value.Scalar() != "exists" && value.Scalar() != "absent";
    if (is_label) {
      selector.match_labels.set(key, value.Scalar());
    } else {
      selector.match_expressions.push_back(
          expression(key, value, fmt::format("{}: {}", what, key), problems));
    }
  }
  return selector;
}

std::vector<kube::TopologySpreadConstraint> spreads_of(Fields& fields, std::string_view key,
                                                       const kube::StringMap& labels) {
  std::vector<kube::TopologySpreadConstraint> spreads;
  for_each_key(fields, key, [&](const std::string& word, const YAML::Node& value, int) {
    spreads.push_back(spread_of(word, value, fmt::format("{}: {}", fields.what(), key), labels,
                                fields.problems()));
  });
  return spreads;
}

void read_topology(Fields& fields, const kube::StringMap& labels, kube::Scheduling& pod) {
  pod.topology_spread = spreads_of(fields, "spread", labels);
  read_terms(fields, "affinity", pod.required_pod_affinity);
  read_terms(fields, "anti-affinity", pod.required_pod_anti_affinity);
  read_preferred(fields, "prefer affinity", pod.preferred_pod_affinity);
  read_preferred(fields, "prefer anti-affinity", pod.preferred_pod_anti_affinity);
}

}  // namespace hyperwright::scenarios
