// Arbitrary Kubernetes objects for RapidCheck, of every form that kube/json.h can return: any field
// may be empty, present, or odd, but never something that the door would have trimmed or refused.
//
//   RC_GTEST_PROP(Room, Claim, (const kube::Pod& pod)) { ... }     or, inside of a property:
//   const kube::Node node = generators::node();
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "kube/capacity_buffer.h"
#include "kube/daemon_set.h"
#include "kube/hyperpod_node_class.h"
#include "kube/namespace.h"
#include "kube/node.h"
#include "kube/node_claim.h"
#include "kube/node_overlay.h"
#include "kube/node_pool.h"
#include "kube/pod.h"
#include "kube/pod_disruption_budget.h"
#include "kube/volumes.h"
#include "kube/well_known.h"
#include "kube/workloads.h"

namespace hyperwright::generators {

// --- parts ---

inline bool chance() { return *rc::gen::arbitrary<bool>(); }
// 0 to `most`, both included.
inline int number(int most) { return *rc::gen::inRange(0, most + 1); }
inline std::int64_t amount() {
  return *rc::gen::element<std::int64_t>(1, 7, 1000, 1500, 1 << 20, (std::int64_t{1} << 40) + 1,
                                         1'000'000'000'000);
}
// What names and labels look like.
inline std::string word() {
  return *rc::gen::element<std::string>("a", "gpu", "web-0", "ml.g5.xlarge", "us-west-2a",
                                        "example.com/team", "i-0c1d");
}
// What messages and values from outside may be, invalid UTF-8 among it.
inline std::string text() {
  return *rc::gen::element<std::string>("", "a", "no capacity", "\"quoted\"\n\ttabbed\\",
                                        "Grüße, 世界", "\xff\xfe", std::string("nul\0nul", 7));
}
inline Time time() {
  return Time::from_unix_microseconds(*rc::gen::element<std::int64_t>(
      0, 1, 1'800'000'000'000'000, 1'800'000'000'123'456, 1'800'000'000'000'001));
}
inline Duration duration() {
  return Duration::microseconds(*rc::gen::element<std::int64_t>(
      0, 1, 1'500, 20'000, 1'500'000, 90'000'000, 5'400'000'000, 86'400'000'001));
}
template <typename Make>
auto maybe(const Make& make) -> std::optional<decltype(make())> {
  if (chance()) return std::nullopt;
  return make();
}
// Up to `most` of them.
template <typename Make>
auto several(const Make& make, int most = 2) {
  std::vector<decltype(make())> list;
  for (int i = number(most); i > 0; --i) list.push_back(make());
  return list;
}
inline kube::StringMap string_map() {
  kube::StringMap map;
  for (int i = number(2); i > 0; --i) map.set(word(), text());
  return map;
}
inline kube::StringMap known_annotations() {
  kube::StringMap map;
  if (chance()) map.set(kube::kNodeLogicalId, word());
  if (chance()) map.set(kube::kDoNotDisrupt, "true");
  return map;
}
template <typename Enum>
Enum one_of(int count) {
  return static_cast<Enum>(number(count - 1));
}

inline kube::ObjectMeta meta() {
  kube::ObjectMeta meta;
  meta.name = word();
  if (chance()) meta.namespace_ = word();
  meta.uid = text();
  meta.resource_version =
      *rc::gen::element<std::uint64_t>(0, 1, 812, std::numeric_limits<std::uint64_t>::max());
  meta.generation = number(3);
  meta.creation_time = time();
  meta.deletion_time = maybe(time);
  meta.deletion_grace_seconds = maybe([] { return std::int64_t{number(60)}; });
  meta.labels = string_map();
  meta.annotations = known_annotations();
  meta.finalizers = several(word);
  meta.owner_references = several(
      [] { return kube::OwnerReference{"apps/v1", word(), word(), text(), chance(), chance()}; });
  return meta;
}
inline kube::Resources resources() {
  kube::Resources resources;
  for (int i = number(3); i > 0; --i) {
    resources.set(
        *rc::gen::element<std::string>("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu",
                                       "aws.amazon.com/neuroncore", "vpc.amazonaws.com/efa",
                                       "hugepages-2Mi", "example.com/fpga"),
        amount());
  }
  return resources;
}
inline kube::Taint taint() { return {word(), text(), one_of<kube::TaintEffect>(3)}; }
inline kube::Condition condition() {
  return {
      .type = *rc::gen::element<std::string>("Ready", "Launched", "Initialized", "Consolidatable"),
      .status = one_of<kube::ConditionStatus>(3),
      .reason = word(),
      .message = text(),
      .last_transition_time = time(),
      .observed_generation = number(3)};
}
inline kube::NodeRequirement requirement() {
  return {word(), one_of<kube::NodeOperator>(8), several(text),
          maybe([] { return 1 + number(49); })};
}

// --- pods ---

inline kube::LabelSelector selector() {
  return {string_map(), several([] {
            return kube::SelectorRequirement{word(), one_of<kube::SelectorOperator>(4),
                                             several(text)};
          })};
}
inline kube::NodeSelectorTerm node_term() {
  return {several(requirement), several(requirement, 1)};
}
inline kube::PodAffinityTerm pod_term() {
  return {word(),          maybe(selector),  several(word),
          maybe(selector), several(word, 1), several(word, 1)};
}
inline kube::PreferredPodAffinityTerm preferred_pod_term() { return {1 + number(99), pod_term()}; }
inline kube::TopologySpreadConstraint spread() {
  return {.max_skew = 1 + number(3),
          .topology_key = word(),
          .when_unsatisfiable = one_of<kube::WhenUnsatisfiable>(2),
          .selector = maybe(selector),
          .min_domains = maybe([] { return number(3); }),
          .node_affinity_policy = one_of<kube::NodeInclusionPolicy>(2),
          .node_taints_policy = one_of<kube::NodeInclusionPolicy>(2),
          .match_label_keys = several(word)};
}
inline kube::Toleration toleration() {
  return {.key = text(),
          .op = one_of<kube::TolerationOperator>(4),
          .value = text(),
          .effect = maybe([] { return one_of<kube::TaintEffect>(3); }),
          .toleration_seconds = maybe([] { return std::int64_t{number(300)}; })};
}
// The claim of a generic ephemeral volume is named after the owner of its template.
inline kube::VolumeClaim volume_claim(const std::string& owner) {
  if (chance()) return {.claim_name = word()};
  return {.claim_name = owner + "-" + word(), .is_ephemeral = true, .storage_class = maybe(word)};
}
inline kube::Scheduling scheduling(const std::string& owner) {
  kube::Scheduling s;
  s.requests = resources();
  s.requests.set(kube::Resource::Pods, 1);
  s.node_selector = string_map();
  s.required_node_terms = several(node_term, 1);
  s.preferred_node_terms =
      several([] { return kube::PreferredNodeTerm{1 + number(99), node_term()}; }, 1);
  s.required_pod_affinity = several(pod_term, 1);
  s.required_pod_anti_affinity = several(pod_term, 1);
  s.preferred_pod_affinity = several(preferred_pod_term, 1);
  s.preferred_pod_anti_affinity = several(preferred_pod_term, 1);
  s.topology_spread = several(spread, 1);
  s.tolerations = several(toleration);
  s.host_ports = several([] {
    return kube::HostPort{text(), 1 + number(65534), *rc::gen::element<std::string>("TCP", "UDP")};
  });
  s.volume_claims = several([&] { return volume_claim(owner); });
  s.has_resource_claims = chance();
  s.priority = number(2) - 1;
  s.priority_class = text();
  return s;
}
inline kube::Pod pod() {
  kube::Pod pod;
  pod.meta = meta();
  pod.scheduling = scheduling(pod.meta.name);
  pod.node_name = text();
  pod.nominated_node_name = text();
  pod.scheduler_name = text();
  pod.phase = one_of<kube::PodPhase>(5);
  pod.start_time = maybe(time);
  pod.termination_grace_seconds = number(60);
  pod.scheduled_reason = *rc::gen::element<std::string>("", "Unschedulable", "SchedulingGated");
  pod.scheduled_transition_time = time();
  pod.is_ready = chance();
  return pod;
}

// --- nodes, claims, pools ---

inline kube::Node node() {
  kube::Node node;
  node.meta = meta();
  node.provider_id = text();
  node.unschedulable = chance();
  node.taints = several(taint);
  node.capacity = resources();
  node.allocatable = resources();
  node.conditions = several(condition);
  return node;
}
inline kube::NodeClaimSpec node_claim_spec() {
  kube::NodeClaimSpec spec;
  spec.taints = several(taint);
  spec.startup_taints = several(taint);
  spec.requirements = several(requirement);
  spec.node_class_ref = {word(), word(), word()};
  spec.termination_grace_period = maybe(duration);
  spec.expire_after = maybe(duration);
  return spec;
}
inline kube::NodeClaim node_claim() {
  kube::NodeClaim claim;
  claim.meta = meta();
  claim.meta.annotations.set("example.com/note", text());  // a claim passes all annotations on
  claim.spec = node_claim_spec();
  claim.spec.requests = resources();
  claim.node_name = text();
  claim.provider_id = text();
  claim.image_id = text();
  claim.capacity = resources();
  claim.allocatable = resources();
  claim.last_pod_event_time = maybe(time);
  claim.conditions = several(condition);
  claim.decode_problems = several(word, 1);
  return claim;
}
inline kube::DisruptionBudget disruption_budget() {
  return {text(), maybe(text), maybe(text), maybe([] { return several(word); })};
}
inline kube::Limits limits() {
  kube::Limits limits;
  for (const char* name : {"cpu", "memory", "nodes"}) {
    if (chance()) limits.amounts.emplace_back(name, chance() ? 0 : amount());
  }
  return limits;
}
inline kube::NodePool node_pool() {
  kube::NodePool pool;
  pool.meta = meta();
  pool.template_labels = string_map();
  pool.template_annotations = string_map();
  pool.template_spec = node_claim_spec();
  pool.disruption = {maybe(duration), one_of<kube::ConsolidationPolicy>(3),
                     several(disruption_budget)};
  pool.limits = maybe(limits);
  pool.weight = number(100);
  pool.replicas = maybe([] { return std::int64_t{number(5)}; });
  pool.decode_problems = several(text);
  pool.status_resources = resources();
  pool.status_nodes = number(9);
  pool.node_class_observed_generation = number(3);
  pool.conditions = several(condition);
  return pool;
}
inline kube::HyperpodNodeClass node_class() {
  kube::HyperpodNodeClass of;
  of.meta = meta();
  const std::vector<std::string> groups = several(word, 3);
  const std::set<std::string> distinct(groups.begin(), groups.end());
  of.instance_groups.assign(distinct.begin(), distinct.end());
  of.decode_problems = several(text);
  of.status_instance_groups = several([] {
    return kube::NodeClassInstanceGroup{
        .name = word(),
        .instance_types = several(word),
        .subnets = several([] { return kube::NodeClassSubnet{word(), text(), text()}; }),
        .desired_labels = string_map(),
        .capacity_type = *rc::gen::element<std::string>("", "OnDemand", "Spot")};
  });
  of.conditions = several(condition);
  return of;
}
inline kube::DaemonSet daemon_set() {
  kube::DaemonSet set;
  set.meta = meta();
  set.scheduling = scheduling(set.meta.name);
  return set;
}
inline kube::PodDisruptionBudget pod_disruption_budget() {
  kube::PodDisruptionBudget budget;
  budget.meta = meta();
  budget.selector = maybe(selector);
  budget.min_available = *rc::gen::element<std::string>("", "0", "3", "50%", "half");
  budget.max_unavailable = *rc::gen::element<std::string>("", "0", "3", "50%", "half");
  budget.always_allow_unhealthy = chance();
  budget.disruptions_allowed = number(5);
  return budget;
}

// --- volumes ---

inline kube::PersistentVolume persistent_volume() {
  kube::PersistentVolume volume;
  volume.meta = meta();
  volume.csi_driver = *rc::gen::element<std::string>("", "ebs.csi.aws.com", "fsx.csi.aws.com");
  volume.csi_handle = text();
  volume.is_local = chance();
  volume.node_terms = several(node_term);
  return volume;
}
inline kube::PersistentVolumeClaim persistent_volume_claim() {
  kube::PersistentVolumeClaim claim;
  claim.meta = meta();
  claim.storage_class = maybe(text);
  claim.volume_name = text();
  claim.phase = *rc::gen::element<std::string>("", "Pending", "Bound", "Lost");
  claim.is_bind_completed = chance();
  return claim;
}
inline kube::StorageClass storage_class() {
  kube::StorageClass of;
  of.meta = meta();
  of.provisioner = *rc::gen::element<std::string>("", "ebs.csi.aws.com", "example.com/nfs");
  of.waits_for_consumer = chance();
  of.is_default = chance();
  of.allowed_topologies = several([] {
    return kube::NodeSelectorTerm{several([] {
                                    return kube::NodeRequirement{
                                        word(), kube::NodeOperator::In, several(word), {}};
                                  }),
                                  {}};
  });
  return of;
}
inline kube::CsiNode csi_node() {
  kube::CsiNode node;
  node.meta = meta();
  for (int i = number(2); i > 0; --i) node.limits[word()] = number(30);
  return node;
}

// --- what pods come from ---

inline kube::Namespace namespace_() {
  kube::Namespace of;
  of.meta = meta();
  return of;
}
inline kube::Service service() {
  kube::Service service;
  service.meta = meta();
  service.has_selector = chance();
  if (service.has_selector) service.selector = string_map();
  return service;
}
template <typename T>
T workload() {
  T workload;
  workload.meta = meta();
  workload.selector = maybe(selector);
  workload.replicas = number(9);
  workload.template_labels = string_map();
  workload.scheduling = scheduling(workload.meta.name);
  return workload;
}
inline kube::ReplicationController replication_controller() {
  auto controller = workload<kube::ReplicationController>();
  if (controller.selector) controller.selector->match_expressions.clear();  // it is a map
  return controller;
}
inline kube::PodTemplate pod_template() {
  kube::PodTemplate of;
  of.meta = meta();
  of.labels = string_map();
  of.scheduling = scheduling(of.meta.name);
  return of;
}

// --- what changes the plan ---

inline kube::NodeOverlay node_overlay() {
  kube::NodeOverlay overlay;
  overlay.meta = meta();
  overlay.requirements = several(requirement);
  overlay.price = *rc::gen::element<std::string>("", "1.25", "free");
  overlay.price_adjustment = *rc::gen::element<std::string>("", "+0.5", "-10%");
  overlay.capacity = resources();
  overlay.weight = number(100);
  overlay.decode_problems = several(text);
  overlay.conditions = several(condition);
  return overlay;
}
inline kube::CapacityBuffer capacity_buffer() {
  const auto count = [] { return std::int64_t{number(100)}; };
  kube::CapacityBuffer buffer;
  buffer.meta = meta();
  buffer.provisioning_strategy = text();
  buffer.pod_template = maybe(text);
  buffer.scalable =
      maybe([] { return kube::CapacityBuffer::ScalableReference{word(), word(), word()}; });
  buffer.replicas = maybe(count);
  buffer.percentage = maybe(count);
  buffer.limits = maybe(limits);
  buffer.decode_problems = several(text);
  buffer.status_pod_template = maybe(text);
  buffer.status_replicas = maybe(count);
  buffer.status_pod_template_generation = maybe(count);
  buffer.status_provisioning_strategy = text();
  buffer.conditions = several(condition);
  return buffer;
}

}  // namespace hyperwright::generators

namespace rc {

template <>
struct Arbitrary<hyperwright::kube::Pod> {
  static Gen<hyperwright::kube::Pod> arbitrary() {
    return gen::exec(&hyperwright::generators::pod);
  }
};
template <>
struct Arbitrary<hyperwright::kube::Node> {
  static Gen<hyperwright::kube::Node> arbitrary() {
    return gen::exec(&hyperwright::generators::node);
  }
};
template <>
struct Arbitrary<hyperwright::kube::NodeClaim> {
  static Gen<hyperwright::kube::NodeClaim> arbitrary() {
    return gen::exec(&hyperwright::generators::node_claim);
  }
};
template <>
struct Arbitrary<hyperwright::kube::NodePool> {
  static Gen<hyperwright::kube::NodePool> arbitrary() {
    return gen::exec(&hyperwright::generators::node_pool);
  }
};
template <>
struct Arbitrary<hyperwright::kube::HyperpodNodeClass> {
  static Gen<hyperwright::kube::HyperpodNodeClass> arbitrary() {
    return gen::exec(&hyperwright::generators::node_class);
  }
};

}  // namespace rc
