#include "sim/kubernetes_selectors.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using Operator = LabelRequirement::Operator;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Splits at commas that stand outside of parentheses.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      terms.push_back(trimmed(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return terms;
}

bool is_label_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  });
}

ApiError bad_selector(std::string_view text, std::string_view term) {
  return bad_request(fmt::format(
      "unable to parse requirement: found \"{}\" in label selector \"{}\"; write key=value, "
      "key!=value, key in (a,b), key notin (a,b), key or !key",
      term, text));
}

// "key in (a, b)" and "key notin (a, b)"; nullopt: the term is no such thing.
std::optional<LabelRequirement> parse_set_term(std::string_view term) {
  const std::size_t open = term.find('(');
  if (open == std::string_view::npos || !term.ends_with(')')) return std::nullopt;
  const std::string_view head = trimmed(term.substr(0, open));
  const std::size_t space = head.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view word = head.substr(space + 1);
  if (word != "in" && word != "notin") return std::nullopt;
  LabelRequirement out{.key = std::string(trimmed(head.substr(0, space))),
                       .op = word == "in" ? Operator::In : Operator::NotIn,
                       .values = {}};
  const std::string_view inside = term.substr(open + 1, term.size() - open - 2);
  for (const std::string_view value : split_terms(inside)) out.values.emplace_back(value);
  std::ranges::sort(out.values);
  return out;
}

std::optional<LabelRequirement> parse_term(std::string_view term) {
  if (term.find('(') != std::string_view::npos) return parse_set_term(term);
  struct Form {
    std::string_view sign;
    Operator op;
  };
  static constexpr std::array<Form, 5> kForms{{{"!=", Operator::NotIn},
                                               {"==", Operator::In},
                                               {"=", Operator::In},
                                               {">", Operator::GreaterThan},
                                               {"<", Operator::LessThan}}};
  for (const Form& form : kForms) {
    const std::size_t at = term.find(form.sign);
    if (at == std::string_view::npos) continue;
    return LabelRequirement{.key = std::string(trimmed(term.substr(0, at))),
                            .op = form.op,
                            .values = {std::string(trimmed(term.substr(at + form.sign.size())))}};
  }
  if (term.starts_with('!')) {
    return LabelRequirement{
        .key = std::string(trimmed(term.substr(1))), .op = Operator::DoesNotExist, .values = {}};
  }
  return LabelRequirement{.key = std::string(term), .op = Operator::Exists, .values = {}};
}

std::optional<std::string_view> label(const json::object* labels, std::string_view key) {
  if (labels == nullptr) return std::nullopt;
  const json::value* value = labels->if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

bool holds(const LabelRequirement& requirement, const std::optional<std::string_view>& value) {
  const auto is_listed = [&] { return std::ranges::binary_search(requirement.values, *value); };
  switch (requirement.op) {
    case Operator::In:
      return value && is_listed();
    case Operator::NotIn:
      return !value || !is_listed();
    case Operator::Exists:
      return value.has_value();
    case Operator::DoesNotExist:
      return !value;
    case Operator::GreaterThan:
    case Operator::LessThan: {
      if (!value || requirement.values.size() != 1) return false;
      const auto left = parse_int64(*value);
      const auto right = parse_int64(requirement.values.front());
      if (!left || !right) return false;
      return requirement.op == Operator::GreaterThan ? *left > *right : *left < *right;
    }
  }
  return false;
}

std::string to_text(const LabelRequirement& requirement) {
  switch (requirement.op) {
    case Operator::In:
      if (requirement.values.size() == 1)
        return fmt::format("{}={}", requirement.key, requirement.values.front());
      return fmt::format("{} in ({})", requirement.key, fmt::join(requirement.values, ","));
    case Operator::NotIn:
      return fmt::format("{} notin ({})", requirement.key, fmt::join(requirement.values, ","));
    case Operator::Exists:
      return requirement.key;
    case Operator::DoesNotExist:
      return "!" + requirement.key;
    case Operator::GreaterThan:
      return fmt::format("{}>{}", requirement.key, fmt::join(requirement.values, ","));
    case Operator::LessThan:
      return fmt::format("{}<{}", requirement.key, fmt::join(requirement.values, ","));
  }
  return {};
}

Operator operator_of(std::string_view word) {
  if (word == "In") return Operator::In;
  if (word == "NotIn") return Operator::NotIn;
  if (word == "DoesNotExist") return Operator::DoesNotExist;
  return Operator::Exists;
}

// The fields that upstream's kinds index, beside metadata.name and metadata.namespace.
std::vector<std::string_view> selectable_fields(std::string_view resource) {
  if (resource == "pods") {
    return {"spec.nodeName",           "spec.restartPolicy", "spec.schedulerName",
            "spec.serviceAccountName", "status.phase",       "status.podIP",
            "status.nominatedNodeName"};
  }
  if (resource == "events") {
    return {"involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type"};
  }
  if (resource == "nodes") return {"spec.unschedulable"};
  if (resource == "namespaces") return {"status.phase"};
  if (resource == "secrets") return {"type"};
  if (resource == "jobs.batch") return {"status.successful"};
  if (resource == "replicasets.apps") return {"status.replicas"};
  return {};
}

std::string field_text(const json::object& object, std::string_view field) {
  if (field == "spec.unschedulable")
    return bool_field(object, {"spec", "unschedulable"}) ? "true" : "false";
  const json::object* at = &object;
  for (;;) {
    const std::size_t dot = field.find('.');
    const std::string_view key = field.substr(0, dot);
    const json::value* found = at->if_contains(json::string_view(key.data(), key.size()));
    if (found == nullptr) return {};
    if (dot == std::string_view::npos) {
      if (found->is_string()) return std::string(found->get_string());
      if (found->is_object())
        return std::string(text_field(found->get_object(), {"component"}));  // an event's source
      return json::serialize(*found);
    }
    at = found->if_object();
    if (at == nullptr) return {};
    field = field.substr(dot + 1);
  }
}

}  // namespace

