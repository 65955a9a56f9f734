// A cluster that is told by hand: a ClusterState, a clock that the test moves, and one line for
// each thing that happens. Objects get the next resource version when they come without one, as
// from an API server.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

inline constexpr std::string_view kClusterArn =
    "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl";
inline constexpr Time kStart = Time::from_unix_seconds(1'800'000'000);

inline kube::Resources cpu(std::int64_t millis) {
  kube::Resources resources;
  resources.set(kube::Resource::Cpu, millis);
  resources.set(kube::Resource::Pods, 1);
  return resources;
}

struct PodShape {
  std::string node{};
  std::int64_t cpu_millis = 100;
  std::string uid{};  // "": uid-<name>
  kube::PodPhase phase = kube::PodPhase::Running;
  bool is_deleting = false;
  bool is_of_daemon_set = false;
  kube::StringMap labels{};
  std::uint64_t version = 0;
};
inline kube::Pod pod(std::string name, const PodShape& shape = {}) {
  kube::Pod pod;
  pod.meta.uid = shape.uid.empty() ? "uid-" + name : shape.uid;
  pod.meta.name = std::move(name);
  pod.meta.namespace_ = "default";
  pod.meta.resource_version = shape.version;
  pod.meta.labels = shape.labels;
  if (shape.is_deleting) pod.meta.deletion_time = kStart;
  if (shape.is_of_daemon_set) {
    pod.meta.owner_references.push_back({.api_version = "apps/v1",
                                         .kind = "DaemonSet",
                                         .name = "ds",
                                         .uid = "ds",
                                         .controller = true});
  }
  pod.scheduling.requests = cpu(shape.cpu_millis);
  pod.node_name = shape.node;
  pod.phase = shape.phase;
  return pod;
}
// Pending, and the scheduler found no place for it.
inline kube::Pod waiting_pod(std::string name, PodShape shape = {}) {
  shape.phase = kube::PodPhase::Pending;
  kube::Pod waiting = pod(std::move(name), shape);
  waiting.scheduled_reason = "Unschedulable";
  return waiting;
}

// A Node of an instance: its provider id ends in it.
inline kube::Node node(std::string name, std::string_view instance = {}, std::string uid = {}) {
  kube::Node node;
  node.meta.uid = uid.empty() ? "uid-" + name : std::move(uid);
  node.meta.name = std::move(name);
  node.meta.labels = {{"kubernetes.io/arch", "amd64"}};
  node.allocatable = cpu(4000);
  if (!instance.empty())
    node.provider_id =
        hyperpod::provider_id("usw2-az1", hyperpod::cluster_id(kClusterArn), instance);
  return node;
}

inline Launch launch(std::string batch, std::string group = "gpu",
                     std::string type = "ml.g5.xlarge") {
  return {.call = {
              .batch = std::move(batch),
              .specifications = {{.offering = {std::move(group), std::move(type), "us-west-2a"}}}}};
}
// As it is created: its uid is the API server's, and comes later.
inline kube::NodeClaim new_claim(std::string name, const Launch& of = launch("batch")) {
  kube::NodeClaim claim;
  claim.meta.name = std::move(name);
  claim.meta.labels.set(kube::kNodePool, "pool");
  claim.meta.annotations.set(kube::kLaunch, encode_launch(of));
  claim.spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                               std::string(kube::kNodeClassKind), "class"};
  return claim;
}
// As it is in the API server, with the logical id of its node, if that is known.
inline kube::NodeClaim claim(std::string name, std::string_view logical_id = {},
                             const Launch& of = launch("batch")) {
  kube::NodeClaim claim = new_claim(std::move(name), of);
  claim.meta.uid = "uid-" + claim.meta.name;
  if (!logical_id.empty()) claim.meta.annotations.set(kube::kNodeLogicalId, logical_id);
  return claim;
}
inline kube::NodeClaim initialized(kube::NodeClaim claim) {
  claim.conditions.push_back({.type = "Initialized", .status = kube::ConditionStatus::True});
  return claim;
}
inline kube::NodeClaim deleting(kube::NodeClaim claim) {
  claim.meta.deletion_time = kStart;
  return claim;
}
inline kube::NodeClaim of_another_karpenter(kube::NodeClaim claim) {
  claim.spec.node_class_ref = {"karpenter.k8s.aws", "EC2NodeClass", "default"};
  return claim;
}

inline kube::NodePool node_pool(std::string name, std::int64_t generation = 1) {
  kube::NodePool pool;
  pool.meta.uid = "uid-" + name;
  pool.meta.name = std::move(name);
  pool.meta.generation = generation;
  pool.template_spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                                       std::string(kube::kNodeClassKind), "class"};
  return pool;
}
inline kube::HyperpodNodeClass node_class(std::string name) {
  kube::HyperpodNodeClass node_class;
  node_class.meta.uid = "uid-" + name;
  node_class.meta.name = std::move(name);
  node_class.instance_groups = {"gpu"};
  return node_class;
}
inline kube::DaemonSet daemon_set(std::string name, std::int64_t cpu_millis = 100) {
  kube::DaemonSet set;
  set.meta.uid = "uid-" + name;
  set.meta.name = std::move(name);
  set.meta.namespace_ = "kube-system";
  set.scheduling.requests = cpu(cpu_millis);
  return set;
}

