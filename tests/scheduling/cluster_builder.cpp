#include "tests/scheduling/cluster_builder.h"

#include <algorithm>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "scheduling/node_overlay.h"
#include "state/launch.h"

namespace hyperwright::scheduling {
namespace {

constexpr std::string_view kNodeClassPrefix = "class-of-";

void set_true(kube::Conditions& conditions, std::string_view type, Time now) {
  std::erase_if(conditions, [&](const kube::Condition& c) { return c.type == type; });
  conditions.push_back({.type = std::string(type),
                        .status = kube::ConditionStatus::True,
                        .reason = std::string(type),
                        .message = {},
                        .last_transition_time = now,
                        .observed_generation = 1});
}

hyperpod::InstanceGroup group_of(std::string name, hyperpod::CapacityType capacity_type,
                                 const std::vector<hyperpod::InstanceType>& types,
                                 std::vector<std::string> zones) {
  hyperpod::InstanceGroup group;
  group.name = std::move(name);
  group.is_flexible = true;
  group.capacity_type = capacity_type;
  for (const hyperpod::InstanceType& type : types) group.instance_types.push_back(type.name);
  for (const std::string& zone : zones) group.subnets.push_back("subnet-" + zone);
  return group;
}

}  // namespace

std::int64_t amount(std::string_view resource, std::string_view text) {
  auto parsed = kube::parse_amount(resource, text);
  check(parsed.has_value(), "the test writes amounts that can be read");
  return *parsed;
}

hyperpod::InstanceType make_type(const TypeShape& shape) {
  hyperpod::InstanceType type;
  type.name = shape.name;
  type.arch = shape.arch;
  kube::Resources capacity;
  capacity.set(kube::Resource::Cpu, amount("cpu", shape.cpu));
  capacity.set(kube::Resource::Memory, amount("memory", shape.memory));
  capacity.set(kube::Resource::Pods, shape.pods);
  for (const auto& [name, count] : shape.others) capacity.set(name, count);
  kube::Resources allocatable = capacity;
  allocatable.set(kube::Resource::Cpu, capacity.get(kube::Resource::Cpu) - 100);
  allocatable.set(kube::Resource::Memory, capacity.get(kube::Resource::Memory) - (10 << 20));
  const std::int64_t micros = capacity.get(kube::Resource::Cpu) * 100 +
                              capacity.get(kube::Resource::Memory) / 10'000 +
                              static_cast<std::int64_t>(shape.others.size()) * 1'000'000;
  type.on_demand = hyperpod::Price{shape.price.value_or(hyperpod::MicroDollars(micros)), false};
  type.known_capacity = std::move(capacity);
  type.known_allocatable = std::move(allocatable);
  return type;
}

std::vector<hyperpod::InstanceType> default_types() {
  return {make_type({.name = "default-instance-type"}),
          make_type({.name = "small-instance-type", .cpu = "2", .memory = "2Gi"}),
          make_type({.name = "gpu-vendor-instance-type", .others = {{"fake.com/vendor-a", 2}}}),
          make_type({.name = "gpu-vendor-b-instance-type", .others = {{"fake.com/vendor-b", 2}}}),
          make_type({.name = "arm-instance-type", .cpu = "16", .memory = "128Gi", .arch = "arm64"}),
          make_type({.name = "single-pod-instance-type", .pods = 1})};
}

std::vector<hyperpod::InstanceType> incremental_types(int n) {
  std::vector<hyperpod::InstanceType> types;
  for (int k = 1; k <= n; ++k) {
    types.push_back(make_type({.name = fmt::format("fake-it-{}", k - 1),
                               .cpu = fmt::format("{}", k),
                               .memory = fmt::format("{}Gi", 2 * k),
                               .pods = 10 * k}));
  }
  return types;
}

ClusterBuilder::ClusterBuilder(std::vector<hyperpod::InstanceType> types, state::Options options)
    : types_(std::move(types)), state_(std::move(options), hyperpod::InstanceTypes::of(types_)) {
  groups_ = {group_of("on-demand", hyperpod::CapacityType::OnDemand, types_, zones_),
             group_of("spot", hyperpod::CapacityType::Spot, types_, {"z1", "z2"})};
}

void ClusterBuilder::set_zones(std::vector<std::string> zones) { zones_ = std::move(zones); }

hyperpod::InstanceGroup& ClusterBuilder::add_group(std::string name) {
  groups_.push_back(group_of(std::move(name), hyperpod::CapacityType::OnDemand, types_, zones_));
  return groups_.back();
}

hyperpod::InstanceGroup& ClusterBuilder::add_reservation(std::string name, std::string type,
                                                         std::string zone, std::int32_t instances) {
  const std::string arn = "arn:aws:sagemaker:test-region:111122223333:training-plan/" + name;
  plans_.push_back({.name = name, .arn = arn, .status = "Active", .total_instances = instances});
  hyperpod::InstanceGroup& group = add_group(std::move(name));
  group.is_flexible = false;
  group.instance_types = {std::move(type)};
  group.subnets = {"subnet-" + zone};
  group.training_plan_arn = arn;
  group.training_plan_status = "Active";
  return group;
}

kube::NodePool ClusterBuilder::pool(std::string_view name) const {
  kube::NodePool pool;
  pool.meta.name = name;
  pool.meta.uid = fmt::format("uid-pool-{}", name);
  pool.template_spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                                       std::string(kube::kNodeClassKind),
                                       fmt::format("{}{}", kNodeClassPrefix, name)};
  set_true(pool.conditions, kube::node_pool_condition::kReady, now_);
  return pool;
}

