// Karpenter's assorted catalogue: each architecture, each power of two of cpu from 1 to 64, each of
// memory from 1 to 128 GiB.
#pragma once

#include <vector>

#include <fmt/format.h>

#include "hyperpod/instance_type.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scheduling {

inline std::vector<hyperpod::InstanceType> assorted_types() {
  std::vector<hyperpod::InstanceType> types;
  for (const char* arch : {"amd64", "arm64"}) {
    for (int cpu = 1; cpu <= 64; cpu *= 2) {
      for (int memory = 1; memory <= 128; memory *= 2) {
        types.push_back(make_type({.name = fmt::format("{}-cpu-{}-gib-{}", arch, cpu, memory),
                                   .cpu = fmt::format("{}", cpu),
                                   .memory = fmt::format("{}Gi", memory),
                                   .arch = arch}));
      }
    }
  }
  return types;
}

}  // namespace hyperwright::scheduling
