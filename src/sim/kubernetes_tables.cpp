#include "sim/kubernetes_tables.h"

#include <algorithm>
#include <string>

#include <boost/json.hpp>

#include "sim/kubernetes_columns.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_json_path.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

std::vector<TableColumn> columns_of(const ResourceType& type) {
  if (!type.is_custom) return built_in_columns(type);
  std::vector<TableColumn> columns{{.name = "Name",
                                    .type = "string",
                                    .format = "name",
                                    .description = {},
                                    .priority = 0,
                                    .json_path = {}}};
  for (const TableColumn& column : type.columns) columns.push_back(column);
  if (type.columns.empty()) {
    columns.push_back({.name = "Age",
                       .type = "date",
                       .format = {},
                       .description = {},
                       .priority = 0,
                       .json_path = ".metadata.creationTimestamp"});
  }
  return columns;
}

// A custom resource's cell, as upstream prints it: dates as ages, lists of several as JSON.
json::value custom_cell(const TableColumn& column, const json::object& object, Time now) {
  const std::vector<const json::value*> found = find_json_path(object, column.json_path);
  if (found.empty() || found.front()->is_null())
    return column.type == "date" ? json::value("<unknown>") : json::value(nullptr);
  const json::value& value = *found.front();
  if (column.type == "date")
    return json::value(age_text(
        value.is_string() ? std::string_view(value.get_string().data(), value.get_string().size())
                          : std::string_view{},
        now));
  if (found.size() > 1) {
    json::array all;
    for (const json::value* item : found) all.push_back(*item);
    return json::value(json::serialize(all));
  }
  if (column.type == "integer" || column.type == "number" || column.type == "boolean") return value;
  return value.is_string() ? value : json::value(json::serialize(value));
}

json::array custom_cells(const std::vector<TableColumn>& columns, const json::object& object,
                         Time now) {
  json::array cells;
  for (const TableColumn& column : columns) {
    if (column.json_path.empty()) {
      const std::string_view name = name_of(object);
      cells.emplace_back(json::string_view(name.data(), name.size()));
    } else {
      cells.push_back(custom_cell(column, object, now));
    }
  }
  return cells;
}

json::object column_definition(const TableColumn& column) {
  return {{"name", column.name},
          {"type", column.type},
          {"format", column.format},
          {"description", column.description.empty() ? column.name : column.description},
          {"priority", column.priority}};
}

}  // namespace

json::object partial_metadata(const json::object& object) {
  json::object out{{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}};
  if (const json::value* metadata = object.if_contains("metadata")) out["metadata"] = *metadata;
  return out;
}

json::object make_table(const ResourceType& type, const std::vector<ObjectPtr>& objects,
                        json::object list_metadata, RowObject row_object, bool has_columns,
                        Time now) {
  const std::vector<TableColumn> columns = columns_of(type);
  json::array definitions;
  if (has_columns) {
    for (const TableColumn& column : columns) definitions.push_back(column_definition(column));
  }
  json::array rows;
  for (const ObjectPtr& object : objects) {
    json::object row{{"cells", type.is_custom ? custom_cells(columns, *object, now)
                                              : built_in_cells(type, *object, now)}};
    if (row_object == RowObject::Object) row["object"] = *object;
    if (row_object == RowObject::Metadata) row["object"] = partial_metadata(*object);
    rows.push_back(std::move(row));
  }
  return {{"kind", "Table"},
          {"apiVersion", "meta.k8s.io/v1"},
          {"metadata", std::move(list_metadata)},
          {"columnDefinitions", std::move(definitions)},
          {"rows", std::move(rows)}};
}

}  // namespace hyperwright::sim