void ClusterBuilder::put_pool(kube::NodePool pool, std::vector<std::string> groups) {
  kube::HyperpodNodeClass node_class;
  node_class.meta.name = pool.template_spec.node_class_ref.name;
  node_class.meta.uid = "uid-" + node_class.meta.name;
  node_class.instance_groups = std::move(groups);
  if (node_class.instance_groups.empty()) {
    for (const hyperpod::InstanceGroup& group : groups_)
      node_class.instance_groups.push_back(group.name);
  }
  set_true(node_class.conditions, kube::node_class_condition::kReady, now_);
  put(std::move(node_class));
  ++pool.meta.generation;
  put(std::move(pool));
}

kube::Pod ClusterBuilder::pod(std::string_view name) const {
  kube::Pod pod;
  pod.meta.name = name;
  pod.meta.namespace_ = "default";
  pod.meta.uid = fmt::format("uid-{}", name);
  pod.scheduling.requests.set(kube::Resource::Pods, 1);
  pod.scheduled_reason = "Unschedulable";
  return pod;
}

void ClusterBuilder::put(state::Object object) {
  std::visit([&](auto& typed) { typed.meta.resource_version = next_version_++; }, object);
  state_.fold(state::Changed{std::move(object)}, now_);
}

void ClusterBuilder::put_pod(kube::Pod pod) {
  if (pod.meta.creation_time.is_zero())
    pod.meta.creation_time = now_ + Duration::milliseconds(pods_made_++);
  put(std::move(pod));
}

void ClusterBuilder::put_overlay(kube::NodeOverlay overlay) {
  overlay.meta.uid = "uid-overlay-" + overlay.meta.name;
  overlay.meta.generation = 1;
  put(std::move(overlay));
}

void ClusterBuilder::judge_overlays() {
  for (const OverlayVerdict& verdict : scheduling::judge_overlays(state())) {
    kube::NodeOverlay judged = *verdict.overlay;
    judged.conditions = {{.type = "ValidationSucceeded",
                          .status = verdict.reason.empty() ? kube::ConditionStatus::True
                                                           : kube::ConditionStatus::False,
                          .reason = verdict.reason,
                          .message = verdict.message,
                          .last_transition_time = now_,
                          .observed_generation = judged.meta.generation}};
    put(std::move(judged));
  }
}

void ClusterBuilder::put_daemon_set(kube::DaemonSet set) {
  if (set.meta.namespace_.empty()) set.meta.namespace_ = "default";
  set.meta.uid = "uid-daemon-" + set.meta.name;
  put(std::move(set));
}

void ClusterBuilder::emit(state::Action action) {
  state_.fold_emitted({next_effect_++, "test", std::move(action)}, now_);
}

void ClusterBuilder::mark_unavailable(const hyperpod::OfferingKey& offering) {
  emit(state::MarkUnavailable{offering, now_ + Duration::minutes(3)});
}

void ClusterBuilder::back_off(const std::string& group, const std::string& why) {
  emit(state::BackOff{group, now_ + Duration::minutes(5), why});
}

void ClusterBuilder::erase_pod(const std::string& name) {
  state_.fold(state::Gone{state::Kind::Pod, {"default", name}, {}, next_version_++}, now_);
}

void ClusterBuilder::erase_node(const std::string& name) {
  const state::NodeRecord* record = state_.find_node(name);
  const std::string claim = record == nullptr ? name : record->claim;
  if (record != nullptr)
    state_.fold(state::Gone{state::Kind::Node, {"", name}, {}, next_version_++}, now_);
  if (state_.find_claim(claim) != nullptr) {
    state_.fold(state::Gone{state::Kind::NodeClaim, {"", claim}, {}, next_version_++}, now_);
  }
}

