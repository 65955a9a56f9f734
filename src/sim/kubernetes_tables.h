// The tables that `kubectl get` prints: the server names the columns and fills the cells. Built-in
// kinds have their usual columns, custom resources those of additionalPrinterColumns. Ages are
// measured to the time that is passed in, which is how a virtual clock shows in kubectl.
//
// Source: Kubernetes, API Concepts > Receiving resources as Tables.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/time.h"
#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

// What stands in each row beside the cells (query parameter includeObject).
enum class RowObject : std::uint8_t { None, Metadata, Object };

// `list_metadata` becomes the table's metadata. The columns are left out of all tables of a watch
// but the first.
boost::json::object make_table(const ResourceType& type, const std::vector<ObjectPtr>& objects,
                               boost::json::object list_metadata, RowObject row_object,
                               bool has_columns, Time now);

// The object reduced to its metadata, as kind PartialObjectMetadata.
boost::json::object partial_metadata(const boost::json::object& object);

}  // namespace hyperwright::sim
