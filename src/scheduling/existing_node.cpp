// How a Node, or a NodeClaim on its way, becomes a place for pods.
#include <algorithm>

#include "kube/well_known.h"
#include "scheduling/existing_nodes.h"
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

void merge(PodCounts& counts, PodCounts more) {
  more.insert(more.end(), counts.begin(), counts.end());
  std::ranges::sort(more);
  counts.clear();
  for (const auto& [pod_class, pods] : more) {
    if (!counts.empty() && counts.back().first == pod_class) {
      counts.back().second += pods;
    } else {
      counts.emplace_back(pod_class, pods);
    }
  }
}

}  // namespace

kube::Resources ExistingNodes::expected_allocatable(const state::ClaimRecord& record) const {
  const hyperpod::InstanceType* type = type_of(record, *state_);
  if (type == nullptr) return record.claim.allocatable;
  const auto seen = seen_.find(record.claim.spec.node_class_ref.name);
  kube::Resources expected = filled(
      record.claim.allocatable, promised_allocatable(*type, record.claim.meta.labels, overlays_));
  return seen == seen_.end()
             ? expected
             : seen->second.over(std::move(expected), record.launch->offering().group, type->name);
}

std::optional<ExistingNode> ExistingNodes::of_node(const state::NodeRecord& record) {
  const kube::Node& node = record.node;
  if (is_leaving(node)) return std::nullopt;
  const state::ClaimRecord* owner =
      record.claim.empty() ? nullptr : state_->find_claim(record.claim);
  // Of two Nodes of one claim only the one that stands behind it counts: the other is being
  // replaced.
  if (owner != nullptr && (is_leaving(owner->claim) || owner->node_name != node.meta.name))
    return std::nullopt;
  if (owner != nullptr && !is_labelled_true(node, kube::kRegistered))
    return std::nullopt;  // of_claim speaks for it

  ExistingNode entry;
  entry.node = node.meta.name;
  entry.labels = &node.meta.labels;
  entry.is_initialized = owner == nullptr || is_labelled_true(node, kube::kInitialized);
  entry.free = node.allocatable;
  if (owner != nullptr) {
    if (!entry.is_initialized) {
      entry.node = {};
      entry.claim = owner->claim.meta.name;
      entry.free = filled(node.allocatable, expected_allocatable(*owner));
    }
    if (owner->launch) {
      entry.group = owner->launch->offering().group;
      entry.type = owner->launch->offering().type;
    }
    promise(entry, state_->nominated_to_claim(owner->claim.meta.name));
  }
  promise(entry, state_->nominated_to_node(node.meta.name));
  std::vector<kube::Taint> taints =
      lasting(node.taints, entry.is_initialized ? nullptr : &owner->claim);
  add_cordon(taints, node);
  const state::NodeUsage& usage = state_->usage(node.meta.name);
  entry.free -= usage.requested;
  finish(entry, taints, usage.pods);
  return entry;
}

std::optional<ExistingNode> ExistingNodes::of_claim(const state::ClaimRecord& record) {
  const kube::NodeClaim& claim = record.claim;
  if (is_leaving(claim)) return std::nullopt;
  const state::NodeRecord* node = state_->find_node(record.node_name);
  if (node != nullptr &&
      (is_labelled_true(node->node, kube::kRegistered) || is_leaving(node->node)))
    return std::nullopt;

  ExistingNode entry;
  entry.own_labels = std::make_unique<const kube::StringMap>(labels_of(record, *state_));
  entry.claim = claim.meta.name;
  entry.labels = entry.own_labels.get();
  entry.free = expected_allocatable(record);
  if (record.launch) {
    entry.group = record.launch->offering().group;
    entry.type = record.launch->offering().type;
  }
  promise(entry, state_->nominated_to_claim(claim.meta.name));
  std::span<const state::PodRecord* const> bound;
  if (node != nullptr) {
    promise(entry, state_->nominated_to_node(node->node.meta.name));
    const state::NodeUsage& usage = state_->usage(node->node.meta.name);
    entry.free -= usage.requested;
    bound = usage.pods;
  }
  std::vector<kube::Taint> taints = lasting(claim.spec.taints, &claim);
  if (node != nullptr) add_cordon(taints, node->node);
  finish(entry, taints, bound);
  return entry;
}

// Another Karpenter serves the same pods: what it has launched counts as coming, until its Node is
// there.
std::optional<ExistingNode> ExistingNodes::of_foreign_claim(const kube::NodeClaim& claim) {
  if (is_leaving(claim) || claim.allocatable.is_zero() ||
      state_->find_node(claim.node_name) != nullptr)
    return std::nullopt;
  ExistingNode entry;
  entry.claim = claim.meta.name;
  entry.labels = &claim.meta.labels;
  entry.free = claim.allocatable;
  promise(entry, state_->nominated_to_claim(claim.meta.name));
  finish(entry, lasting(claim.spec.taints, &claim), {});
  return entry;
}

std::optional<ExistingNode> ExistingNodes::make(const Source& source) {
  const auto& [of, name] = source;
  switch (of) {
    case Of::Node: {
      const state::NodeRecord* node = state_->find_node(name);
      return node == nullptr ? std::nullopt : of_node(*node);
    }
    case Of::Claim: {
      const state::ClaimRecord* claim = state_->find_claim(name);
      return claim == nullptr ? std::nullopt : of_claim(*claim);
    }
    case Of::ForeignClaim: {
      const auto claim = state_->foreign_claims().find(name);
      return claim == state_->foreign_claims().end() ? std::nullopt
                                                     : of_foreign_claim(claim->second);
    }
  }
  return std::nullopt;
}

void ExistingNodes::finish(ExistingNode& node, const std::vector<kube::Taint>& taints,
                           std::span<const state::PodRecord* const> bound) {
  node.name = node.node.empty() ? node.claim : node.node;
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
  merge(node.pods, counts_of(bound));
  node.taints = intern_taints(taints);
}

// Pods that are promised a place on this node.
void ExistingNodes::promise(ExistingNode& node,
                            const std::vector<const state::PodRecord*>& pods) const {
  for (const state::PodRecord* pod : pods) {
    if (std::ranges::binary_search(batch_, pod)) continue;
    node.free -= pod->pod.scheduling.requests;
    const std::vector<kube::HostPort>& ports = pod->pod.scheduling.host_ports;
    node.ports.insert(node.ports.end(), ports.begin(), ports.end());
  }
  merge(node.pods, counts_of(pods));
}

PodCounts ExistingNodes::counts_of(std::span<const state::PodRecord* const> pods) const {
  PodCounts counts;
  for (const state::PodRecord* pod : pods) {
    if (!kube::is_active(pod->pod) || std::ranges::binary_search(batch_, pod)) continue;
    counts.emplace_back(pod->pod_class, 1);
  }
  std::ranges::sort(counts);
  return counts;
}

}  // namespace hyperwright::scheduling