void ClusterBuilder::tell_cluster() {
  is_cluster_told_ = true;
  hyperpod::Cluster cluster;
  cluster.name = "test";
  cluster.arn = "arn:aws:sagemaker:test-region:111122223333:cluster/abcdefghij12";
  cluster.is_continuous = true;
  cluster.groups = groups_;
  std::vector<hyperpod::Subnet> subnets;
  for (const std::string& zone : zones_) {
    subnets.push_back({"subnet-" + zone, zone, zone + "-id"});
    cluster.subnets.push_back("subnet-" + zone);
  }
  const state::EffectId describe = next_effect_;
  emit(state::DescribeCluster{});
  state_.fold(state::Answered{describe, state::Outcome::Done, {}, cluster}, now_);
  const state::EffectId describe_subnets = next_effect_;
  emit(state::DescribeSubnets{cluster.subnets});
  state_.fold(state::Answered{describe_subnets, state::Outcome::Done, {}, subnets}, now_);
  for (const hyperpod::TrainingPlan& plan : plans_) {
    const state::EffectId describe_plan = next_effect_;
    emit(state::DescribeTrainingPlan{plan.name});
    state_.fold(state::Answered{describe_plan, state::Outcome::Done, {}, plan}, now_);
  }
  for (std::size_t kind = 0; kind < state::kKindCount; ++kind) {
    state_.fold(state::Synced{static_cast<state::Kind>(kind)}, now_);
  }
}

state::ClusterState& ClusterBuilder::state() {
  if (!is_cluster_told_) tell_cluster();
  return state_;
}

void ClusterBuilder::put_node(const NodeShape& shape) {
  const hyperpod::InstanceType* type = state_.instance_types().find(shape.type);
  check(type != nullptr, "a node of a test has a type that is in its catalogue");
  kube::StringMap labels;
  labels.set(kube::kInstanceType, shape.type);
  labels.set(kube::kArch, type->arch);
  labels.set(kube::kOs, "linux");
  if (!shape.zone.empty()) labels.set(kube::kZone, shape.zone);
  kube::Node node;
  node.meta.name = shape.name;
  node.meta.uid = "uid-node-" + shape.name;
  node.taints = shape.taints;
  node.unschedulable = shape.is_unschedulable;
  node.capacity = type->capacity();
  node.allocatable = type->allocatable();
  for (const auto& [resource, reported] : shape.reports) {
    node.capacity.set(resource, reported);
    node.allocatable.set(resource, reported);
  }
  set_true(node.conditions, "Ready", now_);
  if (shape.is_deleting && shape.pool.empty()) node.meta.deletion_time = now_;

  if (!shape.pool.empty()) {
    labels.set(kube::kCapacityType, shape.capacity_type);
    const auto group = std::ranges::find_if(groups_, [&](const hyperpod::InstanceGroup& g) {
      return hyperpod::karpenter_word(capacity_type_of(g)) == shape.capacity_type &&
             std::ranges::find(g.instance_types, shape.type) != g.instance_types.end();
    });
    check(group != groups_.end(), "a node of a test has a group that its type is in");
    kube::NodeClaim claim;
    claim.meta.name = "claim-" + shape.name;
    claim.meta.uid = "uid-claim-" + shape.name;
    claim.meta.labels = labels;
    claim.meta.labels.set(kube::kNodePool, shape.pool);
    claim.meta.labels.set(kube::kInstanceGroup, group->name);
    claim.spec.node_class_ref = pool(shape.pool).template_spec.node_class_ref;
    if (const kube::NodePool* known = state_.find_node_pool(shape.pool)) {
      claim.meta.labels.merge(known->template_labels);
      claim.spec.taints = known->template_spec.taints;
      claim.spec.startup_taints = known->template_spec.startup_taints;
    }
    claim.meta.labels.merge(shape.labels);
    const hyperpod::OfferingKey offering{group->name, shape.type, shape.zone};
    claim.meta.annotations.set(
        kube::kLaunch, state::encode_launch({{"batch-" + shape.name, {{offering, true, 1}}}, 0}));
    if (shape.is_deleting) claim.meta.deletion_time = now_;
    if (shape.has_node) claim.capacity = type->capacity();
    if (shape.has_node) claim.allocatable = type->allocatable();
    labels = claim.meta.labels;
    if (shape.is_registered) {
      labels.set(kube::kRegistered, "true");
      kube::merge_taints(node.taints, claim.spec.taints);
    }
    if (shape.is_registered && !shape.is_initialized)
      kube::merge_taints(node.taints, claim.spec.startup_taints);
    if (shape.is_registered && shape.is_initialized) labels.set(kube::kInitialized, "true");
    node.meta.annotations.set(kube::kNodeClaimUid, claim.meta.uid);
    put(std::move(claim));
  }
  if (!shape.has_node) return;
  labels.set(kube::kHostname, shape.name);
  labels.merge(shape.labels);
  node.meta.labels = std::move(labels);
  put(std::move(node));
}

