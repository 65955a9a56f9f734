// How the virtual pods of CapacityBuffers come into the picture, and what a plan found for them.
#include <algorithm>

#include "state/capacity_buffers.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

void ClusterState::remake_buffer_pods(const kube::ObjectKey& key) {
  const auto* buffer = find<kube::CapacityBuffer>(key.namespace_, key.name);
  std::vector<PodRecord> pods;
  if (buffer != nullptr && !buffer->meta.is_deleting()) {
    const ResolvedBuffer resolved = resolve(*buffer, *this);
    for (std::int64_t number = 1; number <= resolved.count; ++number) {
      PodRecord& record = pods.emplace_back();
      record.pod = virtual_pod(*buffer, resolved, number);
      record.pod_class = number == 1 ? pod_classes_.intern(record.pod) : pods.front().pod_class;
    }
  }
  if (pods.empty()) {
    buffer_pods_.erase(key);
  } else {
    buffer_pods_[key] = std::move(pods);
  }
}

void ClusterState::keep_room(const KeepRoom& keep, Time now) {
  BufferPlan plan{.inputs_version = keep.inputs_version,
                  .at = now,
                  .changes = 0,
                  .rooms = {},
                  .claims = {keep.claims.begin(), keep.claims.end()}};
  for (const KeepRoom::Room& room : keep.rooms) plan.rooms[room.buffer] = room.is_there;
  for (const auto& [key, is_there] : plan.rooms) {
    const auto known = buffer_plan_.rooms.find(key);
    if (known == buffer_plan_.rooms.end() || known->second != is_there)
      mark(Key::Of::CapacityBuffer, key.namespace_ + '/' + key.name);
  }
  // Before the first plan every node was kept.
  const bool is_first = buffer_plan_.inputs_version == 0;
  for (const auto& [name, claim] : claims_) {
    if ((is_first || buffer_plan_.claims.contains(name)) && !plan.claims.contains(name))
      mark(Key::Of::NodeClaim, name);
  }
  plan.changes = change_log_.end();
  buffer_plan_ = std::move(plan);
}

bool ClusterState::is_room_kept(std::string_view claim) const {
  if (buffer_plan_.inputs_version == 0) return !buffer_pods_.empty();
  return buffer_plan_.claims.contains(claim);
}

}  // namespace hyperwright::state
