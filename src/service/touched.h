// Which records a call or a step of time has touched: those alone are written to disk afterwards.
// A record may be touched at any point of the turn, before or after it is changed or erased; what
// became of it is looked up in the end (rows.h, changes_of). tests/service/rows_test.cpp holds that
// none is forgotten.
#pragma once

#include <cstdint>
#include <map>

#include "service/control_plane.h"

namespace hyperwright::service {

enum class RecordKind : std::uint8_t { Service, Cluster, Group, Node, Event, AddCall, NodeOutput };

class Touched {
 public:
  struct Place {
    RecordKind kind = RecordKind::Cluster;
    std::uint64_t cluster = 0;  // 0: of none
  };

  // Where nobody asks for them, nothing is remembered.
  explicit Touched(bool is_asked_for) : is_asked_for_(is_asked_for) {}

  void touch(const ClusterRecord& cluster) { note(cluster.sequence, RecordKind::Cluster, cluster); }
  void touch(const ClusterRecord& cluster, const GroupRecord& group) {
    note(group.sequence, RecordKind::Group, cluster);
  }
  void touch(const ClusterRecord& cluster, const NodeRecord& node) {
    note(node.sequence, RecordKind::Node, cluster);
  }
  void touch(const ClusterRecord& cluster, const EventRecord& event) {
    note(event.sequence, RecordKind::Event, cluster);
  }
  void touch(const ClusterRecord& cluster, const AddCall& call) {
    note(call.sequence, RecordKind::AddCall, cluster);
  }
  // Of no cluster: the last ones of a cluster outlive it.
  void touch(const OutputRecord& output) {
    if (is_asked_for_) places_[output.sequence] = {RecordKind::NodeOutput, 0};
  }

  // By sequence number.
  [[nodiscard]] const std::map<std::uint64_t, Place>& places() const { return places_; }
  void clear() { places_.clear(); }

 private:
  void note(std::uint64_t sequence, RecordKind kind, const ClusterRecord& cluster) {
    if (is_asked_for_) places_[sequence] = {kind, cluster.sequence};
  }

  bool is_asked_for_;
  std::map<std::uint64_t, Place> places_;
};

}  // namespace hyperwright::service
