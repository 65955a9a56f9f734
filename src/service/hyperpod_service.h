// The HyperPod control plane as a pure state machine: no clock, no threads, no sockets. Requests
// come in with the time at which they come; what happens by itself (nodes launch, fail, are tried
// again, register, go) happens in advance(); what it does to the Kubernetes cluster comes out as a
// queue for the shell. The same calls at the same times with the same seed give the same answers,
// names and outputs.
//
//   shell:  advance(now) at next_wake();  call(...) when a request comes;  take_outputs() after
//   both
//
// A shell that keeps the state over its own end writes take_changes() before it sends an answer or
// carries an output out, and goes on with restore(): a service that was restored gives the same
// answers as one that never stopped.
//
// DescribeSubnets is EC2's: {"SubnetIds": [...]}, or {"Filters": [{"Name": "subnet-id", "Values":
// [...]}]}, to {"Subnets": [{"SubnetId", "AvailabilityZone", "AvailabilityZoneId"}]}, the subnets
// of the scenario and those that clusters named.
//
// Operations: CreateCluster, DescribeCluster, UpdateCluster, DeleteCluster, ListClusters,
// ListClusterNodes, DescribeClusterNode, BatchAddClusterNodes, BatchDeleteClusterNodes,
// BatchReplaceClusterNodes, ListClusterEvents, DescribeClusterEvent. Source: SageMaker API
// reference, 2017-07-24; HyperPod, "Continuous provisioning".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "kube/node.h"
#include "service/answer.h"
#include "service/output.h"
#include "service/scenario.h"

namespace hyperwright::service {

struct ServiceOptions {
  std::string region = "us-east-1";
  std::string account = "111122223333";
  Scenario scenario{};
  bool is_kept = false;  // take_changes() is called, so changes are remembered until then
};

// The one operation that is not SageMaker's.
inline constexpr std::string_view kDescribeSubnets = "DescribeSubnets";

struct ControlPlane;  // control_plane.h: the whole state, plain structs
struct Row;           // rows.h
struct Changes;
class Touched;

struct NumberedOutput {
  std::uint64_t number = 0;
  Output output{};
};

class HyperPodService {
 public:
  // `start` is the instant that the scenario's spans count from.
  HyperPodService(ServiceOptions options, hyperpod::InstanceTypes types, Random random, Time start);
  // From all rows that take_changes() ever gave, as they are now, by number. The scenario may be
  // another one than before; its spans count from the first start. Invalid: the rows are damaged,
  // or of another region or account.
  static Result<HyperPodService> restore(ServiceOptions options, hyperpod::InstanceTypes types,
                                         std::span<const Row> rows);
  HyperPodService(HyperPodService&&) noexcept;
  HyperPodService& operator=(HyperPodService&&) noexcept;
  HyperPodService(const HyperPodService&) = delete;
  HyperPodService& operator=(const HyperPodService&) = delete;
  ~HyperPodService();

  // Requires, as advance() does: `now` never goes back.
  Answer call(std::string_view operation, const boost::json::value& body, Time now);

  // When something happens next by itself; Time::max(): nothing will.
  [[nodiscard]] Time next_wake() const;
  void advance(Time now);

  // What is to be done to Kubernetes, oldest first; afterwards the queue is empty.
  std::vector<Output> take_outputs();
  // The same for a shell that may end before it has done them: each is handed out once, stays in
  // the state until it is confirmed, and is handed out again by a service that was restored before.
  std::vector<NumberedOutput> hand_out();
  void confirm(std::uint64_t number);

  // What has changed since the last time, as rows. Requires: options.is_kept.
  Changes take_changes();
  // Of the latest call or step; the time to go on from after restore().
  [[nodiscard]] Time latest() const;

  // The instance of this logical id breaks, and node recovery replaces it: the logical id stays,
  // instance, node name and provider id change. Fails where the node is unknown or has no instance.
  Status replace_instance(std::string_view cluster, std::string_view logical_id, Time now);

  // From now on it is like this, as when a higher quota is granted. What is under way already takes
  // as long as it was to take; subnets stay where they are.
  void set_scenario(Scenario scenario) { options_.scenario = std::move(scenario); }

  [[nodiscard]] const ControlPlane& state() const { return *state_; }

 private:
  ServiceOptions options_;
  hyperpod::InstanceTypes types_;
  std::unique_ptr<ControlPlane> state_;
  std::unique_ptr<Touched> touched_;
  std::uint64_t handed_out_ = 0;  // the number of the last output that was
};

}  // namespace hyperwright::service
