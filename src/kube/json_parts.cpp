#include "kube/json_parts.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"

namespace hyperwright::kube {
namespace {

constexpr std::pair<std::string_view, ConditionStatus> kConditionStatuses[] = {
    {"True", ConditionStatus::True},
    {"False", ConditionStatus::False},
    {"Unknown", ConditionStatus::Unknown}};
constexpr std::pair<std::string_view, TaintEffect> kEffects[] = {
    {"NoSchedule", TaintEffect::NoSchedule},
    {"PreferNoSchedule", TaintEffect::PreferNoSchedule},
    {"NoExecute", TaintEffect::NoExecute}};
constexpr std::pair<std::string_view, NodeOperator> kNodeOperators[] = {
    {"In", NodeOperator::In},         {"NotIn", NodeOperator::NotIn},
    {"Exists", NodeOperator::Exists}, {"DoesNotExist", NodeOperator::DoesNotExist},
    {"Gt", NodeOperator::Gt},         {"Lt", NodeOperator::Lt},
    {"Gte", NodeOperator::Gte},       {"Lte", NodeOperator::Lte}};
constexpr std::pair<std::string_view, SelectorOperator> kSelectorOperators[] = {
    {"In", SelectorOperator::In},
    {"NotIn", SelectorOperator::NotIn},
    {"Exists", SelectorOperator::Exists},
    {"DoesNotExist", SelectorOperator::DoesNotExist}};

template <typename Choice, std::size_t count>
std::string_view name_in(const std::pair<std::string_view, Choice> (&table)[count], Choice choice) {
  for (const auto& [name, value] : table) {
    if (value == choice) return name;
  }
  return {};
}

}  // namespace

StringMap decode_string_map(const JsonField& field) {
  StringMap map;
  field.each_member([&](const JsonField& entry) {
    if (entry.exists()) map.set(entry.name(), entry.text());
  });
  return map;
}

Conditions decode_conditions(const JsonField& field, bool (*is_kept)(std::string_view type)) {
  Conditions conditions;
  field.each_item([&](const JsonField& entry) {
    const std::string_view type = entry.at("type").text();
    if (!is_kept(type)) return;
    conditions.push_back(
        {.type = std::string(type),
         .status = entry.at("status").choice(kConditionStatuses).value_or(ConditionStatus::Unknown),
         .reason = std::string(entry.at("reason").text()),
         .message = std::string(entry.at("message").text()),
         .last_transition_time = entry.at("lastTransitionTime").time(),
         .observed_generation = entry.at("observedGeneration").integer()});
  });
  return conditions;
}

std::vector<Taint> decode_taints(const JsonField& field) {
  std::vector<Taint> taints;
  field.each_item([&](const JsonField& entry) {
    const JsonField effect = entry.at("effect");
    if (!effect.exists()) effect.must_be("there");
    const auto known = effect.choice(kEffects);
    if (!known) return;
    taints.push_back({.key = std::string(entry.at("key").text()),
                      .value = std::string(entry.at("value").text()),
                      .effect = *known});
  });
  return taints;
}

std::optional<std::int64_t> decode_amount(const JsonField& field, bool may_be_negative) {
  if (!field.exists()) return std::nullopt;
  const auto text = field.if_text();
  const auto amount =
      text ? parse_amount(field.name(), *text) : parse_amount(field.name(), field.scalar_text());
  if (!amount) {
    field.problem(fmt::format("{}; {}", amount.error().text(), amount.error().remedy()));
    return std::nullopt;
  }
  if (*amount < 0 && !may_be_negative) {
    field.must_be("0 or more");
    return std::nullopt;
  }
  return *amount;
}

Resources decode_resources(const JsonField& field, bool may_be_negative) {
  Resources resources;
  field.each_member([&](const JsonField& entry) {
    if (const auto amount = decode_amount(entry, may_be_negative))
      resources.set(entry.name(), *amount);
  });
  return resources;
}

Limits decode_limits(const JsonField& field) {
  Limits limits;
  field.each_member([&](const JsonField& entry) {
    if (const auto amount = decode_amount(entry, /*may_be_negative=*/false)) {
      limits.amounts.emplace_back(entry.name(), *amount);
    }
  });
  std::ranges::sort(limits.amounts);
  return limits;
}

std::vector<NodeRequirement> decode_node_requirements(const JsonField& field) {
  std::vector<NodeRequirement> requirements;
  requirements.reserve(field.item_count());
  field.each_item([&](const JsonField& entry) {
    const JsonField op = entry.at("operator");
    if (!op.exists()) op.must_be("there");
    const auto known = op.choice(kNodeOperators);
    if (!known) return;
    NodeRequirement& requirement = requirements.emplace_back();
    requirement.key = entry.at("key").text();
    requirement.op = *known;
    requirement.values = entry.at("values").texts();
    if (const JsonField min_values = entry.at("minValues"); min_values.exists()) {
      requirement.min_values =
          static_cast<std::int32_t>(min_values.integer({.min = 1, .max = 50, .otherwise = 1}));
    }
  });
  return requirements;
}

std::optional<LabelSelector> decode_selector(const JsonField& field) {
  if (!field.exists()) return std::nullopt;
  LabelSelector selector;
  selector.match_labels = decode_string_map(field.at("matchLabels"));
  const JsonField expressions = field.at("matchExpressions");
  expressions.each_item([&](const JsonField& entry) {
    const JsonField op = entry.at("operator");
    if (!op.exists()) op.must_be("there");
    const auto known = op.choice(kSelectorOperators);
    if (!known) return;
    selector.match_expressions.push_back({.key = std::string(entry.at("key").text()),
                                          .op = *known,
                                          .values = entry.at("values").texts()});
  });
  return selector;
}

void put_text(boost::json::object& object, std::string_view key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}

void put_array(boost::json::object& object, std::string_view key, boost::json::array array) {
  if (!array.empty()) object[key] = std::move(array);
}

void put_object(boost::json::object& object, std::string_view key, boost::json::object member) {
  if (!member.empty()) object[key] = std::move(member);
}

boost::json::array encode_texts(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

std::string encode_time(Time time) {
  return time.unix_microseconds() % 1'000'000 == 0 ? format_time(time) : format_micro_time(time);
}

boost::json::object encode_amounts(const Resources& resources) {
  boost::json::object json;
  resources.for_each([&](std::string_view name, std::int64_t amount) {
    json[name] = format_amount(name, amount);
  });
  return json;
}

boost::json::object encode_limits(const Limits& limits) {
  boost::json::object json;
  for (const auto& [name, amount] : limits.amounts) json[name] = format_amount(name, amount);
  return json;
}

boost::json::object encode_map(const StringMap& map) {
  boost::json::object json;
  json.reserve(map.size());
  for (const auto& [key, value] : map) json[key] = value;
  return json;
}

boost::json::array encode_requirements(const std::vector<NodeRequirement>& requirements) {
  boost::json::array json;
  for (const NodeRequirement& requirement : requirements) {
    boost::json::object entry = {{"key", requirement.key}, {"operator", to_string(requirement.op)}};
    put_array(entry, "values", encode_texts(requirement.values));
    if (requirement.min_values) entry["minValues"] = *requirement.min_values;
    json.push_back(std::move(entry));
  }
  return json;
}

boost::json::object encode_selector(const LabelSelector& selector) {
  boost::json::object json;
  put_object(json, "matchLabels", encode_map(selector.match_labels));
  boost::json::array expressions;
  for (const SelectorRequirement& requirement : selector.match_expressions) {
    boost::json::object entry = {{"key", requirement.key},
                                 {"operator", name_in(kSelectorOperators, requirement.op)}};
    put_array(entry, "values", encode_texts(requirement.values));
    expressions.push_back(std::move(entry));
  }
  put_array(json, "matchExpressions", std::move(expressions));
  return json;
}

boost::json::value encode(const Conditions& conditions) {
  boost::json::array json;
  for (const Condition& condition : conditions) {
    boost::json::object entry = {
        {"type", condition.type},
        {"status", name_in(kConditionStatuses, condition.status)},
        {"reason", condition.reason},
        {"message", condition.message},
        {"lastTransitionTime", encode_time(condition.last_transition_time)}};
    if (condition.observed_generation != 0)
      entry["observedGeneration"] = condition.observed_generation;
    json.push_back(std::move(entry));
  }
  return json;
}

boost::json::value encode(const std::vector<Taint>& taints) {
  boost::json::array json;
  for (const Taint& taint : taints) {
    boost::json::object entry = {{"key", taint.key}, {"effect", to_string(taint.effect)}};
    put_text(entry, "value", taint.value);
    json.push_back(std::move(entry));
  }
  return json;
}

boost::json::value encode(const StringMap& map) { return encode_map(map); }

boost::json::value encode(const Resources& resources) { return encode_amounts(resources); }

}  // namespace hyperwright::kube