inline hyperpod::Cluster cluster() {
  hyperpod::Cluster cluster;
  cluster.name = "ml";
  cluster.arn = kClusterArn;
  cluster.is_continuous = true;
  cluster.subnets = {"subnet-a"};
  cluster.groups.push_back({.name = "gpu", .instance_types = {"ml.g5.xlarge"}});
  return cluster;
}
inline hyperpod::Node instance(
    std::string logical_id, std::string instance_id,
    hyperpod::InstanceStatus status = hyperpod::InstanceStatus::Running) {
  hyperpod::Node node;
  node.group = "gpu";
  node.logical_id = std::move(logical_id);
  node.instance_id = std::move(instance_id);
  node.instance_type = "ml.g5.xlarge";
  node.status = status;
  return node;
}

class Picture {
 public:
  ClusterState state{Options{.cluster = "ml"}, hyperpod::InstanceTypes::of({})};
  Time now = kStart;

  // --- what happens ---
  template <typename T>
  void comes(T object) {
    if (object.meta.resource_version == 0) object.meta.resource_version = ++version_;
    version_ = std::max(version_, object.meta.resource_version);
    state.fold(Changed{std::move(object)}, now);
  }
  void goes(Kind kind, kube::ObjectKey key, std::string uid) {
    state.fold(Gone{.kind = kind,
                    .key = std::move(key),
                    .uid = std::move(uid),
                    .resource_version = ++version_},
               now);
  }
  void goes(const kube::Pod& pod) {
    goes(Kind::Pod, {pod.meta.namespace_, pod.meta.name}, pod.meta.uid);
  }
  void goes(const kube::Node& node) { goes(Kind::Node, {"", node.meta.name}, node.meta.uid); }
  void goes(const kube::NodeClaim& claim) {
    goes(Kind::NodeClaim, {"", claim.meta.name}, claim.meta.uid);
  }
  void passes(Duration duration) {
    now = now + duration;
    state.fold_time(now);
  }
  EffectId emits(Action action) {
    const EffectId id = ++effects_;
    state.fold_emitted({.id = id, .reason = "test", .action = std::move(action)}, now);
    return id;
  }
  void answers(EffectId effect, Outcome outcome, Payload payload = {}, std::string message = {}) {
    state.fold(Answered{.effect = effect,
                        .outcome = outcome,
                        .message = std::move(message),
                        .payload = std::move(payload)},
               now);
  }
  void asks(Action action, Payload payload) {
    answers(emits(std::move(action)), Outcome::Done, std::move(payload));
  }
  void is_described(const hyperpod::Cluster& described = cluster()) {
    asks(DescribeCluster{}, described);
  }
  // A complete list of one page.
  void lists(std::vector<hyperpod::Node> nodes) {
    asks(ListClusterNodes{}, hyperpod::Page<hyperpod::Node>{std::move(nodes), {}});
  }
  void everything_is_listed() {
    for (std::size_t i = 0; i < kKindCount; ++i) state.fold(Synced{static_cast<Kind>(i)}, now);
  }
  // Synced, and nothing marked.
  void is_ready() {
    everything_is_listed();
    is_described();
    keys();
  }
  std::uint64_t next_version() { return ++version_; }
  std::uint64_t version() const { return version_; }

  // --- what is seen ---
  // The keys that changed since the last call.
  std::set<Key> keys() {
    const std::vector<Key> taken = state.take_changed();
    return {taken.begin(), taken.end()};
  }
  const PodRecord* find(const kube::Pod& pod) const { return state.find_pod(pod.meta.uid); }
  // Where a pod is nominated to: "node n", "claim c", or "".
  std::string place_of(std::string_view pod) const {
    const PodRecord* record = state.find_pod("uid-" + std::string(pod));
    if (record == nullptr || !record->nomination) return {};
    return record->nomination->claim.empty() ? "node " + record->nomination->node
                                             : "claim " + record->nomination->claim;
  }
  bool is_pending(std::string_view pod) const {
    return state.pending_pods().contains({"default", std::string(pod)});
  }
  // How long an effect on this target has to wait; Duration::max(): one is under way.
  Duration wait_of(const Target& target) const {
    const Time next = state.next_try(target);
    if (next == Time::max()) return Duration::max();
    return next.is_zero() ? Duration{} : next - now;
  }
  // Whether `happens` changes what the solver looks at.
  template <typename Happens>
  bool changes_inputs(Happens&& happens) {
    const std::uint64_t before = state.solver_inputs_version();
    happens();
    return state.solver_inputs_version() != before;
  }

 private:
  std::uint64_t version_ = 100;
  EffectId effects_ = 0;
};

using Of = Key::Of;
using Keys = std::set<Key>;

// For messages of failed tests.
inline void PrintTo(const Key& key, std::ostream* out) {
  static constexpr const char* kNames[] = {"PendingPods", "Node",   "NodeClaim", "NodePool",
                                           "NodeClass",   "Launch", "HyperPod"};
  *out << kNames[static_cast<std::size_t>(key.of)] << ' ' << key.name;
}

}  // namespace hyperwright::state

namespace hyperwright {

inline void PrintTo(const Duration& duration, std::ostream* out) {
  *out << duration.in_milliseconds() << " ms";
}

}  // namespace hyperwright
