#include "service/turn.h"

#include <string_view>
#include <utility>

namespace hyperwright::service {
namespace {

void move_wake(ControlPlane& state, std::uint64_t cluster, std::uint64_t item, Time from, Time to) {
  state.wakes.erase({from, cluster, item});
  if (to != Time::max()) state.wakes.insert({to, cluster, item});
}

std::string draw(Random& random, std::string_view alphabet, std::size_t length) {
  std::string text(length, ' ');
  for (char& c : text) c = alphabet[random.below(alphabet.size())];
  return text;
}

}  // namespace

void set_due(Turn& turn, ClusterRecord& cluster, Time due) {
  move_wake(turn.state, cluster.sequence, 0, cluster.due, due);
  cluster.due = due;
  turn.touched.touch(cluster);
}

void set_due(Turn& turn, const ClusterRecord& cluster, NodeRecord& node, Time due) {
  move_wake(turn.state, cluster.sequence, node.sequence, node.due, due);
  node.due = due;
  turn.touched.touch(cluster, node);
}

void set_min_deadline(Turn& turn, const ClusterRecord& cluster, GroupRecord& group, Time deadline) {
  move_wake(turn.state, cluster.sequence, group.sequence, group.min_deadline, deadline);
  group.min_deadline = deadline;
  turn.touched.touch(cluster, group);
}

void put_out(Turn& turn, Output output) {
  const auto& record =
      turn.state.outputs.emplace_back(OutputRecord{turn.next_sequence(), std::move(output)});
  turn.touched.touch(record);
}

std::string draw_instance_id(Random& random) { return "i-" + draw(random, "0123456789abcdef", 17); }

std::string draw_cluster_id(Random& random) {
  return draw(random, "abcdefghijklmnopqrstuvwxyz0123456789", 12);
}

}  // namespace hyperwright::service
