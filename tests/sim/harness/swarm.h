// What a seed stands for: a cluster, its pools, the load, the autoscaler's options, and a plan of
// faults. Swarm style: each seed switches a random subset of the faults on, at random rates, so
// that some of them meet alone and some of them all at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/time.h"
#include "service/hyperpod_service.h"
#include "sim/simulation.h"
#include "state/options.h"

namespace hyperwright::swarm {

// Chances in a thousand: of each call, or of each change on a watch.
struct Rates {
  std::uint32_t slow = 0;       // it takes up to `slow_max` until it arrives, and back
  std::uint32_t throttled = 0;  // 429, ThrottlingException
  std::uint32_t broken = 0;     // 5xx: it was not carried out, or it was
  std::uint32_t lost = 0;       // a time-out: it was not carried out, or it was
  std::uint32_t conflict = 0;   // Kubernetes only
  std::uint32_t forbidden = 0;  // HyperPod only: credentials are revoked for a moment
  // Kubernetes only, of creations, deletions and evictions: 403, 409 or 422, by a webhook, say.
  std::uint32_t refused = 0;
};
struct WatchRates {
  std::uint32_t late = 0;
  std::uint32_t twice = 0;
  std::uint32_t breaks = 0;
  std::uint32_t forgotten = 0;
  Duration late_max = Duration::seconds(3);
  Duration down_max = Duration::seconds(15);
};

// What people and machines do beside the autoscaler, each as a mean number of times in the run.
struct Troubles {
  int crashes = 0;         // between two turns, or in the midst of one
  int leader_changes = 0;  // the leader is cut off, dies, or steps down
  int deleted_claims = 0;  // by a human
  int deleted_nodes = 0;   // Nodes, by a human
  int edited_objects = 0;  // labels, taints, limits, budgets, weights
  int deleted_pods = 0;
  int dead_nodes = 0;          // the machine falls silent, and may come back
  int replaced_nodes = 0;      // node recovery
  int withdrawn_nodes = 0;     // BatchDeleteClusterNodes by a human
  int foreign_nodes = 0;       // BatchAddClusterNodes by a human
  int busy_groups = 0;         // UpdateCluster: the group takes no nodes for a while
  int deleted_new_claims = 0;  // by a human, within a second of their creation
};

// Objects that come, change, or go.
struct LoadStep {
  Duration at;
  std::vector<boost::json::value> apply;
  std::vector<std::pair<std::string, std::string>> removed;  // resource, name
};

struct Swarm {
  std::uint64_t seed = 1;
  state::Options options;
  service::Scenario scenario;
  boost::json::value cluster;  // the body of CreateCluster
  std::vector<LoadStep> load;  // the first step makes the pools
  Rates kubernetes, hyperpod;
  WatchRates watches;
  Troubles troubles;
  Duration faults_until = Duration::minutes(20);
  bool deletes_everything = false;    // when the faults are over: what is left must cost nothing
  std::optional<Duration> late_join;  // until the faults are over: how long nodes take to join
};

Swarm draw_swarm(std::uint64_t seed);
inline constexpr std::string_view kClusterName = "swarm";
inline constexpr std::string_view kForeignPool = "ec2";  // another Karpenter's, in some seeds

// What may be drawn, and nothing else: few types make plans quick.
const hyperpod::InstanceTypes& swarm_types();

}  // namespace hyperwright::swarm
