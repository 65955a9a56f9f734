#include "scheduling/existing_nodes.h"

#include <algorithm>
#include <tuple>

#include "kube/well_known.h"
#include "scheduling/templates.h"

namespace hyperwright::scheduling {
namespace {

bool is_labelled_true(const kube::Node& node, std::string_view label) {
  return node.meta.labels.get(label) == "true";
}

bool is_disrupted(const std::vector<kube::Taint>& taints) {
  return std::ranges::any_of(
      taints, [](const kube::Taint& taint) { return taint.key == kube::kTaintDisrupted; });
}

// A Node or its claim on its way out takes no pods.
bool is_leaving(const kube::Node& node) {
  return node.meta.is_deleting() || is_disrupted(node.taints);
}
bool is_leaving(const kube::NodeClaim& claim) {
  return claim.meta.is_deleting() ||
         kube::is_true(claim.conditions, kube::node_claim_condition::kInstanceTerminating);
}

// Taints that keep pods away: before initialization, those that are about to go do not.
std::vector<kube::Taint> lasting(const std::vector<kube::Taint>& taints,
                                 const kube::NodeClaim* claim) {
  std::vector<kube::Taint> rest;
  for (const kube::Taint& taint : taints) {
    const bool is_passing =
        claim != nullptr && (kube::is_ephemeral_taint(taint) ||
                             kube::contains_taint(claim->spec.startup_taints, taint));
    if (!is_passing) rest.push_back(taint);
  }
  return rest;
}

// The node controller adds the taint of a cordoned node a moment later.
void add_cordon(std::vector<kube::Taint>& taints, const kube::Node& node) {
  if (!node.unschedulable) return;
  const kube::Taint cordoned{std::string(kube::kTaintUnschedulable), "",
                             kube::TaintEffect::NoSchedule};
  kube::merge_taints(taints, std::span(&cordoned, 1));
}

kube::Resources filled(kube::Resources reported, const kube::Resources& expected) {
  expected.for_each([&](std::string_view name, std::int64_t amount) {
    if (reported.get(name) == 0) reported.set(name, amount);
  });
  return reported;
}

const hyperpod::InstanceType* type_of(const state::ClaimRecord& record,
                                      const state::ClusterState& state) {
  return record.launch ? state.instance_types().find(record.launch->offering().type) : nullptr;
}

// What the Node will carry, as far as the claim does not say it: HyperPod labels Nodes by their
// group.
kube::StringMap labels_of(const state::ClaimRecord& record, const state::ClusterState& state) {
  kube::StringMap labels;
  if (record.launch) {
    const hyperpod::OfferingKey& offering = record.launch->offering();
    const auto& cluster = state.hyperpod().cluster();
    const auto* group = cluster ? cluster->find_group(offering.group) : nullptr;
    if (group != nullptr) labels = labels_of_group(*cluster, *group);
    labels.set(kube::kInstanceType, offering.type);
    if (!offering.zone.empty()) labels.set(kube::kZone, offering.zone);
    if (const auto* type = type_of(record, state)) labels.set(kube::kArch, type->arch);
  }
  labels.merge(record.claim.meta.labels);
  return labels;
}

std::string_view name_of(const ExistingNode& node) {
  return node.node.empty() ? node.claim : node.node;
}

}  // namespace

kube::Resources ExistingNodes::expected_allocatable(const state::ClaimRecord& record) const {
  const hyperpod::InstanceType* type = type_of(record, state_);
  if (type == nullptr) return record.claim.allocatable;
  const auto seen = seen_.find(record.claim.spec.node_class_ref.name);
  kube::Resources expected = filled(record.claim.allocatable, type->allocatable());
  return seen == seen_.end()
             ? expected
             : seen->second.over(std::move(expected), record.launch->offering().group, type->name);
}

ExistingNodes::ExistingNodes(const state::ClusterState& state, std::span<const Daemon> daemons,
                             std::span<const state::PodRecord* const> leaving)
    : state_(state), daemons_(daemons) {
  for (const state::PodRecord* pod : leaving) {
    if (pod->nomination) leaving_.push_back(pod);
  }
  std::ranges::sort(leaving_);
  for (const auto& [name, node_class] : state.node_classes())
    seen_.emplace(name, state::SeenCapacity::of(node_class));
  for (const auto& [name, record] : state.nodes()) add_node(record);
  for (const auto& [name, record] : state.claims()) add_claim(record);
  for (const auto& [name, claim] : state.foreign_claims()) add_foreign_claim(claim);

  std::ranges::sort(nodes_, {}, [](const ExistingNode& node) {
    return std::tuple(!node.is_initialized, name_of(node), node.claim);
  });
  with_taints_.resize(taint_lists_.size());
  for (std::size_t i = 0; i < nodes_.size(); ++i) with_taints_[nodes_[i].taints].insert(i);
  labels_ = LabelIndex(nodes_.size());
}

void ExistingNodes::add_node(const state::NodeRecord& record) {
  const kube::Node& node = record.node;
  if (is_leaving(node)) return;
  const state::ClaimRecord* owner =
      record.claim.empty() ? nullptr : state_.find_claim(record.claim);
  // Of two Nodes of one claim only the one that stands behind it counts: the other is being
  // replaced.
  if (owner != nullptr && (is_leaving(owner->claim) || owner->node_name != node.meta.name)) return;
  if (owner != nullptr && !is_labelled_true(node, kube::kRegistered))
    return;  // add_claim speaks for it

  const bool is_initialized = owner == nullptr || is_labelled_true(node, kube::kInitialized);
  ExistingNode entry{.node = node.meta.name,
                     .claim = {},
                     .labels = &node.meta.labels,
                     .taints = 0,
                     .is_initialized = is_initialized,
                     .free = node.allocatable,
                     .ports = {},
                     .group = {},
                     .type = {}};
  if (owner != nullptr) {
    if (!is_initialized) {
      entry.node = {};
      entry.claim = owner->claim.meta.name;
      entry.free = filled(node.allocatable, expected_allocatable(*owner));
    }
    if (owner->launch) {
      entry.group = owner->launch->offering().group;
      entry.type = owner->launch->offering().type;
    }
    subtract_nominated(entry, state_.nominated_to_claim(owner->claim.meta.name));
  }
  subtract_nominated(entry, state_.nominated_to_node(node.meta.name));
  std::vector<kube::Taint> taints = lasting(node.taints, is_initialized ? nullptr : &owner->claim);
  add_cordon(taints, node);
  const state::NodeUsage& usage = state_.usage(node.meta.name);
  entry.free -= usage.requested;
  add(std::move(entry), taints, usage.pods);
}

void ExistingNodes::add_claim(const state::ClaimRecord& record) {
  const kube::NodeClaim& claim = record.claim;
  if (is_leaving(claim)) return;
  const state::NodeRecord* node = state_.find_node(record.node_name);
  if (node != nullptr &&
      (is_labelled_true(node->node, kube::kRegistered) || is_leaving(node->node)))
    return;

  own_labels_.push_back(labels_of(record, state_));
  ExistingNode entry{.node = {},
                     .claim = claim.meta.name,
                     .labels = &own_labels_.back(),
                     .taints = 0,
                     .is_initialized = false,
                     .free = expected_allocatable(record),
                     .ports = {},
                     .group = {},
                     .type = {}};
  if (record.launch) {
    entry.group = record.launch->offering().group;
    entry.type = record.launch->offering().type;
  }
  subtract_nominated(entry, state_.nominated_to_claim(claim.meta.name));
  std::span<const state::PodRecord* const> bound;
  if (node != nullptr) {
    subtract_nominated(entry, state_.nominated_to_node(node->node.meta.name));
    const state::NodeUsage& usage = state_.usage(node->node.meta.name);
    entry.free -= usage.requested;
    bound = usage.pods;
  }
  std::vector<kube::Taint> taints = lasting(claim.spec.taints, &claim);
  if (node != nullptr) add_cordon(taints, node->node);
  add(std::move(entry), taints, bound);
}

// Another Karpenter serves the same pods: what it has launched counts as coming, until its Node is
// there.
void ExistingNodes::add_foreign_claim(const kube::NodeClaim& claim) {
  if (is_leaving(claim) || claim.allocatable.is_zero() ||
      state_.find_node(claim.node_name) != nullptr)
    return;
  ExistingNode entry{.node = {},
                     .claim = claim.meta.name,
                     .labels = &claim.meta.labels,
                     .taints = 0,
                     .is_initialized = false,
                     .free = claim.allocatable,
                     .ports = {},
                     .group = {},
                     .type = {}};
  subtract_nominated(entry, state_.nominated_to_claim(claim.meta.name));
  add(std::move(entry), lasting(claim.spec.taints, &claim), {});
}

void ExistingNodes::add(ExistingNode node, const std::vector<kube::Taint>& taints,
                        std::span<const state::PodRecord* const> bound) {
  for (const state::PodRecord* pod : bound) {
    const std::vector<kube::HostPort>& ports = pod->pod.scheduling.host_ports;
    node.ports.insert(node.ports.end(), ports.begin(), ports.end());
  }
  for (const Daemon& daemon : daemons_) {
    if (!tolerates(daemon, taints) || !allows(daemon, *node.labels)) continue;
    const bool is_there = std::ranges::any_of(
        bound, [&](const state::PodRecord* pod) { return is_pod_of(daemon, pod->pod); });
    if (is_there) continue;
    node.free -= daemon.requests;
    node.ports.insert(node.ports.end(), daemon.host_ports.begin(), daemon.host_ports.end());
  }
  node.taints = intern_taints(taints);
  nodes_.push_back(std::move(node));
}

void ExistingNodes::subtract_nominated(ExistingNode& node,
                                       const std::vector<const state::PodRecord*>& pods) const {
  for (const state::PodRecord* pod : pods) {
    if (std::ranges::binary_search(leaving_, pod)) continue;
    node.free -= pod->pod.scheduling.requests;
    const std::vector<kube::HostPort>& ports = pod->pod.scheduling.host_ports;
    node.ports.insert(node.ports.end(), ports.begin(), ports.end());
  }
}

std::uint32_t ExistingNodes::intern_taints(const std::vector<kube::Taint>& taints) {
  const auto [it, is_new] =
      taint_ids_.try_emplace(taints, static_cast<std::uint32_t>(taint_lists_.size()));
  if (is_new) taint_lists_.push_back(taints);
  return it->second;
}

bool ExistingNodes::has_prefer_no_schedule() const {
  return std::ranges::any_of(taint_lists_, [](const std::vector<kube::Taint>& taints) {
    return std::ranges::any_of(taints, [](const kube::Taint& t) {
      return t.effect == kube::TaintEffect::PreferNoSchedule;
    });
  });
}

void ExistingNodes::index_key(std::string_view key) {
  if (indexed_.find(key) != nullptr) return;
  indexed_.set(std::string(key), true);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (const std::string* value = nodes_[i].labels->find(key)) labels_.add(key, *value, i);
  }
}

Bitset ExistingNodes::tolerated(const std::vector<kube::Toleration>& tolerations,
                                bool tolerates_prefer_no_schedule) const {
  Bitset found;
  for (std::size_t i = 0; i < taint_lists_.size(); ++i) {
    if (first_untolerated(taint_lists_[i], tolerations, tolerates_prefer_no_schedule) == nullptr)
      found |= with_taints_[i];
  }
  return found;
}

Bitset ExistingNodes::matching(const std::vector<kube::Requirements>& alternatives) {
  Bitset allowed;
  for (const kube::Requirements& alternative : alternatives) {
    for (const kube::Requirement& requirement : alternative) index_key(requirement.key());
    allowed |= labels_.matching(alternative);
  }
  return allowed;
}

}  // namespace hyperwright::scheduling
