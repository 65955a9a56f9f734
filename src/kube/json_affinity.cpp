#include "kube/json_affinity.h"

#include <boost/json.hpp>

#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

constexpr std::pair<std::string_view, TolerationOperator> kTolerationOperators[] = {
    {"Equal", TolerationOperator::Equal},
    {"Exists", TolerationOperator::Exists},
    {"Lt", TolerationOperator::Lt},
    {"Gt", TolerationOperator::Gt}};
constexpr std::pair<std::string_view, TaintEffect> kTolerationEffects[] = {
    {"NoSchedule", TaintEffect::NoSchedule},
    {"PreferNoSchedule", TaintEffect::PreferNoSchedule},
    {"NoExecute", TaintEffect::NoExecute}};
constexpr std::pair<std::string_view, WhenUnsatisfiable> kWhenUnsatisfiable[] = {
    {"DoNotSchedule", WhenUnsatisfiable::DoNotSchedule},
    {"ScheduleAnyway", WhenUnsatisfiable::ScheduleAnyway}};
constexpr std::pair<std::string_view, NodeInclusionPolicy> kInclusionPolicies[] = {
    {"Honor", NodeInclusionPolicy::Honor}, {"Ignore", NodeInclusionPolicy::Ignore}};

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

NodeSelectorTerm decode_node_term(const JsonField& term) {
  return {.match_expressions = decode_node_requirements(term.at("matchExpressions")),
          .match_fields = decode_node_requirements(term.at("matchFields"))};
}

boost::json::object encode_node_term(const NodeSelectorTerm& term) {
  boost::json::object json;
  put_array(json, "matchExpressions", encode_requirements(term.match_expressions));
  put_array(json, "matchFields", encode_requirements(term.match_fields));
  return json;
}

std::int32_t decode_weight(const JsonField& preferred) {
  return static_cast<std::int32_t>(
      preferred.at("weight").integer({.min = 1, .max = 100, .otherwise = 1}));
}

PodAffinityTerm decode_pod_term(const JsonField& term) {
  return {.topology_key = std::string(term.at("topologyKey").text()),
          .selector = decode_selector(term.at("labelSelector")),
          .namespaces = term.at("namespaces").texts(),
          .namespace_selector = decode_selector(term.at("namespaceSelector")),
          .match_label_keys = term.at("matchLabelKeys").texts(),
          .mismatch_label_keys = term.at("mismatchLabelKeys").texts()};
}

boost::json::object encode_pod_term(const PodAffinityTerm& term) {
  boost::json::object json = {{"topologyKey", term.topology_key}};
  if (term.selector) json["labelSelector"] = encode_selector(*term.selector);
  put_array(json, "namespaces", encode_texts(term.namespaces));
  if (term.namespace_selector)
    json["namespaceSelector"] = encode_selector(*term.namespace_selector);
  put_array(json, "matchLabelKeys", encode_texts(term.match_label_keys));
  put_array(json, "mismatchLabelKeys", encode_texts(term.mismatch_label_keys));
  return json;
}

void decode_pod_affinity(const JsonField& affinity, std::vector<PodAffinityTerm>& required,
                         std::vector<PreferredPodAffinityTerm>& preferred) {
  const JsonField required_terms = affinity.at(kRequired);
  required_terms.each_item(
      [&](const JsonField& term) { required.push_back(decode_pod_term(term)); });
  const JsonField preferred_terms = affinity.at(kPreferred);
  preferred_terms.each_item([&](const JsonField& entry) {
    const JsonField term = entry.at("podAffinityTerm");
    preferred.push_back({.weight = decode_weight(entry), .term = decode_pod_term(term)});
  });
}

boost::json::object encode_pod_affinity(const std::vector<PodAffinityTerm>& required,
                                        const std::vector<PreferredPodAffinityTerm>& preferred) {
  boost::json::array required_terms;
  for (const PodAffinityTerm& term : required) required_terms.push_back(encode_pod_term(term));
  boost::json::array preferred_terms;
  for (const PreferredPodAffinityTerm& entry : preferred) {
    preferred_terms.push_back(
        {{"weight", entry.weight}, {"podAffinityTerm", encode_pod_term(entry.term)}});
  }
  boost::json::object json;
  put_array(json, kRequired, std::move(required_terms));
  put_array(json, kPreferred, std::move(preferred_terms));
  return json;
}

void decode_node_affinity(const JsonField& affinity, Scheduling& scheduling) {
  const JsonField required = affinity.at(kRequired);
  scheduling.required_node_terms = decode_node_terms(required.at("nodeSelectorTerms"));
  const JsonField preferred = affinity.at(kPreferred);
  preferred.each_item([&](const JsonField& entry) {
    const JsonField term = entry.at("preference");
    scheduling.preferred_node_terms.push_back(
        {.weight = decode_weight(entry), .term = decode_node_term(term)});
  });
}

boost::json::object encode_node_affinity(const Scheduling& scheduling) {
  boost::json::object json;
  boost::json::array required = encode_node_terms(scheduling.required_node_terms);
  if (!required.empty()) json[kRequired] = {{"nodeSelectorTerms", std::move(required)}};
  boost::json::array preferred;
  for (const PreferredNodeTerm& entry : scheduling.preferred_node_terms) {
    preferred.push_back({{"weight", entry.weight}, {"preference", encode_node_term(entry.term)}});
  }
  put_array(json, kPreferred, std::move(preferred));
  return json;
}

