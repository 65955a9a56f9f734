// The picture of a journal at one moment: for people, and as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::cli {

struct Moment {
  std::string file;
  std::uint64_t turn = 0;  // the last one that was played
  Time at;                 // when it was; of the first turn, where none was played
};

// Nodes, NodeClaims, pods that wait with what was last said of them, and effects under way.
std::string text_of(const Moment& moment, const state::ClusterState& state);
// One object, with a newline at its end.
std::string json_of(const Moment& moment, const state::ClusterState& state);

}  // namespace hyperwright::cli
