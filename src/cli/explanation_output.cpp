#include "cli/explanation_output.h"

#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/table.h"
#include "hyperpod/cluster.h"

namespace hyperwright::cli {
namespace {

namespace json = boost::json;
using hyperpod::PriceSource;
using scheduling::Explanation;
using scheduling::Outcome;
using scheduling::Placement;
using scheduling::PoolExplanation;
using scheduling::RuledOut;
using scheduling::Tally;

// Where the price of its type is from; not known of what is paid for already.
hyperpod::PriceOrigin origin_of(const hyperpod::Offering& offering, const PriceOrigins& origins) {
  const auto at = origins.find(offering.key.type);
  if (at == origins.end() || offering.capacity_type == hyperpod::CapacityType::Reserved) return {};
  return at->second;
}

// --- for people ---

std::string found_in(const RuledOut& rule) {
  if (rule.note.empty()) return rule.found;
  return rule.found.empty() ? rule.note : fmt::format("{} ({})", rule.found, rule.note);
}

void add_rows(std::vector<Row>& rows, const std::string& where, const Tally& tally,
              bool has_offerings) {
  const auto of = [](std::size_t part, std::size_t all) {
    return fmt::format("{} of {}", part, all);
  };
  for (const RuledOut& rule : tally.rules) {
    rows.push_back({where, of(rule.count, tally.total),
                    has_offerings ? of(rule.offerings, tally.offerings) : "",
                    std::string(to_string(rule.rule)), rule.key, rule.wanted, found_in(rule)});
  }
  for (const Outcome& outcome : tally.outcomes) {
    if (!outcome.rules.empty()) continue;
    rows.push_back({where, of(outcome.count, tally.total),
                    has_offerings ? of(outcome.offerings, tally.offerings) : "", "none", "", "",
                    "would do"});
  }
}

std::string what_fell_to_what(const Explanation& explanation) {
  std::vector<Row> rows = {
      {"WHERE", "TYPES", "OFFERINGS", "RULED OUT BY", "KEY", "WANTED", "FOUND"}};
  for (const PoolExplanation& pool : explanation.pools)
    add_rows(rows, fmt::format("NodePool {}", pool.pool), pool.types, true);
  std::string text = rows.size() > 1 ? '\n' + table_of(rows) : std::string{};
  if (!explanation.nodes || explanation.nodes->total == 0) return text;
  rows = {{"WHERE", "NODES", "", "RULED OUT BY", "KEY", "WANTED", "FOUND"}};
  add_rows(rows, "there or coming", *explanation.nodes, false);
  return text + '\n' + table_of(rows);
}

std::string not_offered_text(const Explanation& explanation) {
  std::string text;
  const auto add = [&](const std::string& what, const std::string& why) {
    text += fmt::format("  {} {}\n", what, why);
  };
  for (const auto& entry : explanation.not_offered) add(entry.what, entry.why);
  for (const PoolExplanation& pool : explanation.pools) {
    for (const auto& entry : pool.not_offered)
      add(fmt::format("NodePool {}: {}", pool.pool, entry.what), entry.why);
  }
  return text.empty() ? text : "\nNot offered\n" + text;
}

std::string offerings_text(const Explanation& explanation) {
  std::string usable;
  std::string unavailable;
  for (const PoolExplanation& pool : explanation.pools) {
    for (const auto& offering : pool.usable) {
      if (offering != explanation.placement.offering)
        usable += fmt::format("  {}, NodePool {}\n", scheduling::text_of(offering), pool.pool);
    }
    for (const auto& offering : pool.without_capacity)
      unavailable += fmt::format("  {}, NodePool {}\n", scheduling::text_of(offering), pool.pool);
  }
  std::string text;
  if (!usable.empty()) text += "\nWould do for it alone, cheapest first\n" + usable;
  if (!unavailable.empty()) text += "\nWithout capacity for now\n" + unavailable;
  return text;
}

// "AWS's price list, read at 2026-11-24T12:00:00Z"; "": not known.
std::string price_text(const hyperpod::Offering& offering, const PriceOrigins& origins) {
  const hyperpod::PriceOrigin origin = origin_of(offering, origins);
  std::string text;
  switch (origin.source) {
    case PriceSource::Unknown:
      return {};
    case PriceSource::BuiltIn:
      text = "built in";
      break;
    case PriceSource::PriceList:
      text = "AWS's price list";
      break;
    case PriceSource::File:
      text = "the file of --prices";
      break;
  }
  if (!origin.as_of.is_zero())
    text += fmt::format(", {} {}", origin.source == PriceSource::BuiltIn ? "as of" : "read at",
                        format_time(origin.as_of));
  if (offering.capacity_type == hyperpod::CapacityType::Spot)
    return fmt::format("{}, Spot estimated at {} % of it", text, hyperpod::kSpotPercentOfOnDemand);
  return offering.price.is_estimated ? text + ", estimated" : text;
}

// Of each type that is offered here, each place that its prices are from.
std::string prices_text(const ExplainedPod& pod) {
  std::map<std::string, std::set<std::string>> types;
  const auto add = [&](const hyperpod::Offering& offering) {
    types[price_text(offering, pod.price_origins)].insert(offering.key.type);
  };
  if (pod.explanation.placement.offering) add(*pod.explanation.placement.offering);
  for (const PoolExplanation& pool : pod.explanation.pools) {
    for (const auto& offering : pool.usable) add(offering);
    for (const auto& offering : pool.without_capacity) add(offering);
  }
  types.erase("");
  std::string text;
  for (const auto& [origin, names] : types)
    text += fmt::format("  {}: {}\n", origin, fmt::join(names, ", "));
  return text.empty() ? text : "\nPrices, before discounts\n" + text;
}

std::string_view headline_of(Placement::Where where) {
  switch (where) {
    case Placement::Where::Nowhere:
      return "has no place";
    case Placement::Where::Bound:
      return "has its node";
    default:
      return "has a place";
  }
}

// --- as JSON ---

json::value to_json(const hyperpod::Offering& offering, const PriceOrigins& origins) {
  json::object object{
      {"instanceGroup", offering.key.group},
      {"instanceType", offering.key.type},
      {"zone", offering.key.zone},
      {"capacityType", hyperpod::karpenter_word(offering.capacity_type)},
      {"usdPerHour", hyperpod::format_dollars(offering.price.per_hour, 6).substr(1)},
      {"priceEstimated", offering.price.is_estimated}};
  const hyperpod::PriceOrigin origin = origin_of(offering, origins);
  if (origin.source != PriceSource::Unknown) object["priceSource"] = to_string(origin.source);
  if (!origin.as_of.is_zero()) object["priceAsOf"] = format_time(origin.as_of);
  return object;
}

json::array to_json(const std::vector<hyperpod::Offering>& offerings, const PriceOrigins& origins) {
  json::array list;
  for (const auto& offering : offerings) list.push_back(to_json(offering, origins));
  return list;
}

json::array to_json(const std::vector<scheduling::NotOffered>& entries) {
  json::array list;
  for (const auto& entry : entries)
    list.push_back(json::object{{"what", entry.what}, {"why", entry.why}});
  return list;
}

json::object to_json(const RuledOut& rule) {
  json::object object{{"rule", to_string(rule.rule)}};
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  };
  add("key", rule.key);
  add("wanted", rule.wanted);
  add("found", rule.found);
  add("note", rule.note);
  return object;
}

// `counted`: "types" or "nodes".
json::object to_json(const Tally& tally, std::string_view counted) {
  const bool has_offerings = counted == "types";
  json::object object{{counted, tally.total}};
  if (has_offerings) object["offerings"] = tally.offerings;
  json::array rules;
  for (const RuledOut& rule : tally.rules) {
    json::object entry = to_json(rule);
    entry[counted] = rule.count;
    if (has_offerings) entry["offerings"] = rule.offerings;
    rules.push_back(std::move(entry));
  }
  object["rules"] = std::move(rules);
  json::array outcomes;
  for (const Outcome& outcome : tally.outcomes) {
    json::object entry{{"rules", json::value_from(outcome.rules)}, {counted, outcome.count}};
    if (has_offerings) entry["offerings"] = outcome.offerings;
    outcomes.push_back(std::move(entry));
  }
  object["outcomes"] = std::move(outcomes);
  return object;
}

json::object to_json(const Placement& placement, const PriceOrigins& origins) {
  json::object object{{"where", to_string(placement.where)}};
  if (!placement.name.empty()) object["name"] = placement.name;
  if (!placement.node_pool.empty()) object["nodePool"] = placement.node_pool;
  if (placement.offering) object["offering"] = to_json(*placement.offering, origins);
  if (placement.where == Placement::Where::NewNode) object["podsBeside"] = placement.pods_beside;
  return object;
}

}  // namespace

