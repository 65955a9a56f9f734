#include "state/capacity_buffers.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "state/cluster_state.h"

namespace hyperwright::state {
namespace {

ResolvedBuffer unresolved(std::string reason, std::string message) {
  ResolvedBuffer resolved;
  resolved.reason = std::move(reason);
  resolved.message = std::move(message);
  return resolved;
}

const kube::Workload* find_workload(const kube::CapacityBuffer& buffer, const ClusterState& state) {
  const std::string& of = buffer.meta.namespace_;
  const std::string& name = buffer.scalable->name;
  if (buffer.scalable->kind == "Deployment") return state.find<kube::Deployment>(of, name);
  if (buffer.scalable->kind == "StatefulSet") return state.find<kube::StatefulSet>(of, name);
  return state.find<kube::ReplicaSet>(of, name);
}

bool is_scalable_known(const kube::CapacityBuffer::ScalableReference& reference) {
  return (reference.api_group.empty() || reference.api_group == "apps") &&
         (reference.kind == "Deployment" || reference.kind == "StatefulSet" ||
          reference.kind == "ReplicaSet");
}

// How many pods the limits allow; nullopt: they limit nothing that the pods ask for.
std::optional<std::int64_t> limit_of(const kube::CapacityBuffer& buffer,
                                     const kube::Resources& requests) {
  std::optional<std::int64_t> most;
  if (!buffer.limits) return most;
  for (const auto& [name, amount] : buffer.limits->amounts) {
    const std::int64_t request = requests.get(name);
    if (request > 0) most = std::min(most.value_or(amount / request), amount / request);
  }
  return most;
}

// Rounded up: one percent of one replica is one.
std::int64_t share_of(std::int64_t replicas, std::int64_t percentage) {
  if (replicas <= 0 || percentage <= 0) return 0;
  if (replicas > std::numeric_limits<std::int64_t>::max() / percentage - 100)
    return kBufferPodsMax + 1;
  return (replicas * percentage + 99) / 100;
}

void count(const kube::CapacityBuffer& buffer, std::int64_t workload_replicas,
           ResolvedBuffer& resolved) {
  const auto most = limit_of(buffer, resolved.scheduling->requests);
  const bool is_given = buffer.replicas || buffer.percentage;
  std::int64_t wanted = is_given ? 0 : most.value_or(0);
  if (buffer.replicas) wanted = *buffer.replicas;
  if (buffer.percentage) wanted = std::max(wanted, share_of(workload_replicas, *buffer.percentage));
  if (most) wanted = std::min(wanted, *most);
  resolved.count = std::min(wanted, kBufferPodsMax);
  if (wanted > kBufferPodsMax) {
    resolved.message =
        fmt::format("room is kept for {} pods, the most of one buffer", kBufferPodsMax);
  }
}

}  // namespace

bool has_foreign_strategy(const kube::CapacityBuffer& buffer) {
  return !buffer.provisioning_strategy.empty() && buffer.provisioning_strategy != kActiveCapacity;
}

ResolvedBuffer resolve(const kube::CapacityBuffer& buffer, const ClusterState& state) {
  if (!buffer.decode_problems.empty()) {
    return unresolved("ResolutionFailed",
                      fmt::format("{}", fmt::join(buffer.decode_problems, "; ")));
  }
  if (has_foreign_strategy(buffer)) {
    return unresolved("ResolutionFailed",
                      fmt::format("spec.provisioningStrategy is \"{}\"; write \"{}\", or leave it "
                                  "out, for room that hyperwright keeps",
                                  buffer.provisioning_strategy, kActiveCapacity));
  }
  ResolvedBuffer resolved;
  std::int64_t workload_replicas = 0;
  if (buffer.pod_template) {
    const auto* found = state.find<kube::PodTemplate>(buffer.meta.namespace_, *buffer.pod_template);
    if (found == nullptr) {
      return unresolved("PodTemplateNotFound",
                        fmt::format("there is no PodTemplate \"{}\" in namespace \"{}\"",
                                    *buffer.pod_template, buffer.meta.namespace_));
    }
    resolved.labels = &found->labels;
    resolved.scheduling = &found->scheduling;
    resolved.template_generation = found->meta.generation;
  } else if (buffer.scalable) {
    if (!is_scalable_known(*buffer.scalable)) {
      return unresolved(
          "ResolutionFailed",
          fmt::format("spec.scalableRef is a {} of group \"{}\"; it must be a Deployment, a "
                      "StatefulSet or a ReplicaSet of group \"apps\"",
                      buffer.scalable->kind, buffer.scalable->api_group));
    }
    const kube::Workload* found = find_workload(buffer, state);
    if (found == nullptr) {
      return unresolved(
          "ScalableRefNotFound",
          fmt::format("there is no {} \"{}\" in namespace \"{}\"", buffer.scalable->kind,
                      buffer.scalable->name, buffer.meta.namespace_));
    }
    resolved.labels = &found->template_labels;
    resolved.scheduling = &found->scheduling;
    workload_replicas = found->replicas;
  } else {
    return unresolved("ResolutionFailed",
                      "the buffer has neither spec.podTemplateRef nor spec.scalableRef");
  }
  count(buffer, workload_replicas, resolved);
  return resolved;
}

kube::Pod virtual_pod(const kube::CapacityBuffer& buffer, const ResolvedBuffer& resolved,
                      std::int64_t number) {
  kube::Pod pod;
  pod.meta.name = fmt::format("capacity-buffer-{}-{}", buffer.meta.name, number);
  pod.meta.namespace_ = buffer.meta.namespace_;
  pod.meta.uid = fmt::format("{}-{}", buffer.meta.uid, number);
  pod.meta.creation_time = buffer.meta.creation_time;
  pod.meta.labels = *resolved.labels;
  pod.scheduling = *resolved.scheduling;
  pod.scheduling.volume_claims.clear();
  pod.scheduling.priority = kBufferPodPriority;
  pod.scheduling.priority_class.clear();
  pod.scheduled_reason = "Unschedulable";
  return pod;
}

}  // namespace hyperwright::state