TopologySpreadConstraint decode_spread(const JsonField& field) {
  TopologySpreadConstraint constraint;
  constraint.max_skew = static_cast<std::int32_t>(
      field.at("maxSkew").integer({.min = 1, .max = INT32_MAX, .otherwise = 1}));
  constraint.topology_key = field.at("topologyKey").text();
  constraint.when_unsatisfiable = field.at("whenUnsatisfiable")
                                      .choice(kWhenUnsatisfiable)
                                      .value_or(WhenUnsatisfiable::DoNotSchedule);
  constraint.selector = decode_selector(field.at("labelSelector"));
  if (const JsonField domains = field.at("minDomains"); domains.exists())
    constraint.min_domains = domains.count();
  constraint.node_affinity_policy = field.at("nodeAffinityPolicy")
                                        .choice(kInclusionPolicies)
                                        .value_or(NodeInclusionPolicy::Honor);
  constraint.node_taints_policy =
      field.at("nodeTaintsPolicy").choice(kInclusionPolicies).value_or(NodeInclusionPolicy::Ignore);
  constraint.match_label_keys = field.at("matchLabelKeys").texts();
  return constraint;
}

boost::json::object encode_spread(const TopologySpreadConstraint& constraint) {
  boost::json::object json = {{"maxSkew", constraint.max_skew},
                              {"topologyKey", constraint.topology_key},
                              {"whenUnsatisfiable", to_string(constraint.when_unsatisfiable)},
                              {"nodeAffinityPolicy", to_string(constraint.node_affinity_policy)},
                              {"nodeTaintsPolicy", to_string(constraint.node_taints_policy)}};
  if (constraint.selector) json["labelSelector"] = encode_selector(*constraint.selector);
  if (constraint.min_domains) json["minDomains"] = *constraint.min_domains;
  put_array(json, "matchLabelKeys", encode_texts(constraint.match_label_keys));
  return json;
}

Toleration decode_toleration(const JsonField& field) {
  Toleration toleration;
  toleration.key = field.at("key").text();
  toleration.value = field.at("value").text();
  if (const JsonField op = field.at("operator"); op.exists() && op.if_text() != "") {
    toleration.op = op.choice(kTolerationOperators).value_or(TolerationOperator::Equal);
  }
  if (const JsonField effect = field.at("effect"); effect.exists() && effect.if_text() != "") {
    toleration.effect = effect.choice(kTolerationEffects);
  }
  if (const JsonField seconds = field.at("tolerationSeconds"); seconds.exists()) {
    toleration.toleration_seconds = seconds.integer();
  }
  return toleration;
}

boost::json::object encode_toleration(const Toleration& toleration) {
  boost::json::object json;
  put_text(json, "key", toleration.key);
  for (const auto& [name, op] : kTolerationOperators) {
    if (op == toleration.op) json["operator"] = name;
  }
  put_text(json, "value", toleration.value);
  if (toleration.effect) json["effect"] = to_string(*toleration.effect);
  if (toleration.toleration_seconds) json["tolerationSeconds"] = *toleration.toleration_seconds;
  return json;
}

}  // namespace

std::vector<NodeSelectorTerm> decode_node_terms(const JsonField& terms) {
  std::vector<NodeSelectorTerm> decoded;
  decoded.reserve(terms.item_count());
  terms.each_item([&](const JsonField& term) { decoded.push_back(decode_node_term(term)); });
  return decoded;
}

boost::json::array encode_node_terms(const std::vector<NodeSelectorTerm>& terms) {
  boost::json::array json;
  for (const NodeSelectorTerm& term : terms) json.push_back(encode_node_term(term));
  return json;
}

void decode_placement(const JsonField& spec, Scheduling& scheduling) {
  scheduling.node_selector = decode_string_map(spec.at("nodeSelector"));
  const JsonField affinity = spec.at("affinity");
  if (affinity.exists()) {
    decode_node_affinity(affinity.at("nodeAffinity"), scheduling);
    decode_pod_affinity(affinity.at("podAffinity"), scheduling.required_pod_affinity,
                        scheduling.preferred_pod_affinity);
    decode_pod_affinity(affinity.at("podAntiAffinity"), scheduling.required_pod_anti_affinity,
                        scheduling.preferred_pod_anti_affinity);
  }
  const JsonField spread = spec.at("topologySpreadConstraints");
  spread.each_item(
      [&](const JsonField& field) { scheduling.topology_spread.push_back(decode_spread(field)); });
  const JsonField tolerations = spec.at("tolerations");
  scheduling.tolerations.reserve(tolerations.item_count());
  tolerations.each_item(
      [&](const JsonField& field) { scheduling.tolerations.push_back(decode_toleration(field)); });
}

void put_placement(boost::json::object& spec, const Scheduling& scheduling) {
  put_object(spec, "nodeSelector", encode_map(scheduling.node_selector));
  boost::json::object affinity;
  put_object(affinity, "nodeAffinity", encode_node_affinity(scheduling));
  put_object(
      affinity, "podAffinity",
      encode_pod_affinity(scheduling.required_pod_affinity, scheduling.preferred_pod_affinity));
  put_object(affinity, "podAntiAffinity",
             encode_pod_affinity(scheduling.required_pod_anti_affinity,
                                 scheduling.preferred_pod_anti_affinity));
  put_object(spec, "affinity", std::move(affinity));
  boost::json::array spread;
  for (const TopologySpreadConstraint& constraint : scheduling.topology_spread) {
    spread.push_back(encode_spread(constraint));
  }
  put_array(spec, "topologySpreadConstraints", std::move(spread));
  boost::json::array tolerations;
  for (const Toleration& toleration : scheduling.tolerations)
    tolerations.push_back(encode_toleration(toleration));
  put_array(spec, "tolerations", std::move(tolerations));
}

}  // namespace hyperwright::kube
