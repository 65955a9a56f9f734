// Reading and writing fields of objects that are plain JSON. An absent field, and one of another
// type than was asked for, read as empty: the API has validated what it stores, and clients expect
// defaults.
//
// A text that comes back points into its object. It is good until the object changes: short texts
// live inside their values, which move when a field is added beside them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace hyperwright::sim {

using FieldPath = std::initializer_list<std::string_view>;

// nullptr when any part of the path is absent, or is no object.
const boost::json::value* find_field(const boost::json::object& object, FieldPath path);
boost::json::value* find_field(boost::json::object& object, FieldPath path);

std::string_view text_field(const boost::json::object& object, FieldPath path);
std::int64_t int_field(const boost::json::object& object, FieldPath path,
                       std::int64_t otherwise = 0);
bool bool_field(const boost::json::object& object, FieldPath path);
// nullptr when absent or of another type.
const boost::json::object* object_field(const boost::json::object& object, FieldPath path);
const boost::json::array* array_field(const boost::json::object& object, FieldPath path);
boost::json::object* object_field(boost::json::object& object, FieldPath path);
boost::json::array* array_field(boost::json::object& object, FieldPath path);

// The object at the path; what is missing on the way, or is no object, becomes an empty one.
boost::json::object& object_at(boost::json::object& object, FieldPath path);
boost::json::array& array_at(boost::json::object& object, FieldPath path);
// Sets the field when it is absent or null.
void set_default(boost::json::object& object, std::string_view key, boost::json::value value);
// Removes the field and keeps the order of the others.
void erase_field(boost::json::object& object, std::string_view key);

// metadata.namespace, metadata.name, metadata.uid, of which everything speaks all the time.
std::string_view namespace_of(const boost::json::object& object);
std::string_view name_of(const boost::json::object& object);
std::string_view uid_of(const boost::json::object& object);
// metadata.resourceVersion as a number, 0 when absent.
std::uint64_t resource_version_of(const boost::json::object& object);
bool is_deleting(const boost::json::object& object);

// The entry of status.conditions of this type; nullptr when absent.
const boost::json::object* find_condition(const boost::json::object& object, std::string_view type);
bool has_condition(const boost::json::object& object, std::string_view type,
                   std::string_view status);

}  // namespace hyperwright::sim
