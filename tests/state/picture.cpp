#include "tests/state/picture.h"

#include <algorithm>
#include <utility>

#include "kube/well_known.h"
#include "state/codec_words.h"

namespace hyperwright::state {

kube::Resources cpu(std::int64_t millis) {
  kube::Resources resources;
  resources.set(kube::Resource::Cpu, millis);
  resources.set(kube::Resource::Pods, 1);
  return resources;
}

kube::Pod pod(std::string name, const PodShape& shape) {
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

kube::Pod waiting_pod(std::string name, PodShape shape) {
  shape.phase = kube::PodPhase::Pending;
  kube::Pod waiting = pod(std::move(name), shape);
  waiting.scheduled_reason = "Unschedulable";
  return waiting;
}

kube::Node node(std::string name, std::string_view instance, std::string uid) {
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

Launch launch(std::string batch, std::string group, std::string type) {
  return {.call = {
              .batch = std::move(batch),
              .specifications = {{.offering = {std::move(group), std::move(type), "us-west-2a"}}}}};
}

kube::NodeClaim new_claim(std::string name, const Launch& of) {
  kube::NodeClaim claim;
  claim.meta.name = std::move(name);
  claim.meta.labels.set(kube::kNodePool, "pool");
  claim.meta.annotations.set(kube::kLaunch, encode_launch(of));
  claim.spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                               std::string(kube::kNodeClassKind), "class"};
  return claim;
}

kube::NodeClaim claim(std::string name, std::string_view logical_id, const Launch& of) {
  kube::NodeClaim claim = new_claim(std::move(name), of);
  claim.meta.uid = "uid-" + claim.meta.name;
  if (!logical_id.empty()) claim.meta.annotations.set(kube::kNodeLogicalId, logical_id);
  return claim;
}

kube::NodeClaim initialized(kube::NodeClaim claim) {
  claim.conditions.push_back({.type = "Initialized", .status = kube::ConditionStatus::True});
  return claim;
}

kube::NodeClaim deleting(kube::NodeClaim claim) {
  claim.meta.deletion_time = kStart;
  return claim;
}

kube::NodeClaim of_another_karpenter(kube::NodeClaim claim) {
  claim.spec.node_class_ref = {"karpenter.k8s.aws", "EC2NodeClass", "default"};
  return claim;
}

kube::NodePool node_pool(std::string name, std::int64_t generation) {
  kube::NodePool pool;
  pool.meta.uid = "uid-" + name;
  pool.meta.name = std::move(name);
  pool.meta.generation = generation;
  pool.template_spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                                       std::string(kube::kNodeClassKind), "class"};
  return pool;
}

kube::HyperpodNodeClass node_class(std::string name) {
  kube::HyperpodNodeClass node_class;
  node_class.meta.uid = "uid-" + name;
  node_class.meta.name = std::move(name);
  node_class.instance_groups = {"gpu"};
  return node_class;
}

kube::DaemonSet daemon_set(std::string name, std::int64_t cpu_millis) {
  kube::DaemonSet set;
  set.meta.uid = "uid-" + name;
  set.meta.name = std::move(name);
  set.meta.namespace_ = "kube-system";
  set.scheduling.requests = cpu(cpu_millis);
  return set;
}

hyperpod::Cluster cluster() {
  hyperpod::Cluster cluster;
  cluster.name = "ml";
  cluster.arn = kClusterArn;
  cluster.is_continuous = true;
  cluster.subnets = {"subnet-a"};
  cluster.groups.push_back({.name = "gpu", .instance_types = {"ml.g5.xlarge"}});
  return cluster;
}

hyperpod::Node instance(std::string logical_id, std::string instance_id,
                        hyperpod::InstanceStatus status) {
  hyperpod::Node node;
  node.group = "gpu";
  node.logical_id = std::move(logical_id);
  node.instance_id = std::move(instance_id);
  node.instance_type = "ml.g5.xlarge";
  node.status = status;
  return node;
}

Picture::Picture() : state(Options{.cluster = "ml"}, hyperpod::InstanceTypes::of({})) {}

template <typename T>
void Picture::comes(T object) {
  if (object.meta.resource_version == 0) object.meta.resource_version = ++version_;
  version_ = std::max(version_, object.meta.resource_version);
  state.fold(Changed{std::move(object)}, now);
}

template void Picture::comes(kube::Pod object);
template void Picture::comes(kube::Node object);
template void Picture::comes(kube::NodePool object);
template void Picture::comes(kube::NodeClaim object);
template void Picture::comes(kube::HyperpodNodeClass object);
template void Picture::comes(kube::DaemonSet object);
template void Picture::comes(kube::PodDisruptionBudget object);
template void Picture::comes(kube::PersistentVolume object);
template void Picture::comes(kube::PersistentVolumeClaim object);
template void Picture::comes(kube::StorageClass object);
template void Picture::comes(kube::CsiNode object);
template void Picture::comes(kube::Namespace object);
template void Picture::comes(kube::Service object);
template void Picture::comes(kube::ReplicaSet object);
template void Picture::comes(kube::StatefulSet object);
template void Picture::comes(kube::ReplicationController object);
template void Picture::comes(kube::Deployment object);
template void Picture::comes(kube::PodTemplate object);
template void Picture::comes(kube::NodeOverlay object);
template void Picture::comes(kube::CapacityBuffer object);

void Picture::goes(Kind kind, kube::ObjectKey key, std::string uid) {
  state.fold(Gone{.kind = kind,
                  .key = std::move(key),
                  .uid = std::move(uid),
                  .resource_version = ++version_},
             now);
}

void Picture::goes(const kube::Pod& pod) {
  goes(Kind::Pod, {pod.meta.namespace_, pod.meta.name}, pod.meta.uid);
}

void Picture::goes(const kube::Node& node) {
  goes(Kind::Node, {"", node.meta.name}, node.meta.uid);
}

void Picture::goes(const kube::NodeClaim& claim) {
  goes(Kind::NodeClaim, {"", claim.meta.name}, claim.meta.uid);
}

void Picture::passes(Duration duration) {
  now = now + duration;
  state.fold_time(now);
}

EffectId Picture::emits(Action action) {
  const EffectId id = ++effects_;
  state.fold_emitted({.id = id, .reason = "test", .action = std::move(action)}, now);
  return id;
}

void Picture::answers(EffectId effect, Outcome outcome, Payload payload, std::string message) {
  state.fold(Answered{.effect = effect,
                      .outcome = outcome,
                      .message = std::move(message),
                      .payload = std::move(payload)},
             now);
}

void Picture::asks(Action action, Payload payload) {
  answers(emits(std::move(action)), Outcome::Done, std::move(payload));
}

void Picture::is_described(const hyperpod::Cluster& described) {
  asks(DescribeCluster{}, described);
}

void Picture::lists(std::vector<hyperpod::Node> nodes) {
  asks(ListClusterNodes{}, hyperpod::Page<hyperpod::Node>{std::move(nodes), {}});
}

void Picture::everything_is_listed() {
  for (std::size_t i = 0; i < kKindCount; ++i) state.fold(Synced{static_cast<Kind>(i)}, now);
}

void Picture::is_ready() {
  everything_is_listed();
  is_described();
  keys();
}

std::set<Key> Picture::keys() {
  const std::vector<Key> taken = state.take_changed();
  return {taken.begin(), taken.end()};
}

const PodRecord* Picture::find(const kube::Pod& pod) const { return state.find_pod(pod.meta.uid); }

std::string Picture::place_of(std::string_view pod) const {
  const PodRecord* record = state.find_pod("uid-" + std::string(pod));
  if (record == nullptr || !record->nomination) return {};
  return record->nomination->claim.empty() ? "node " + record->nomination->node
                                           : "claim " + record->nomination->claim;
}

bool Picture::is_pending(std::string_view pod) const {
  return state.pending_pods().contains({"default", std::string(pod)});
}

Duration Picture::wait_of(const Target& target) const {
  const Time next = state.next_try(target);
  if (next == Time::max()) return Duration::max();
  return next.is_zero() ? Duration{} : next - now;
}

void PrintTo(const Key& key, std::ostream* out) { *out << to_string(key.of) << ' ' << key.name; }

}  // namespace hyperwright::state

namespace hyperwright {

void PrintTo(const Duration& duration, std::ostream* out) {
  *out << duration.in_milliseconds() << " ms";
}

}  // namespace hyperwright
