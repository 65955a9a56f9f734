// The cluster that figures are measured on: objects as text, as large as an API server sends them
// (two containers, volumes, conditions, managed fields), so that decoding costs what it costs in
// life.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "hyperpod/cluster.h"
#include "kube/hyperpod_node_class.h"
#include "kube/node_pool.h"

namespace hyperwright::bench {

inline constexpr Time kStart = Time::from_unix_seconds(1'800'000'000);
inline constexpr std::string_view kClusterName = "ml";
inline constexpr std::string_view kClusterArn =
    "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl";

struct PodShape {
  std::size_t index = 0;
  std::size_t workload = 0;  // its Deployment: labels and owner are the workload's
  std::int64_t cpu_millis = 1'500;
  std::int64_t memory_mib = 4'096;
  std::int64_t gpus = 0;
  std::string node;  // "": it is pending, and the scheduler has said Unschedulable
};
std::string pod_name(const PodShape& pod);
std::string pod_text(const PodShape& pod, std::uint64_t version);

// As HyperPod registers it: not ready, about fifteen labels.
std::string node_text(const hyperpod::Node& instance, std::uint64_t version);

// One group of one type, ml.m5.4xlarge, which holds ten of the pods above.
hyperpod::Cluster plain_cluster();
// Ten groups, three of them flexible, over 60 instance types and two zones.
hyperpod::Cluster large_catalogue();
std::vector<hyperpod::Subnet> subnets();

kube::HyperpodNodeClass node_class(const hyperpod::Cluster& cluster);
// A Ready pool over the class, with limits, whose nodes stay `consolidate_after`.
kube::NodePool node_pool(std::string_view name, std::vector<std::string> groups);

}  // namespace hyperwright::bench
