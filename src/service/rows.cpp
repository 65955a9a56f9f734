#include "service/rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "service/records.h"

namespace hyperwright::service {
namespace {

constexpr std::array<std::pair<RecordKind, std::string_view>, 7> kKinds = {{
    {RecordKind::Service, "service"},
    {RecordKind::Cluster, "cluster"},
    {RecordKind::Group, "group"},
    {RecordKind::Node, "node"},
    {RecordKind::Event, "event"},
    {RecordKind::AddCall, "add-call"},
    {RecordKind::NodeOutput, "output"},
}};

template <typename Records>
auto* find_record(Records& records, std::uint64_t sequence) {
  const auto at = std::ranges::lower_bound(records, sequence, {},
                                           [](const auto& record) { return record.sequence; });
  return at == records.end() || at->sequence != sequence ? nullptr : &*at;
}

template <typename Record>
Row row_of(RecordKind kind, std::uint64_t cluster, const Record& record) {
  return {
      .number = record.sequence, .kind = kind, .cluster = cluster, .record = encode_record(record)};
}

// What a touched record is now.
class ChangesOf {
 public:
  explicit ChangesOf(const ControlPlane& state) : state_(state) {}

  void add(std::uint64_t sequence, const Touched::Place& place) {
    if (place.kind == RecordKind::NodeOutput) return add(sequence, place, state_.outputs);
    const ClusterRecord* cluster = find_record(state_.clusters, place.cluster);
    if (place.kind == RecordKind::Cluster) return add(sequence, place, state_.clusters);
    if (cluster == nullptr) return;  // it went with its cluster
    if (place.kind == RecordKind::Group) return add(sequence, place, cluster->groups);
    if (place.kind == RecordKind::Node) return add(sequence, place, cluster->nodes);
    if (place.kind == RecordKind::Event) return add(sequence, place, cluster->events);
    return add(sequence, place, cluster->add_calls);
  }

  Changes changes{};

 private:
  void add(std::uint64_t sequence, const Touched::Place& place, const auto& records) {
    if (const auto* record = find_record(records, sequence)) {
      changes.written.push_back(row_of(place.kind, place.cluster, *record));
    } else if (place.kind == RecordKind::Cluster) {
      changes.erased_clusters.push_back(sequence);
    } else {
      changes.erased.push_back(sequence);
    }
  }

  const ControlPlane& state_;
};

Failure damaged(const Row& row, std::string_view what) {
  return fail(ErrorCode::Invalid,
              fmt::format("row {}, {}: {}", row.number, to_string(row.kind), what),
              "put a copy of it back, or begin anew with another file");
}

// Puts rows back where they belong, and refuses what no service would have written: the rest of
// the room relies on it.
class Restoring {
 public:
  explicit Restoring(const hyperpod::InstanceTypes& types) : types_(types) {}

  Status put(const Row& row) {
    if (row.number != 0 && row.number >= state_.next_sequence)
      return damaged(row, "its number was never given out");
    switch (row.kind) {
      case RecordKind::Service:
        return damaged(row, "there are two of them");
      case RecordKind::Cluster:
        return put_cluster(row);
      case RecordKind::NodeOutput:
        return put(row, decode_output(row.record), state_.outputs);
      default:
        break;
    }
    ClusterRecord* cluster = find_record(state_.clusters, row.cluster);
    if (cluster == nullptr) return damaged(row, fmt::format("there is no cluster {}", row.cluster));
    switch (row.kind) {
      case RecordKind::Group:
        return put_group(row, *cluster);
      case RecordKind::Node:
        return put_node(row, *cluster);
      case RecordKind::Event:
        return put(row, decode_event(row.record), cluster->events);
      default:
        return put(row, decode_add_call(row.record), cluster->add_calls);
    }
  }

  Status begin(const Row& row) {
    if (row.kind != RecordKind::Service) return damaged(row, "the row of the service comes first");
    auto decoded = decode_service(row.record);
    if (!decoded) return damaged(row, decoded.error().sentence());
    state_ = std::move(*decoded);
    return {};
  }

  ControlPlane end() {
    for (const ClusterRecord& cluster : state_.clusters) {
      wake(cluster.due, cluster, 0);
      for (const GroupRecord& group : cluster.groups)
        wake(group.min_deadline, cluster, group.sequence);
      for (const NodeRecord& node : cluster.nodes) wake(node.due, cluster, node.sequence);
    }
    return std::move(state_);
  }

 private:
  template <typename Record>
  static Status put(const Row& row, Result<Record> decoded, auto& records) {
    if (!decoded) return damaged(row, decoded.error().sentence());
    if (decoded->sequence != row.number) return damaged(row, "its record has another number");
    records.push_back(std::move(*decoded));
    return {};
  }

