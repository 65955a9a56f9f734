#include "sim/kubernetes_schema.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_pattern.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using Causes = std::vector<StatusCause>;

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

bool is_object_header(std::string_view field) {
  return field == "apiVersion" || field == "kind" || field == "metadata";
}

// Where in the object, as far down as the reader has come. The text is made for who is told of it.
struct Path {
  const Path* above = nullptr;  // null: this is the object itself
  std::string_view field{};
  std::optional<std::size_t> place{};  // in an array, which has no fields

  [[nodiscard]] std::string text() const {
    if (above == nullptr) return {};
    std::string text = above->text();
    if (place) return fmt::format("{}[{}]", text, *place);
    return text.empty() ? std::string(field) : fmt::format("{}.{}", text, field);
  }
  [[nodiscard]] Path down(std::string_view name) const { return {.above = this, .field = name}; }
  [[nodiscard]] Path down(std::size_t item) const { return {.above = this, .place = item}; }
};

// The schema of a field of an object: its property's, or the one for all other fields; nullptr:
// none.
const json::object* field_schema(const json::object& schema, std::string_view field) {
  if (const json::object* property = object_field(schema, {"properties", field})) return property;
  return object_field(schema, {"additionalProperties"});
}

bool knows_any_field(const json::object& schema) {
  const json::value* additional = schema.if_contains("additionalProperties");
  return bool_field(schema, {"x-kubernetes-preserve-unknown-fields"}) ||
         (additional != nullptr &&
          (additional->is_object() || (additional->is_bool() && additional->get_bool())));
}

void default_value(const json::object& schema, json::value& value);

void default_object(const json::object& schema, json::object& object, bool is_root) {
  if (const json::object* properties = object_field(schema, {"properties"})) {
    for (const auto& [name, property] : *properties) {
      if (!property.is_object() || (is_root && is_object_header(view(name)))) continue;
      // An explicit null of a field that may not be null counts as absent.
      const json::value* own = object.if_contains(name);
      if (own != nullptr && own->is_null() && !bool_field(property.get_object(), {"nullable"})) {
        erase_field(object, view(name));
      }
      const json::value* fallback = property.get_object().if_contains("default");
      if (fallback != nullptr && !object.contains(name)) object[name] = *fallback;
    }
  }
  for (auto& [name, value] : object) {
    if (is_root && is_object_header(view(name))) continue;
    if (const json::object* child = field_schema(schema, view(name))) default_value(*child, value);
  }
}

void default_value(const json::object& schema, json::value& value) {
  if (json::object* object = value.if_object()) {
    default_object(schema, *object, false);
  } else if (json::array* array = value.if_array()) {
    const json::object* items = object_field(schema, {"items"});
    if (items == nullptr) return;
    for (json::value& item : *array) default_value(*items, item);
  }
}

void prune_value(const json::object& schema, json::value& value, const Path& path, bool is_root,
                 std::vector<std::string>& gone) {
  if (json::array* array = value.if_array()) {
    const json::object* items = object_field(schema, {"items"});
    if (items == nullptr) return;
    for (std::size_t i = 0; i < array->size(); ++i) {
      prune_value(*items, (*array)[i], path.down(i), false, gone);
    }
    return;
  }
  json::object* object = value.if_object();
  if (object == nullptr) return;
  const bool has_header = is_root || bool_field(schema, {"x-kubernetes-embedded-resource"});
  const bool keeps_all = knows_any_field(schema);
  std::vector<std::string> unknown;
  for (auto& [name, field] : *object) {
    if (has_header && is_object_header(view(name))) continue;
    const Path at = path.down(view(name));
    if (const json::object* child = field_schema(schema, view(name))) {
      prune_value(*child, field, at, false, gone);
    } else if (!keeps_all) {
      unknown.emplace_back(name);
      gone.push_back(at.text());
    }
  }
  for (const std::string& name : unknown) erase_field(*object, name);
}

// Validation
// -----------------------------------------------------------------------------------------

std::string_view type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "integer";
    case json::kind::double_:
      return "number";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
  }
  return "null";
}

bool has_type(const json::value& value, std::string_view type) {
  const std::string_view own = type_name(value);
  if (own == type) return true;
  if (type == "number") return own == "integer";
  // A whole number may be written with a decimal point.
  return type == "integer" && value.is_double() &&
         value.get_double() == std::floor(value.get_double());
}

std::optional<double> number_of(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_double()) return value->get_double();
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  if (value->is_uint64()) return static_cast<double>(value->get_uint64());
  return std::nullopt;
}

