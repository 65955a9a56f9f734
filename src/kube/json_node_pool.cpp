#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_node_claim_spec.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

constexpr std::pair<std::string_view, ConsolidationPolicy> kPolicies[] = {
    {"WhenEmptyOrUnderutilized", ConsolidationPolicy::WhenEmptyOrUnderutilized},
    {"WhenEmpty", ConsolidationPolicy::WhenEmpty},
    {"Balanced", ConsolidationPolicy::Balanced}};

bool is_any_condition(std::string_view) { return true; }

DisruptionBudget decode_budget(const JsonField& field) {
  DisruptionBudget budget;
  if (const JsonField nodes = field.at("nodes"); nodes.exists()) budget.nodes = nodes.text();
  if (const JsonField schedule = field.at("schedule"); schedule.exists())
    budget.schedule = schedule.text();
  if (const JsonField duration = field.at("duration"); duration.exists())
    budget.duration = duration.text();
  if (const JsonField reasons = field.at("reasons"); reasons.exists())
    budget.reasons = reasons.texts();
  return budget;
}

boost::json::object encode_budget(const DisruptionBudget& budget) {
  boost::json::object json = {{"nodes", budget.nodes}};
  if (budget.schedule) json["schedule"] = *budget.schedule;
  if (budget.duration) json["duration"] = *budget.duration;
  if (budget.reasons) json["reasons"] = encode_texts(*budget.reasons);
  return json;
}

Disruption decode_disruption(const JsonField& field) {
  Disruption disruption;
  disruption.consolidate_after = decode_duration_or_never(field.at("consolidateAfter"), Duration{});
  disruption.policy = field.at("consolidationPolicy")
                          .choice(kPolicies)
                          .value_or(ConsolidationPolicy::WhenEmptyOrUnderutilized);
  if (const JsonField budgets = field.at("budgets"); budgets.exists()) {
    disruption.budgets.clear();
    budgets.each_item(
        [&](const JsonField& budget) { disruption.budgets.push_back(decode_budget(budget)); });
  }
  return disruption;
}

boost::json::object encode_disruption(const Disruption& disruption) {
  boost::json::object json = {
      {"consolidateAfter", encode_duration_or_never(disruption.consolidate_after)}};
  for (const auto& [name, policy] : kPolicies) {
    if (policy == disruption.policy) json["consolidationPolicy"] = name;
  }
  boost::json::array budgets;
  for (const DisruptionBudget& budget : disruption.budgets)
    budgets.push_back(encode_budget(budget));
  json["budgets"] = std::move(budgets);
  return json;
}

// Those that are too much are not carried about with each picture of the pool, which they make
// invalid.
StringMap decode_template_annotations(const JsonField& field) {
  std::size_t bytes = 0;
  field.each_member([&](const JsonField& annotation) {
    bytes += annotation.name().size() + annotation.if_text().value_or(std::string_view{}).size();
  });
  const auto problem = template_annotations_problem(bytes);
  if (!problem) return decode_string_map(field);
  field.problem(*problem);
  return {};
}

void decode_pool_spec(const JsonField& spec, NodePool& pool) {
  const JsonField node_template = spec.at("template");
  const JsonField template_meta = node_template.at("metadata");
  pool.template_labels = decode_string_map(template_meta.at("labels"));
  pool.template_annotations = decode_template_annotations(template_meta.at("annotations"));
  pool.template_spec = decode_node_claim_spec(node_template.at("spec"));
  pool.template_spec.requests = {};
  pool.disruption = decode_disruption(spec.at("disruption"));
  if (const JsonField limits = spec.at("limits"); limits.exists())
    pool.limits = decode_limits(limits);
  if (const JsonField weight = spec.at("weight"); weight.exists()) {
    pool.weight = static_cast<std::int32_t>(weight.integer({.min = 1, .max = 100, .otherwise = 0}));
  }
  if (const JsonField replicas = spec.at("replicas"); replicas.exists()) {
    pool.replicas = replicas.integer({.min = 0, .max = INT64_MAX, .otherwise = 0});
  }
}

}  // namespace

Result<NodePool> decode_node_pool(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField status = root.at("status");
  NodePool pool;
  pool.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("NodePool", pool.meta, problems); !named)
    return fail(named.error());
  decode_pool_spec(root.at("spec"), pool);
  pool.status_resources = decode_resources(status.at("resources"), /*may_be_negative=*/true);
  pool.status_nodes = status.at("nodes").integer();
  pool.node_class_observed_generation = status.at("nodeClassObservedGeneration").integer();
  pool.conditions = decode_conditions(status.at("conditions"), is_any_condition);
  pool.decode_problems = decode_problems_of(json, problems);
  return pool;
}

boost::json::value encode(const NodePool& pool) {
  boost::json::object template_meta;
  put_object(template_meta, "labels", encode_map(pool.template_labels));
  put_object(template_meta, "annotations", encode_map(pool.template_annotations));
  boost::json::object node_template;
  put_object(node_template, "metadata", std::move(template_meta));
  node_template["spec"] = encode_node_claim_spec(pool.template_spec);
  boost::json::object spec = {{"template", std::move(node_template)},
                              {"disruption", encode_disruption(pool.disruption)}};
  if (pool.limits) spec["limits"] = encode_limits(*pool.limits);
  if (pool.weight != 0) spec["weight"] = pool.weight;
  if (pool.replicas) spec["replicas"] = *pool.replicas;

  boost::json::object status = {{"nodes", pool.status_nodes}};
  put_object(status, "resources", encode_amounts(pool.status_resources));
  if (pool.node_class_observed_generation != 0) {
    status["nodeClassObservedGeneration"] = pool.node_class_observed_generation;
  }
  put_array(status, "conditions", encode(pool.conditions).as_array());

  boost::json::object json = encode_kind("karpenter.sh/v1", "NodePool", pool.meta);
  json["spec"] = std::move(spec);
  json["status"] = std::move(status);
  put_decode_problems(json, pool.decode_problems);
  return json;
}

}  // namespace hyperwright::kube
