// A cluster for tests of the solver, made of the same events that the loop folds: instance types,
// groups, pools, nodes and pods in few words. What a plan says can be carried out: claims are
// created, launched, their Nodes come, and the pods are bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hyperpod/cluster.h"
#include "hyperpod/instance_type.h"
#include "kube/daemon_set.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_pool.h"
#include "kube/pod.h"
#include "scheduling/plan.h"
#include "state/cluster_state.h"

namespace hyperwright::scheduling {

// "2", "500m", "4Gi": an amount of this resource. Stops the test when it cannot be read.
std::int64_t amount(std::string_view resource, std::string_view text);

// A type of the given shape: capacity as said, allocatable 100m cpu and 10Mi less.
struct TypeShape {
  std::string name;
  std::string cpu = "4";
  std::string memory = "4Gi";
  std::int64_t pods = 5;
  std::string arch = "amd64";
  std::vector<std::pair<std::string, std::int64_t>> others;  // fake.com/vendor-a: 2
  // Absent: $0.1 per cpu + $0.1 per 10^9 bytes of memory + $1 for each other resource, as in
  // Karpenter's fake.
  std::optional<hyperpod::MicroDollars> price;
};
hyperpod::InstanceType make_type(const TypeShape& shape);
// The six types of Karpenter's fake provider: default, small, two with GPUs, arm, single-pod.
std::vector<hyperpod::InstanceType> default_types();
// fake-it-0 ... fake-it-<n - 1>: k cpu, 2k Gi, 10k pods, for k = 1 ... n.
std::vector<hyperpod::InstanceType> incremental_types(int n);

struct NodeShape {
  std::string name;
  std::string pool;  // "": nobody's
  std::string type = "default-instance-type";
  std::string zone = "z1";
  std::string capacity_type = "on-demand";
  kube::StringMap labels;
  std::vector<kube::Taint> taints;
  bool has_node = true;  // false: a claim on its way
  bool is_registered = true;
  bool is_initialized = true;
  bool is_unschedulable = false;
  bool is_deleting = false;  // its claim, or itself if nobody's
  // What the kubelet says instead of what the type has, by resource.
  std::vector<std::pair<std::string, std::int64_t>> reports;
};

class ClusterBuilder {
 public:
  explicit ClusterBuilder(std::vector<hyperpod::InstanceType> types = default_types(),
                          state::Options options = {.cluster = "test"});

  // Zones that exist; z1, z2 and z3 at the start.
  void set_zones(std::vector<std::string> zones);
  // Before the first group is added there are two: "on-demand" over all zones, "spot" over the
  // first two, both flexible, of every type.
  hyperpod::InstanceGroup& add_group(std::string name);
  // A group of one type in one zone that draws on a training plan of its name.
  hyperpod::InstanceGroup& add_reservation(std::string name, std::string type, std::string zone,
                                           std::int32_t instances);
  void clear_groups() { groups_.clear(); }
  [[nodiscard]] std::vector<hyperpod::InstanceGroup>& groups() { return groups_; }

  // A Ready pool over the NodeClass of the same name, which names `groups` (empty: all there are).
  kube::NodePool pool(std::string_view name) const;
  void put_pool(kube::NodePool pool, std::vector<std::string> groups = {});

  kube::Pod pod(std::string_view name) const;  // pending
  void put(state::Object object);
  void put_pod(kube::Pod pod);
  void put_node(const NodeShape& shape);
  void put_overlay(kube::NodeOverlay overlay);
  // What the controller writes: which overlays are in force.
  void judge_overlays();
  void put_daemon_set(kube::DaemonSet set);
  void erase_pod(const std::string& name);
  void erase_node(const std::string& name);  // and its claim
  void mark_unavailable(const hyperpod::OfferingKey& offering);
  void back_off(const std::string& group, const std::string& why);
  void emit(state::Action action);

  // The picture, with everything above folded.
  state::ClusterState& state();
  [[nodiscard]] Time now() const { return now_; }
  // Pods that wait, without a nomination, with those of nodes that are going.
  std::vector<const state::PodRecord*> waiting();
  Plan solve();

  enum class Until { Created, Launched, Bound };
  void carry_out(const Plan& plan, Until until = Until::Bound);
  // Claims that carry_out() made for the last plan, in the plan's order.
  [[nodiscard]] const std::vector<std::string>& last_claims() const { return last_claims_; }

 private:
  void tell_cluster();
  void bind(const std::string& uid, const std::string& node);
  kube::NodeClaim claim_for(const NewNode& node);

  std::vector<std::string> zones_ = {"z1", "z2", "z3"};
  std::vector<hyperpod::InstanceType> types_;
  std::vector<hyperpod::InstanceGroup> groups_;
  std::vector<hyperpod::TrainingPlan> plans_;
  bool is_cluster_told_ = false;
  state::ClusterState state_;
  Time now_ = Time::from_unix_seconds(1'800'000'000);
  std::uint64_t next_version_ = 1;
  std::uint64_t next_effect_ = 1;
  std::int64_t pods_made_ = 0;
  std::int64_t claims_made_ = 0;
  std::vector<std::string> last_claims_;
};

}  // namespace hyperwright::scheduling