  Status put_cluster(const Row& row) {
    if (auto done = put(row, decode_cluster(row.record), state_.clusters); !done) return done;
    return check_subnets(row, state_.clusters.back().subnets);
  }

  Status put_group(const Row& row, ClusterRecord& cluster) {
    if (auto done = put(row, decode_group(row.record), cluster.groups); !done) return done;
    const GroupRecord& group = cluster.groups.back();
    if (group.instance_types.empty()) return damaged(row, "it has no instance type");
    if (auto known = check_types(row, group.instance_types); !known) return known;
    return check_subnets(row, group.subnets);
  }

  Status put_node(const Row& row, ClusterRecord& cluster) {
    if (auto done = put(row, decode_node(row.record), cluster.nodes); !done) return done;
    const NodeRecord& node = cluster.nodes.back();
    if (find_group(cluster, node.group) == nullptr)
      return damaged(row, fmt::format("there is no group \"{}\"", node.group));
    const bool has_instance = node.phase == NodePhase::Joining ||
                              node.phase == NodePhase::Running ||
                              node.phase == NodePhase::ShuttingDown;
    if (node.has_instance() != has_instance || node.launched.has_value() != has_instance)
      return damaged(row, "its phase and its instance contradict each other");
    if (node.phase == NodePhase::Running && node.due != Time::max())
      return damaged(row, "it runs, and something is due");
    if (has_instance) {
      if (auto known = check_types(row, {node.instance_type}); !known) return known;
    }
    return check_types(row, node.wanted_types);
  }

  Status check_types(const Row& row, const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
      if (types_.find(name) == nullptr)
        return damaged(row, fmt::format("there is no instance type \"{}\"", name));
    }
    return {};
  }

  Status check_subnets(const Row& row, const std::vector<std::string>& ids) const {
    for (const std::string& id : ids) {
      if (std::ranges::find(state_.subnets, id, &hyperpod::Subnet::id) == state_.subnets.end())
        return damaged(row, fmt::format("the zone of subnet \"{}\" is not known", id));
    }
    return {};
  }

  void wake(Time at, const ClusterRecord& cluster, std::uint64_t item) {
    if (at != Time::max()) state_.wakes.insert({at, cluster.sequence, item});
  }

  const hyperpod::InstanceTypes& types_;
  ControlPlane state_{};
};

}  // namespace

std::string_view to_string(RecordKind kind) {
  return std::ranges::find(kKinds, kind, &decltype(kKinds)::value_type::first)->second;
}

std::optional<RecordKind> record_kind_of(std::string_view text) {
  const auto* const at = std::ranges::find(kKinds, text, &decltype(kKinds)::value_type::second);
  return at == kKinds.end() ? std::nullopt : std::optional(at->first);
}

Row service_row(const ControlPlane& state) {
  return {.number = 0, .kind = RecordKind::Service, .cluster = 0, .record = encode_record(state)};
}

std::vector<Row> rows_of(const ControlPlane& state) {
  std::vector<Row> rows = {service_row(state)};
  for (const ClusterRecord& cluster : state.clusters) {
    const std::uint64_t number = cluster.sequence;
    rows.push_back(row_of(RecordKind::Cluster, number, cluster));
    for (const auto& group : cluster.groups)
      rows.push_back(row_of(RecordKind::Group, number, group));
    for (const auto& node : cluster.nodes) rows.push_back(row_of(RecordKind::Node, number, node));
    for (const auto& event : cluster.events)
      rows.push_back(row_of(RecordKind::Event, number, event));
    for (const auto& call : cluster.add_calls)
      rows.push_back(row_of(RecordKind::AddCall, number, call));
  }
  for (const auto& output : state.outputs)
    rows.push_back(row_of(RecordKind::NodeOutput, 0, output));
  std::ranges::sort(rows, {}, &Row::number);
  return rows;
}

Changes changes_of(const ControlPlane& state, const Touched& touched) {
  ChangesOf found(state);
  for (const auto& [sequence, place] : touched.places()) found.add(sequence, place);
  if (!found.changes.is_empty()) found.changes.written.push_back(service_row(state));
  return std::move(found.changes);
}

Result<ControlPlane> control_plane_of(std::span<const Row> rows,
                                      const hyperpod::InstanceTypes& types) {
  if (rows.empty()) return fail(ErrorCode::Invalid, "it has no rows");
  Restoring restoring(types);
  if (auto begun = restoring.begin(rows.front()); !begun) return fail(begun.error());
  for (const Row& row : rows.subspan(1)) {
    if (auto done = restoring.put(row); !done) return fail(done.error());
  }
  return restoring.end();
}

}  // namespace hyperwright::service
