#include "sim/kubernetes_watch.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

bool Watch::selects(const json::object& object) const {
  return (options_.select.ns.empty() || namespace_of(object) == options_.select.ns) &&
         options_.select.labels.matches(object) && options_.select.fields.matches(object);
}

std::string Watch::line(const ResourceType& type, std::string_view event, const ObjectPtr& object,
                        Time now) {
  std::string text = fmt::format(R"({{"type":"{}","object":)", event);
  if (options_.rendering == Rendering::Table) {
    json::object metadata{{"resourceVersion", std::to_string(resource_version_of(*object))}};
    text += json::serialize(make_table(type, {object}, std::move(metadata), options_.row_object,
                                       !has_sent_columns_, now));
    has_sent_columns_ = true;
  } else if (options_.rendering == Rendering::Metadata) {
    text += json::serialize(partial_metadata(*object));
  } else {
    text += json::serialize(*object);
  }
  return text + "}\n";
}

std::string Watch::next_lines(const KubernetesApi& api, Time now) {
  std::string lines;
  const ResourceType* type = api.find_type(options_.resource);
  if (is_over_) return lines;
  if (type == nullptr) {  // its definition was deleted
    is_over_ = true;
    return lines;
  }
  if (!has_begun_) {
    has_begun_ = true;
    seen_ = options_.resource_version.value_or(0);
    if (!options_.resource_version) {
      for (const ObjectPtr& object : api.list(options_.resource, options_.select)) {
        lines += line(*type, "ADDED", object, now);
      }
      seen_ = api.resource_version();
    }
  }
  const auto changes = api.changes_since(options_.resource, seen_);
  if (!changes) {
    is_over_ = true;
    const ApiError error =
        expired(fmt::format("too old resource version: {} ({})", seen_, api.resource_version()));
    return lines +
           fmt::format("{{\"type\":\"ERROR\",\"object\":{}}}\n", json::serialize(to_status(error)));
  }
  for (const Change& change : *changes) {
    const bool was_selected = change.previous != nullptr && selects(*change.previous);
    const bool is_selected = change.kind != ChangeKind::Deleted && selects(*change.object);
    if (is_selected) {
      lines += line(*type, was_selected ? "MODIFIED" : "ADDED", change.object, now);
    } else if (was_selected) {
      lines += line(*type, "DELETED", change.object, now);
    }
    seen_ = change.resource_version;
  }
  return lines;
}

std::string Watch::bookmark(const KubernetesApi& api) const {
  const ResourceType* type = api.find_type(options_.resource);
  if (!options_.allows_bookmarks || is_over_ || !has_begun_ || type == nullptr) return {};
  // Everything up to now was looked at, also what other resources changed: a later start may begin
  // here.
  const json::object metadata{{"resourceVersion", std::to_string(api.resource_version())},
                              {"creationTimestamp", nullptr}};
  json::object object;
  if (options_.rendering == Rendering::Table) {
    object = make_table(*type, {}, {{"resourceVersion", std::to_string(api.resource_version())}},
                        options_.row_object, false, Time{});
  } else if (options_.rendering == Rendering::Metadata) {
    object = {{"kind", "PartialObjectMetadata"},
              {"apiVersion", "meta.k8s.io/v1"},
              {"metadata", metadata}};
  } else {
    object = {{"kind", type->kind}, {"apiVersion", type->api_version()}, {"metadata", metadata}};
  }
  return fmt::format("{{\"type\":\"BOOKMARK\",\"object\":{}}}\n", json::serialize(object));
}

}  // namespace hyperwright::sim
