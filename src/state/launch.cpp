#include "state/launch.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace hyperwright::state {
namespace json = boost::json;

std::int32_t LaunchCall::nodes() const {
  std::int32_t sum = 0;
  for (const LaunchSpecification& specification : specifications) sum += specification.count;
  return sum;
}

std::vector<hyperpod::AddSpecification> LaunchCall::add_specifications() const {
  std::vector<hyperpod::AddSpecification> list;
  for (const LaunchSpecification& specification : specifications) {
    hyperpod::AddSpecification& add = list.emplace_back();
    add.group = specification.offering.group;
    add.count = specification.count;
    if (specification.is_flexible) {
      add.types = {specification.offering.type};
      add.zones = {specification.offering.zone};
    }
  }
  return list;
}

std::string encode_launch(const Launch& launch) {
  json::array specifications;
  for (const LaunchSpecification& specification : launch.call.specifications) {
    json::object object{{"group", specification.offering.group},
                        {"type", specification.offering.type},
                        {"zone", specification.offering.zone},
                        {"count", specification.count}};
    if (specification.is_flexible) object["flexible"] = true;
    specifications.push_back(std::move(object));
  }
  return json::serialize(json::object{{"batch", launch.call.batch},
                                      {"specification", launch.specification},
                                      {"specifications", std::move(specifications)}});
}

namespace {

Failure unreadable(std::string_view text) {
  return fail(
      ErrorCode::Invalid,
      fmt::format("annotation hyperwright.dev/launch \"{}\" cannot be read", text.substr(0, 200)),
      "do not edit this annotation; delete the NodeClaim, its pods are planned again");
}

const json::string* text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_string();
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_int64()) return *number;
  return std::nullopt;
}

std::optional<LaunchSpecification> decode_specification(const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return std::nullopt;
  const json::string* group = text_of(*object, "group");
  const json::string* type = text_of(*object, "type");
  const json::string* zone = text_of(*object, "zone");
  const auto count = number_of(*object, "count");
  if (group == nullptr || type == nullptr || zone == nullptr || !count || *count < 1 ||
      *count > hyperpod::kAddNodesMax) {
    return std::nullopt;
  }
  const json::value* flexible = object->if_contains("flexible");
  return LaunchSpecification{
      .offering = {std::string(*group), std::string(*type), std::string(*zone)},
      .is_flexible = flexible != nullptr && flexible->is_bool() && flexible->get_bool(),
      .count = static_cast<std::int32_t>(*count)};
}

}  // namespace

Result<Launch> decode_launch(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return unreadable(text);
  const json::string* batch = text_of(*object, "batch");
  const auto specification = number_of(*object, "specification");
  const json::value* list = object->if_contains("specifications");
  if (batch == nullptr || batch->empty() || !specification || list == nullptr || !list->is_array())
    return unreadable(text);
  Launch launch;
  launch.call.batch = std::string(*batch);
  for (const json::value& item : list->get_array()) {
    auto decoded = decode_specification(item);
    if (!decoded) return unreadable(text);
    launch.call.specifications.push_back(std::move(*decoded));
  }
  const bool fits = *specification >= 0 &&
                    static_cast<std::size_t>(*specification) < launch.call.specifications.size() &&
                    launch.call.specifications.size() <= hyperpod::kAddSpecificationsMax &&
                    launch.call.nodes() <= hyperpod::kAddNodesMax;
  if (!fits) return unreadable(text);
  launch.specification = static_cast<std::size_t>(*specification);
  return launch;
}

}  // namespace hyperwright::state
