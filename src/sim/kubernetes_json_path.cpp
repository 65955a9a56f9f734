#include "sim/kubernetes_json_path.h"

#include <optional>
#include <string>

#include <boost/json.hpp>

#include "base/number.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using Found = std::vector<const json::value*>;

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// Takes ".name" off the front of `path`; a backslash keeps the dot that follows it.
std::string take_name(std::string_view& path) {
  path.remove_prefix(1);
  std::string name;
  while (!path.empty() && path.front() != '.' && path.front() != '[') {
    if (path.front() == '\\' && path.size() > 1) path.remove_prefix(1);
    name += path.front();
    path.remove_prefix(1);
  }
  return name;
}

Found children(const Found& from, std::string_view name) {
  Found out;
  for (const json::value* value : from) {
    const json::value* child =
        value->is_object() ? find_field(value->get_object(), {name}) : nullptr;
    if (child != nullptr) out.push_back(child);
  }
  return out;
}

// `?(@.type=="Ready")`
Found filtered(const Found& from, std::string_view filter) {
  const std::size_t at = filter.find("@.");
  const std::size_t equals = filter.find("==");
  if (at == std::string_view::npos || equals == std::string_view::npos || !filter.ends_with(')'))
    return {};
  std::string_view field = filter.substr(at + 2, equals - at - 2);
  while (field.ends_with(' ')) field.remove_suffix(1);
  std::string_view wanted = filter.substr(equals + 2, filter.size() - equals - 3);
  while (wanted.starts_with(' ')) wanted.remove_prefix(1);
  while (wanted.ends_with(' ')) wanted.remove_suffix(1);
  wanted = unquoted(wanted);
  Found out;
  for (const json::value* value : from) {
    if (!value->is_array()) continue;
    for (const json::value& item : value->get_array()) {
      const json::value* own = item.is_object() ? find_field(item.get_object(), {field}) : nullptr;
      if (own == nullptr) continue;
      const std::string text =
          own->is_string() ? std::string(own->get_string()) : json::serialize(*own);
      if (text == wanted) out.push_back(&item);
    }
  }
  return out;
}

Found bracket(const Found& from, std::string_view inside) {
  if (inside.starts_with('?')) return filtered(from, inside);
  if (inside.starts_with('\'') || inside.starts_with('"')) return children(from, unquoted(inside));
  Found out;
  const auto index = parse_int64(inside);
  for (const json::value* value : from) {
    const json::array* array = value->if_array();
    if (array == nullptr) continue;
    if (inside == "*") {
      for (const json::value& item : *array) out.push_back(&item);
    } else if (index) {
      const auto size = static_cast<std::int64_t>(array->size());
      const std::int64_t at = *index < 0 ? size + *index : *index;
      if (at >= 0 && at < size) out.push_back(&(*array)[static_cast<std::size_t>(at)]);
    }
  }
  return out;
}

}  // namespace

Found find_json_path(const json::object& object, std::string_view path) {
  if (path.starts_with('{') && path.ends_with('}')) path = path.substr(1, path.size() - 2);
  if (path.starts_with('$')) path.remove_prefix(1);
  // The first step starts from the object itself, which is no value.
  Found found;
  bool is_first = true;
  while (!path.empty()) {
    std::string name;
    std::optional<std::string_view> inside;
    if (path.front() == '.') {
      name = take_name(path);
    } else if (path.front() == '[') {
      const std::size_t close = path.find(path.starts_with("[?") ? ")]" : "]");
      if (close == std::string_view::npos) return {};
      const std::size_t end = path.starts_with("[?") ? close + 1 : close;
      inside = path.substr(1, end - 1);
      path.remove_prefix(end + 1);
    } else {
      return {};
    }
    if (is_first) {
      const json::value* child =
          find_field(object, {inside ? unquoted(*inside) : std::string_view(name)});
      if (child != nullptr) found.push_back(child);
      is_first = false;
    } else {
      found = inside ? bracket(found, *inside) : children(found, name);
    }
    if (found.empty()) return {};
  }
  return found;
}

}  // namespace hyperwright::sim
