#include "sim/kubernetes_patch.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

ApiError cannot_process(std::string sentence) {
  return {.code = 422,
          .reason = "Invalid",
          .message = "the server rejected our request due to an error in our request: " +
                     std::move(sentence),
          .group = {},
          .kind = {},
          .name = {},
          .uid = {},
          .causes = {},
          .retry_after_seconds = 0};
}

// The parts of a JSON pointer, "~1" and "~0" unescaped.
std::optional<std::vector<std::string>> parse_pointer(std::string_view text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  if (text.front() != '/') return std::nullopt;
  std::string part;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '/') {
      parts.push_back(std::move(part));
      part.clear();
    } else if (text[i] == '~' && i + 1 < text.size() &&
               (text[i + 1] == '0' || text[i + 1] == '1')) {
      part += text[++i] == '0' ? '~' : '/';
    } else {
      part += text[i];
    }
  }
  return parts;
}

// The value at the first `depth` parts of the pointer; nullptr: there is none.
json::value* value_at(json::value& root, const std::vector<std::string>& parts, std::size_t depth) {
  json::value* at = &root;
  for (std::size_t i = 0; i < depth; ++i) {
    if (json::object* object = at->if_object()) {
      at = object->if_contains(parts[i]);
    } else if (json::array* array = at->if_array()) {
      const auto index = parse_count(parts[i]);
      at = index && static_cast<std::size_t>(*index) < array->size()
               ? &(*array)[static_cast<std::size_t>(*index)]
               : nullptr;
    } else {
      at = nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

bool add(json::value& root, const std::vector<std::string>& parts, const json::value& value) {
  if (parts.empty()) {
    root = value;
    return true;
  }
  json::value* parent = value_at(root, parts, parts.size() - 1);
  if (parent == nullptr) return false;
  if (json::object* object = parent->if_object()) {
    (*object)[parts.back()] = value;
    return true;
  }
  json::array* array = parent->if_array();
  if (array == nullptr) return false;
  if (parts.back() == "-") {
    array->push_back(value);
    return true;
  }
  const auto index = parse_count(parts.back());
  if (!index || static_cast<std::size_t>(*index) > array->size()) return false;
  array->insert(array->begin() + *index, value);
  return true;
}

bool remove(json::value& root, const std::vector<std::string>& parts) {
  if (parts.empty() || value_at(root, parts, parts.size()) == nullptr) return false;
  json::value& parent = *value_at(root, parts, parts.size() - 1);
  if (json::object* object = parent.if_object()) {
    erase_field(*object, parts.back());
    return true;
  }
  json::array& array = parent.get_array();
  array.erase(array.begin() + *parse_count(parts.back()));
  return true;
}

// nullopt: done; otherwise why not.
std::optional<std::string> carry_out(json::value& root, const json::object& operation) {
  const std::string op(text_field(operation, {"op"}));
  const std::string path(text_field(operation, {"path"}));
  const auto parts = parse_pointer(path);
  const json::value* value = operation.if_contains("value");
  if (!parts) return fmt::format("{} operation: \"{}\" is no JSON pointer", op, path);
  std::string missing =
      fmt::format("{} operation does not apply: doc is missing path: \"{}\"", op, path);
  if ((op == "add" || op == "replace" || op == "test") && value == nullptr) {
    return fmt::format("{} operation at \"{}\" has no value", op, path);
  }
  if (op == "add") return add(root, *parts, *value) ? std::nullopt : std::optional(missing);
  if (op == "remove") return remove(root, *parts) ? std::nullopt : std::optional(missing);
  if (op == "replace" || op == "test") {
    json::value* found = value_at(root, *parts, parts->size());
    if (op == "test") {
      const bool is_equal = found == nullptr ? value->is_null() : *found == *value;
      return is_equal ? std::nullopt : std::optional(fmt::format("testing value {} failed", path));
    }
    if (found == nullptr) return missing;
    *found = *value;
    return std::nullopt;
  }
  if (op == "move" || op == "copy") {
    const auto from = parse_pointer(text_field(operation, {"from"}));
    json::value* source = from ? value_at(root, *from, from->size()) : nullptr;
    if (source == nullptr)
      return fmt::format("{} operation does not apply: doc is missing from path", op);
    const json::value copy = *source;
    if (op == "move" && !remove(root, *from)) return missing;
    return add(root, *parts, copy) ? std::nullopt : std::optional(missing);
  }
  return fmt::format("unexpected kind: unknown operation \"{}\"", op);
}

void merge(json::value& target, const json::value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = json::object{};
  json::object& into = target.get_object();
  for (const auto& [key, value] : patch.get_object()) {
    if (value.is_null()) {
      erase_field(into, {key.data(), key.size()});
    } else {
      merge(into[key], value);
    }
  }
}

constexpr std::size_t kOperationsMax = 10'000;

}  // namespace

ApiResult<json::object> apply_json_patch(const json::object& object, const json::value& patch) {
  if (!patch.is_array()) return bad_request("a JSON patch must be an array of operations");
  if (patch.get_array().size() > kOperationsMax) {
    return bad_request(fmt::format("The allowed maximum operations in a JSON patch is {}, got {}",
                                   kOperationsMax, patch.get_array().size()));
  }
  json::value root = object;
  for (const json::value& operation : patch.get_array()) {
    if (!operation.is_object())
      return bad_request("an operation of a JSON patch must be an object");
    if (auto wrong = carry_out(root, operation.get_object()))
      return cannot_process(*std::move(wrong));
  }
  if (!root.is_object()) return cannot_process("the patched object is no object any more");
  return std::move(root.get_object());
}

ApiResult<json::object> apply_merge_patch(const json::object& object, const json::value& patch) {
  if (!patch.is_object()) return bad_request("a merge patch must be an object");
  json::value root = object;
  merge(root, patch);
  return std::move(root.get_object());
}

}  // namespace hyperwright::sim
