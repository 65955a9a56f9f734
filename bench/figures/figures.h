// The figures, one function each; main.cpp says what each takes.
#pragma once

#include <cstddef>
#include <string>

namespace hyperwright::bench {

// Grows a cluster to this many nodes, ten pods on each, and back to zero. "": no snapshot is kept.
void measure_life(std::size_t nodes, const std::string& snapshot);
// Resident memory of the picture of the snapshot's cluster. In a fresh process only.
void measure_memory(const std::string& snapshot);
// Events a second through the loop around the snapshot's cluster.
void measure_events(const std::string& snapshot);
// From the event of the last pending pod to the first BatchAddClusterNodes.
void measure_decision(const std::string& snapshot);

// What the journal of a growing and shrinking cluster of this many nodes takes: bytes an event, and
// time.
void measure_journal(std::size_t nodes);

}  // namespace hyperwright::bench