std::string text_of(const ExplainedPod& pod) {
  const Explanation& explanation = pod.explanation;
  std::string text = fmt::format("pod {}/{} {}\n", pod.meta.namespace_, pod.meta.name,
                                 headline_of(explanation.placement.where));
  if (!pod.remark.empty()) text += fmt::format("  nothing is planned for it: {}\n", pod.remark);
  const std::string sentence = sentence_of(explanation);
  text += fmt::format("  {}\n", sentence);
  if (pod.told && pod.told->message.find(sentence) == std::string::npos)
    text += fmt::format("  the controller said at {}: {}\n", format_time(pod.told->at),
                        pod.told->message);
  text += what_fell_to_what(explanation) + offerings_text(explanation) + prices_text(pod) +
          not_offered_text(explanation);
  for (const std::string& problem : pod.problems) text += fmt::format("\nnote: {}\n", problem);
  return text;
}

std::string json_of(const ExplainedPod& pod) {
  const Explanation& explanation = pod.explanation;
  json::object object{{"namespace", pod.meta.namespace_},
                      {"name", pod.meta.name},
                      {"uid", pod.meta.uid},
                      {"placement", to_json(explanation.placement, pod.price_origins)},
                      {"sentence", sentence_of(explanation)}};
  if (!pod.remark.empty()) object["notPlanned"] = pod.remark;
  if (!explanation.rejection.empty()) object["rejection"] = explanation.rejection;
  json::array pools;
  for (const PoolExplanation& pool : explanation.pools) {
    json::object entry{{"name", pool.pool}};
    for (auto& member : to_json(pool.types, "types")) entry[member.key()] = member.value();
    if (pool.decisive) entry["decisive"] = *pool.decisive;
    entry["usable"] = to_json(pool.usable, pod.price_origins);
    entry["withoutCapacity"] = to_json(pool.without_capacity, pod.price_origins);
    entry["notOffered"] = to_json(pool.not_offered);
    pools.push_back(std::move(entry));
  }
  object["nodePools"] = std::move(pools);
  object["notOffered"] = to_json(explanation.not_offered);
  json::array constraints;
  for (const RuledOut& rule : explanation.between_pods) constraints.push_back(to_json(rule));
  object["constraintsBetweenPods"] = std::move(constraints);
  if (explanation.nodes) object["nodes"] = to_json(*explanation.nodes, "nodes");
  if (pod.told) {
    object["controllerSaid"] =
        json::object{{"at", format_time(pod.told->at)}, {"message", pod.told->message}};
  }
  object["problems"] = json::value_from(pod.problems);
  return json::serialize(object) + '\n';
}

}  // namespace hyperwright::cli
