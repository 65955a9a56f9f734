// Workloads of a few pods, made by hand.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "bench/scheduling/workload.h"
#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::bench {

// A type with just so much room for pods.
inline TypeOnSale sold(std::string name, std::int64_t cpu_millis, std::int64_t memory_mib,
                       std::int64_t micro_dollars) {
  TypeOnSale type;
  type.type = scheduling::make_type({.name = std::move(name),
                                     .cpu = std::to_string(cpu_millis + 100) + "m",
                                     .memory = std::to_string(memory_mib + 10) + "Mi",
                                     .pods = 10,
                                     .price = hyperpod::MicroDollars(micro_dollars)});
  return type;
}

inline kube::Pod asking(std::int64_t cpu_millis, std::int64_t memory_mib) {
  kube::Pod pod;
  pod.scheduling.requests.set(kube::Resource::Cpu, cpu_millis);
  pod.scheduling.requests.set(kube::Resource::Memory, memory_mib << 20);
  pod.scheduling.requests.set(kube::Resource::Pods, 1);
  return pod;
}

inline kube::LabelSelector selecting_web() {
  kube::LabelSelector selector;
  selector.match_labels.set("app", "web");
  return selector;
}

// Of app web, and beside no other of it on a node.
inline kube::Pod repelling(kube::Pod pod) {
  pod.meta.labels.set("app", "web");
  kube::PodAffinityTerm term;
  term.topology_key = kube::kHostname;
  term.selector = selecting_web();
  pod.scheduling.required_pod_anti_affinity.push_back(std::move(term));
  return pod;
}

}  // namespace hyperwright::bench
