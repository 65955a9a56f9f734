// The service's state as rows of one table, for a shell that keeps it: one row a cluster, group,
// node, event, add call and output, and one for what belongs to none of them. A call writes the
// rows that it touched and no others, so that a cluster of 5,000 nodes costs a call no more than a
// small one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hyperpod/instance_type.h"
#include "service/control_plane.h"
#include "service/touched.h"

namespace hyperwright::service {

struct Row {
  std::uint64_t number = 0;  // of all rows, each its own: the record's sequence number, or 0
  RecordKind kind = RecordKind::Service;
  std::uint64_t cluster = 0;  // the number of the cluster that it belongs to, or 0
  std::string record{};       // JSON, see records.h
  auto operator<=>(const Row&) const = default;
};
// "cluster", "node", ...
std::string_view to_string(RecordKind kind);
std::optional<RecordKind> record_kind_of(std::string_view text);

// To be done in this order, together or not at all.
struct Changes {
  std::vector<std::uint64_t> erased_clusters{};  // with every row that belongs to them
  std::vector<std::uint64_t> erased{};           // numbers; one that is not there is no error
  std::vector<Row> written{};                    // in the place of the row of that number
  [[nodiscard]] bool is_empty() const {
    return erased_clusters.empty() && erased.empty() && written.empty();
  }
};

// The row of what belongs to no cluster; it goes along with every change.
Row service_row(const ControlPlane& state);
// All rows, by number.
std::vector<Row> rows_of(const ControlPlane& state);
// What `touched` has become. Empty where nothing was touched.
Changes changes_of(const ControlPlane& state, const Touched& touched);
// Invalid where the rows are not what rows_of() gives: a damaged file must not become a damaged
// service. Requires: rows by number.
Result<ControlPlane> control_plane_of(std::span<const Row> rows,
                                      const hyperpod::InstanceTypes& types);

}  // namespace hyperwright::service