// Characters, not bytes.
std::int64_t length_of(std::string_view text) {
  return std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

class Validator {
 public:
  void check_value(const json::object& schema, const json::value& value, const Path& path,
                   bool is_root);
  Causes causes;

 private:
  void check_number(const json::object& schema, const json::value& value, const Path& path);
  void check_text(const json::object& schema, const json::value& value, const Path& path);
  void check_array(const json::object& schema, const json::value& value, const Path& path);
  void check_object(const json::object& schema, const json::value& value, const Path& path,
                    bool is_root);
  void check_combined(const json::object& schema, const json::value& value, const Path& path);
  void check_size(const json::object& schema, std::string_view least, std::string_view most,
                  std::int64_t size, const json::value& value, const Path& path,
                  std::string_view what);
};

std::string shown(const Path& path) { return path.above == nullptr ? "<nil>" : path.text(); }

bool accepts(const json::object& schema, const json::value& value) {
  Validator validator;
  validator.check_value(schema, value, Path{}, false);
  return validator.causes.empty();
}

void Validator::check_size(const json::object& schema, std::string_view least,
                           std::string_view most, std::int64_t size, const json::value& value,
                           const Path& path, std::string_view what) {
  if (find_field(schema, {least}) != nullptr && size < int_field(schema, {least})) {
    causes.push_back(field_invalid(shown(path), value,
                                   fmt::format("{} in body should have at least {} {}", shown(path),
                                               int_field(schema, {least}), what)));
  }
  if (find_field(schema, {most}) != nullptr && size > int_field(schema, {most})) {
    causes.push_back({"FieldValueTooMany",
                      fmt::format("Too many: {}: must have at most {} {}", size,
                                  int_field(schema, {most}), what),
                      shown(path)});
  }
}

void Validator::check_number(const json::object& schema, const json::value& value,
                             const Path& path) {
  const double number = *number_of(&value);
  const auto refuse = [&](std::string_view relation, double bound) {
    causes.push_back(
        field_invalid(shown(path), value,
                      fmt::format("{} in body should be {} {}", shown(path), relation, bound)));
  };
  if (const auto least = number_of(schema.if_contains("minimum"))) {
    const bool is_open = bool_field(schema, {"exclusiveMinimum"});
    if (is_open ? number <= *least : number < *least) {
      refuse(is_open ? "greater than" : "greater than or equal to", *least);
    }
  }
  if (const auto most = number_of(schema.if_contains("maximum"))) {
    const bool is_open = bool_field(schema, {"exclusiveMaximum"});
    if (is_open ? number >= *most : number > *most)
      refuse(is_open ? "less than" : "less than or equal to", *most);
  }
  if (const auto step = number_of(schema.if_contains("multipleOf")); step && *step > 0) {
    if (std::fmod(number, *step) != 0) refuse("a multiple of", *step);
  }
}

void Validator::check_text(const json::object& schema, const json::value& value, const Path& path) {
  const std::string_view text = view(value.get_string());
  const std::int64_t length = length_of(text);
  if (find_field(schema, {"minLength"}) != nullptr && length < int_field(schema, {"minLength"})) {
    causes.push_back(field_invalid(shown(path), value,
                                   fmt::format("{} in body should be at least {} chars long",
                                               shown(path), int_field(schema, {"minLength"}))));
  }
  if (find_field(schema, {"maxLength"}) != nullptr && length > int_field(schema, {"maxLength"})) {
    causes.push_back(
        {"FieldValueTooLong",
         fmt::format("Too long: may not be more than {} bytes", int_field(schema, {"maxLength"})),
         shown(path)});
  }
  const std::string_view pattern = text_field(schema, {"pattern"});
  if (!pattern.empty() && !matches_pattern(text, pattern)) {
    causes.push_back(field_invalid(
        shown(path), value, fmt::format("{} in body should match '{}'", shown(path), pattern)));
  }
  if (text_field(schema, {"format"}) == "date-time" && !parse_time(text)) {
    causes.push_back(field_invalid(
        shown(path), value, fmt::format("{} in body must be of type date-time", shown(path))));
  }
}

void Validator::check_array(const json::object& schema, const json::value& value,
                            const Path& path) {
  const json::array& array = value.get_array();
  check_size(schema, "minItems", "maxItems", static_cast<std::int64_t>(array.size()), value, path,
             "items");
  const bool is_set = bool_field(schema, {"uniqueItems"}) ||
                      text_field(schema, {"x-kubernetes-list-type"}) == "set";
  const json::array* keys = text_field(schema, {"x-kubernetes-list-type"}) == "map"
                                ? array_field(schema, {"x-kubernetes-list-map-keys"})
                                : nullptr;
  const auto is_same = [&](const json::value& a, const json::value& b) {
    if (is_set) return a == b;
    if (keys == nullptr || !a.is_object() || !b.is_object()) return false;
    return std::ranges::all_of(*keys, [&](const json::value& key) {
      const json::value* left = a.get_object().if_contains(key.as_string());
      const json::value* right = b.get_object().if_contains(key.as_string());
      return left == nullptr || right == nullptr ? left == right : *left == *right;
    });
  };
  const json::object* items = object_field(schema, {"items"});
  for (std::size_t i = 0; i < array.size(); ++i) {
    const Path at = path.down(i);
    if (is_set || keys != nullptr) {
      const auto* end = array.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::any_of(array.begin(), end,
                      [&](const json::value& other) { return is_same(other, array[i]); })) {
        causes.push_back({"FieldValueDuplicate",
                          fmt::format("Duplicate value: {}", json::serialize(array[i])),
                          at.text()});
      }
    }
    if (items != nullptr) check_value(*items, array[i], at, false);
  }
}

