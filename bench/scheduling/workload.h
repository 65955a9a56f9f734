// The workloads that Hyperwright's solver and Karpenter's are measured on, as values and as files,
// so that both read the same.
//
//   diverse N     Karpenter's own benchmark (scheduling_benchmark_test.go): five blocks of N/5
//   pods,
//                 drawn from 5 cpu and 6 memory sizes and 7 labels:
//                   G  no constraint
//                   Z  zone spread, maxSkew 1, over pods of a label drawn on its own
//                   H  the same over hosts
//                   A  affinity to its own label within a zone
//                   N  none of these pods beside another on one node
//   plain N       the G pods alone
//   preference N  pods of one size that would like zone 1, and no other of them in their zone and
//                 on their node: no plan can give that to all
//   mix N         HyperPod's catalogue; cpu pods of 24 shapes, from memory-hungry to lean
//   gpu N         HyperPod's catalogue; the same, half of the pods, beside pods that ask for 1 to 8
//                 GPUs of any or of a named family, and for Neuron cores
//   standing N    N plain pods that come to a twentieth as many nodes, half used, 800 types
//
// The types of the first three are Karpenter's fake ones: k cpu, 2k Gi, 10k pods for k = 1 to 400,
// less 100m and 10Mi; all at one price per cpu, spot too. Draws come from base/random.h, a
// generator of its own for each workload. `diverse 1000` alone is the pods that Karpenter's code
// draws from Go's generator with seed 42 (diverse-1000.csv), so that its published figures can be
// checked.
//
// A file is one JSON object: zones, markets, types, shapes (Kubernetes Pods), pods (for each the
// number of its shape), nodes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hyperpod/instance_type.h"
#include "kube/pod.h"
#include "kube/string_map.h"

namespace hyperwright::bench {

// In a market every type is sold, in these zones, for this share of its price.
struct Market {
  std::string capacity_type;
  std::vector<std::string> zones;
  std::int64_t price_percent = 100;
};

struct TypeOnSale {
  hyperpod::InstanceType type;
  std::vector<std::string> os = {"linux"};
  kube::StringMap
      labels;  // of the type's own, beside the well-known ones; only the rival reads them
};

struct StandingNode {
  std::string type;
  std::string zone;
  std::string capacity_type;
  std::vector<std::size_t> pods;  // shapes of what runs there
};

struct Workload {
  std::string name;  // "diverse-1000"
  bool ignores_preferences = false;
  // What a cpu costs where price is in proportion to size, the same for all types; 0: it is not.
  std::int64_t micro_dollars_per_cpu = 0;
  std::vector<std::string> zones;
  std::vector<Market> markets;
  std::vector<TypeOnSale> types;
  std::vector<kube::Pod> shapes;  // without name and UID
  std::vector<std::size_t> pods;  // shape of each pod, in order of creation
  std::vector<StandingNode> nodes;
};

// "diverse", 1000 and so on. Fails with Invalid for an unknown kind. `data` is the folder of
// diverse-1000.csv.
Result<Workload> generate(std::string_view kind, std::size_t pods, const std::string& data);

std::string to_file_text(const Workload& workload);
Result<Workload> from_file_text(std::string_view text);

}  // namespace hyperwright::bench
