#include "kube/json_members.h"

#include <boost/json.hpp>

namespace hyperwright::kube {
namespace json = boost::json;

const json::value* member(const json::value& object, std::string_view name) {
  const json::object* const members = object.if_object();
  return members == nullptr ? nullptr : members->if_contains(name);
}

const json::value& at(const json::value& object, std::string_view name) {
  static const json::value kNothing;
  const json::value* const value = member(object, name);
  return value == nullptr ? kNothing : *value;
}

std::string_view text_at(const json::value& object, std::string_view name) {
  const json::string* const text = at(object, name).if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

const json::array& list_at(const json::value& object, std::string_view name) {
  static const json::array kNothing;
  const json::array* const list = at(object, name).if_array();
  return list == nullptr ? kNothing : *list;
}

}  // namespace hyperwright::kube