std::vector<const state::PodRecord*> ClusterBuilder::waiting() {
  std::vector<const state::PodRecord*> pods;
  for (const kube::ObjectKey& key : state().pending_pods()) {
    const state::PodRecord& record = state_.pods().at(key);
    if (!record.nomination) pods.push_back(&record);
  }
  for (const auto& [name, node] : state_.nodes()) {
    const state::ClaimRecord* claim = state_.find_claim(node.claim);
    const bool is_going = (claim != nullptr && claim->is_deleting()) ||
                          std::ranges::any_of(node.node.taints, [](const kube::Taint& t) {
                            return t.key == kube::kTaintDisrupted;
                          });
    if (!is_going) continue;
    for (const state::PodRecord* pod : state_.usage(name).pods) {
      if (kube::is_reschedulable(pod->pod)) pods.push_back(pod);
    }
  }
  return pods;
}

Plan ClusterBuilder::solve() { return scheduling::solve(state(), waiting(), now_); }

kube::NodeClaim ClusterBuilder::claim_for(const NewNode& node) {
  kube::NodeClaim claim;
  claim.meta.name = fmt::format("{}-{}", node.node_pool, ++claims_made_);
  claim.meta.labels = *node.labels;
  const kube::NodePool& pool = *state_.find_node_pool(node.node_pool);
  claim.spec = pool.template_spec;
  if (const auto* group = state_.hyperpod().cluster()->find_group(node.offering.key.group)) {
    kube::merge_taints(claim.spec.taints, group->taints);
  }
  claim.spec.requirements = node.requirements->written();
  claim.spec.requests = node.requests;
  claim.meta.annotations.set(
      kube::kLaunch,
      state::encode_launch(
          {{"batch-" + claim.meta.name, {{node.offering.key, node.is_flexible, 1}}}, 0}));
  return claim;
}

void ClusterBuilder::bind(const std::string& uid, const std::string& node) {
  kube::Pod pod = state_.find_pod(uid)->pod;
  pod.node_name = node;
  pod.phase = kube::PodPhase::Running;
  pod.scheduled_reason.clear();
  put(std::move(pod));
}

void ClusterBuilder::carry_out(const Plan& plan, Until until) {
  now_ = now_ + Duration::seconds(30);
  last_claims_.clear();
  for (const PlacedOnNode& placed : plan.placed) {
    std::string node = placed.node;
    if (node.empty()) {
      const state::ClaimRecord* claim = state_.find_claim(placed.claim);
      node = claim == nullptr ? std::string{} : claim->node_name;
    }
    if (until == Until::Bound && !node.empty()) {
      for (const std::string& uid : placed.pods) bind(uid, node);
    } else {
      emit(state::NominatePods{placed.node, placed.claim, placed.pods});
    }
  }
  for (const NewNode& bought : plan.new_nodes) {
    kube::NodeClaim claim = claim_for(bought);
    last_claims_.push_back(claim.meta.name);
    emit(state::CreateNodeClaim{claim, bought.pods});
    if (until == Until::Created) continue;
    const hyperpod::InstanceType& type = *state_.instance_types().find(bought.offering.key.type);
    claim.meta.uid = "uid-claim-" + claim.meta.name;
    const NodeOverlays overlays(state_);
    claim.capacity = promised_capacity(type, claim.meta.labels, overlays);
    claim.allocatable = promised_allocatable(type, claim.meta.labels, overlays);
    set_true(claim.conditions, kube::node_claim_condition::kLaunched, now_);
    put(claim);
    if (until == Until::Launched) continue;
    kube::Node node;
    node.meta.name = claim.meta.name;
    node.meta.uid = "uid-node-" + claim.meta.name;
    node.meta.labels = claim.meta.labels;
    node.meta.labels.set(kube::kHostname, claim.meta.name);
    node.meta.labels.set(kube::kRegistered, "true");
    node.meta.labels.set(kube::kInitialized, "true");
    node.meta.annotations.set(kube::kNodeClaimUid, claim.meta.uid);
    node.taints = claim.spec.taints;
    node.capacity = claim.capacity;
    node.allocatable = claim.allocatable;
    set_true(node.conditions, "Ready", now_);
    put(node);
    for (const std::string& uid : bought.pods) bind(uid, node.meta.name);
  }
}

}  // namespace hyperwright::scheduling