void Validator::check_object(const json::object& schema, const json::value& value, const Path& path,
                             bool is_root) {
  const json::object& object = value.get_object();
  check_size(schema, "minProperties", "maxProperties", static_cast<std::int64_t>(object.size()),
             value, path, "properties");
  if (const json::array* required = array_field(schema, {"required"})) {
    for (const json::value& name : *required) {
      if (!name.is_string() || object.contains(name.get_string())) continue;
      causes.push_back(field_required(path.down(view(name.get_string())).text()));
    }
  }
  for (const auto& [name, field] : object) {
    if (is_root && is_object_header(view(name))) continue;
    if (const json::object* child = field_schema(schema, view(name)))
      check_value(*child, field, path.down(view(name)), false);
  }
}

void Validator::check_combined(const json::object& schema, const json::value& value,
                               const Path& path) {
  const auto count = [&](std::string_view word) {
    std::size_t accepted = 0;
    for (const json::value& branch : *array_field(schema, {word})) {
      if (branch.is_object() && accepts(branch.get_object(), value)) ++accepted;
    }
    return accepted;
  };
  const auto refuse = [&](std::string_view rule) {
    causes.push_back(
        field_invalid(shown(path), value, fmt::format("{} in body {}", shown(path), rule)));
  };
  if (const json::array* all = array_field(schema, {"allOf"})) {
    for (const json::value& branch : *all) {
      if (branch.is_object()) check_value(branch.get_object(), value, path, false);
    }
  }
  if (array_field(schema, {"anyOf"}) != nullptr && count("anyOf") == 0) {
    refuse("must validate at least one schema (anyOf)");
  }
  if (array_field(schema, {"oneOf"}) != nullptr && count("oneOf") != 1) {
    refuse("must validate one and only one schema (oneOf)");
  }
  if (const json::object* unwanted = object_field(schema, {"not"});
      unwanted != nullptr && accepts(*unwanted, value)) {
    refuse("must not validate the schema (not)");
  }
}

void Validator::check_value(const json::object& schema, const json::value& value, const Path& path,
                            bool is_root) {
  if (value.is_null() && bool_field(schema, {"nullable"})) return;
  const bool is_int_or_string = bool_field(schema, {"x-kubernetes-int-or-string"});
  const std::string_view type = text_field(schema, {"type"});
  const bool is_right_type = is_int_or_string ? has_type(value, "integer") || value.is_string()
                                              : type.empty() || has_type(value, type);
  if (!is_right_type) {
    causes.push_back({"FieldValueTypeInvalid",
                      fmt::format("Invalid value: \"{}\": {} in body must be of type {}: \"{}\"",
                                  type_name(value), shown(path),
                                  is_int_or_string ? "integer,string" : type, type_name(value)),
                      shown(path)});
    return;
  }
  if (const json::array* allowed = array_field(schema, {"enum"})) {
    if (std::ranges::find(*allowed, value) == allowed->end()) {
      std::vector<std::string> supported;
      for (const json::value& item : *allowed) {
        supported.push_back(item.is_string() ? std::string(item.get_string())
                                             : json::serialize(item));
      }
      causes.push_back(field_not_supported(shown(path), value, supported));
    }
  }
  if (number_of(&value)) check_number(schema, value, path);
  if (value.is_string()) check_text(schema, value, path);
  if (value.is_array()) check_array(schema, value, path);
  if (value.is_object()) check_object(schema, value, path, is_root);
  check_combined(schema, value, path);
}

}  // namespace

void set_schema_defaults(const json::object& schema, json::object& object) {
  default_object(schema, object, true);
}

std::vector<std::string> prune(const json::object& schema, json::object& object) {
  std::vector<std::string> gone;
  json::value root = std::move(object);
  prune_value(schema, root, Path{}, true, gone);
  object = std::move(root.get_object());
  std::ranges::sort(gone);
  return gone;
}

std::vector<StatusCause> validate(const json::object& schema, const json::object& object) {
  Validator validator;
  validator.check_value(schema, json::value(object), Path{}, true);
  return std::move(validator.causes);
}

}  // namespace hyperwright::sim
