// figures header | life [NODES [FILE]] | memory FILE | events FILE | decision [FILE] | journal
// [NODES]
//
// `life` writes the cluster that it has grown to FILE, which the others start from. Each is a
// process of its own, so that none finds the memory of another.
#include <cstdlib>
#include <string>
#include <string_view>

#include "bench/figures/figures.h"
#include "bench/figures/table.h"

int main(int argc, char** argv) {
  using namespace hyperwright::bench;
  const std::string_view what = argc > 1 ? argv[1] : "";
  const std::string first = argc > 2 ? argv[2] : "";
  const std::string second = argc > 3 ? argv[3] : "";
  if (what == "header") {
    print_header();
  } else if (what == "life") {
    measure_life(first.empty() ? 1'000 : std::strtoul(first.c_str(), nullptr, 10), second);
  } else if (what == "memory" && !first.empty()) {
    measure_memory(first);
  } else if (what == "events" && !first.empty()) {
    measure_events(first);
  } else if (what == "decision") {
    measure_decision(first);
  } else if (what == "journal") {
    measure_journal(first.empty() ? 1'000 : std::strtoul(first.c_str(), nullptr, 10));
  } else {
    fmt::print(stderr,
               "usage: figures header | life [NODES [FILE]] | memory FILE | events FILE | decision "
               "[FILE] | journal [NODES]\n");
    return 2;
  }
  return 0;
}