bool LabelSelector::matches(const json::object& object) const {
  return matches_labels(object_field(object, {"metadata", "labels"}));
}

bool LabelSelector::matches_labels(const json::object* labels) const {
  if (matches_nothing) return false;
  return std::ranges::all_of(requirements, [&](const LabelRequirement& requirement) {
    return holds(requirement, label(labels, requirement.key));
  });
}

ApiResult<LabelSelector> parse_label_selector(std::string_view text) {
  LabelSelector selector;
  if (trimmed(text).empty()) return selector;
  for (const std::string_view term : split_terms(text)) {
    std::optional<LabelRequirement> requirement = parse_term(term);
    if (!requirement || requirement->key.empty() || !is_label_text(requirement->key) ||
        !std::ranges::all_of(requirement->values, is_label_text)) {
      return bad_selector(text, term);
    }
    selector.requirements.push_back(std::move(*requirement));
  }
  return selector;
}

LabelSelector label_selector_of(const json::object* object) {
  LabelSelector selector;
  selector.matches_nothing = object == nullptr;
  if (object == nullptr) return selector;
  if (const json::object* labels = object_field(*object, {"matchLabels"})) {
    for (const auto& [key, value] : *labels) {
      selector.requirements.push_back(
          {.key = std::string(key),
           .op = Operator::In,
           .values = {value.is_string() ? std::string(value.get_string()) : std::string()}});
    }
  }
  if (const json::array* expressions = array_field(*object, {"matchExpressions"})) {
    for (const json::value& item : *expressions) {
      if (!item.is_object()) continue;
      LabelRequirement requirement{.key = std::string(text_field(item.get_object(), {"key"})),
                                   .op = operator_of(text_field(item.get_object(), {"operator"})),
                                   .values = {}};
      if (const json::array* values = array_field(item.get_object(), {"values"})) {
        for (const json::value& value : *values) {
          if (value.is_string()) requirement.values.emplace_back(value.get_string());
        }
      }
      std::ranges::sort(requirement.values);
      selector.requirements.push_back(std::move(requirement));
    }
  }
  return selector;
}

std::string to_text(const LabelSelector& selector) {
  std::vector<std::string> terms;
  terms.reserve(selector.requirements.size());
  for (const LabelRequirement& requirement : selector.requirements)
    terms.push_back(to_text(requirement));
  return fmt::format("{}", fmt::join(terms, ","));
}

bool FieldSelector::matches(const json::object& object) const {
  return std::ranges::all_of(requirements, [&](const FieldRequirement& requirement) {
    return (field_text(object, requirement.field) == requirement.value) == requirement.is_equal;
  });
}

ApiResult<FieldSelector> parse_field_selector(std::string_view resource, std::string_view text) {
  FieldSelector selector;
  if (trimmed(text).empty()) return selector;
  for (const std::string_view term : split_terms(text)) {
    const std::size_t sign = term.find('=');
    if (sign == std::string_view::npos || sign == 0) {
      return bad_request(
          fmt::format("invalid field selector \"{}\": write field=value or field!=value", text));
    }
    const bool is_equal = term[sign - 1] != '!';
    std::string_view value = term.substr(sign + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    const std::string_view field = trimmed(term.substr(0, is_equal ? sign : sign - 1));
    std::vector<std::string_view> known = selectable_fields(resource);
    known.insert(known.end(), {"metadata.name", "metadata.namespace"});
    if (std::ranges::find(known, field) == known.end()) {
      return bad_request(fmt::format("field label not supported: \"{}\"; {} can be selected by {}",
                                     field, resource, fmt::join(known, ", ")));
    }
    selector.requirements.push_back(
        {.field = std::string(field), .is_equal = is_equal, .value = std::string(trimmed(value))});
  }
  return selector;
}

}  // namespace hyperwright::sim
