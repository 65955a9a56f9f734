// Parts that several kinds have in common: metadata, conditions, taints, amounts, requirements.
// What they read becomes part of an object; what they write, part of a document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "kube/condition.h"
#include "kube/json_reader.h"
#include "kube/object_meta.h"
#include "kube/requirement.h"
#include "kube/resources.h"
#include "kube/selector.h"
#include "kube/taint.h"

namespace hyperwright::kube {

// Objects carry annotations of every tool that ever touched them, up to 256 KiB each.
enum class KeptAnnotations : std::uint8_t {
  Known,      // karpenter.sh/, hyperwright.dev/ and the pod's deletion cost
  UpTo64KiB,  // known ones, then others by key while they fit: what goes on to nodes
};
ObjectMeta decode_meta(const JsonField& meta, KeptAnnotations kept = KeptAnnotations::Known);
// Fails when the document has no metadata.name, without which nothing can be said about an object.
Status check_has_name(std::string_view kind, const ObjectMeta& meta, const JsonProblems& problems);
// Kind, namespace and name, and the first problem. Requires: there is one.
Failure decode_failure(std::string_view kind, const ObjectMeta& meta, const JsonProblems& problems);

StringMap decode_string_map(const JsonField& field);
Conditions decode_conditions(const JsonField& field, bool (*is_kept)(std::string_view type));
std::vector<Taint> decode_taints(const JsonField& field);
// A negative amount is a problem where `may_be_negative` is not set.
std::optional<std::int64_t> decode_amount(const JsonField& field, bool may_be_negative);
Resources decode_resources(const JsonField& field, bool may_be_negative = false);
Limits decode_limits(const JsonField& field);
std::vector<NodeRequirement> decode_node_requirements(const JsonField& field);
// nullopt: absent.
std::optional<LabelSelector> decode_selector(const JsonField& field);

// Writing. An empty value is left out, except where Kubernetes wants the field.
boost::json::object encode_kind(std::string_view api_version, std::string_view kind,
                                const ObjectMeta& meta);
void put_text(boost::json::object& object, std::string_view key, std::string_view text);
void put_array(boost::json::object& object, std::string_view key, boost::json::array array);
void put_object(boost::json::object& object, std::string_view key, boost::json::object member);
boost::json::array encode_texts(const std::vector<std::string>& texts);
// Whole seconds as Time, all else as MicroTime.
std::string encode_time(Time time);
boost::json::object encode_amounts(const Resources& resources);
boost::json::object encode_limits(const Limits& limits);
boost::json::object encode_map(const StringMap& map);
boost::json::array encode_requirements(const std::vector<NodeRequirement>& requirements);
boost::json::object encode_selector(const LabelSelector& selector);

// What could not be read is written beside the object, where no schema of an API has a field, so
// that a journal brings it back; `decode_problems_of` reads it again and adds what is new.
void put_decode_problems(boost::json::object& object, const std::vector<std::string>& problems);
std::vector<std::string> decode_problems_of(const boost::json::value& document,
                                            const JsonProblems& found);

}  // namespace hyperwright::kube
