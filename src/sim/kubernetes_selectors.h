// Label and field selectors in the text form of the API's query parameters, and label selectors in
// the object form of manifests.
//
//   labels   app=web,tier!=db,env in (a,b),env notin (c),gpu,!spot
//   fields   metadata.name=web-0,spec.nodeName!=,status.phase=Running
//
// A label that is absent matches !=, notin and !key, as upstream. A field selector may name only
// the fields that its kind indexes; another one is refused.
//
// Source: Kubernetes, Concepts > Labels and Selectors, Field Selectors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_status.h"

namespace hyperwright::sim {

struct LabelRequirement {
  enum class Operator : std::uint8_t { In, NotIn, Exists, DoesNotExist, GreaterThan, LessThan };
  std::string key;
  Operator op = Operator::Exists;
  std::vector<std::string> values;  // sorted
};

// All requirements must hold; none: everything matches.
struct LabelSelector {
  std::vector<LabelRequirement> requirements;
  bool matches_nothing = false;  // the object form, absent

  [[nodiscard]] bool matches(const boost::json::object& object) const;         // by metadata.labels
  [[nodiscard]] bool matches_labels(const boost::json::object* labels) const;  // nullptr: no labels
  [[nodiscard]] bool empty() const { return requirements.empty() && !matches_nothing; }
};

ApiResult<LabelSelector> parse_label_selector(std::string_view text);
// {matchLabels, matchExpressions}; nullptr matches nothing, an empty object everything.
LabelSelector label_selector_of(const boost::json::object* selector);
// The text form, such as the Scale object shows it.
std::string to_text(const LabelSelector& selector);

struct FieldRequirement {
  std::string field;  // "spec.nodeName"
  bool is_equal = true;
  std::string value;
};

struct FieldSelector {
  std::vector<FieldRequirement> requirements;

  // A field that is absent reads as empty text.
  [[nodiscard]] bool matches(const boost::json::object& object) const;
  [[nodiscard]] bool empty() const { return requirements.empty(); }
};

// `resource` decides which fields may be named; metadata.name and metadata.namespace always may.
ApiResult<FieldSelector> parse_field_selector(std::string_view resource, std::string_view text);

}  // namespace hyperwright::sim
