#include "scheduling/volumes.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/volumes.h"
#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

using Alternatives = std::vector<kube::Requirements>;

// Keys of CSI drivers that say what a label of every node says, so that a node which is not there
// yet can meet them.
std::string_view node_key(std::string_view key) {
  return key == "topology.ebs.csi.aws.com/zone" ? kube::kZone : key;
}

// Why no volume of this driver will ever be on a node of ours; "": one may.
std::string_view why_unsupported(std::string_view driver) {
  if (driver == "kubernetes.io/no-provisioner")
    return "which makes no volumes: bind the claim to a PersistentVolume that is there";
  if (driver == "ebs.csi.eks.amazonaws.com")
    return "which serves nodes of EKS Auto Mode alone: use ebs.csi.aws.com";
  return {};
}

// One volume of a pod: where it lets it stand, or why nowhere.
struct Allowed {
  Alternatives alternatives;  // empty: anywhere
  std::string problem;
};

// Sentences are made for what cannot be placed alone: a thousand claims that can cost none.
template <typename... Args>
Allowed problem(const kube::VolumeClaim& mounted, fmt::format_string<Args...> format,
                Args&&... args) {
  return {{},
          fmt::format("its PersistentVolumeClaim \"{}\" {}", mounted.claim_name,
                      fmt::format(format, std::forward<Args>(args)...))};
}

// A term without expressions matches nothing. `is_local`: its hostname is not asked for, and a term
// that said nothing else allows everything.
Alternatives alternatives_of(const std::vector<kube::NodeSelectorTerm>& terms, bool is_local) {
  Alternatives alternatives;
  for (const kube::NodeSelectorTerm& term : terms) {
    if (term.match_expressions.empty() && term.match_fields.empty()) continue;
    kube::Requirements alternative;
    for (kube::NodeRequirement expression : term.match_expressions) {
      expression.key = node_key(expression.key);
      if (is_local && expression.key == kube::kHostname) continue;
      alternative.add(kube::Requirement::from(expression));
    }
    // The one field there is is the name of the node.
    for (kube::NodeRequirement field : term.match_fields) {
      if (is_local) continue;
      field.key = kube::kHostname;
      alternative.add(kube::Requirement::from(field));
    }
    if (std::ranges::find(alternatives, alternative) == alternatives.end())
      alternatives.push_back(std::move(alternative));
    if (alternatives.size() > kVolumeAlternativesMax) break;
  }
  return alternatives;
}

Allowed allowed_by_class(const kube::VolumeClaim& mounted, const std::optional<std::string>& name,
                         const kube::StorageClass* storage_class) {
  if (!name || name->empty()) {
    return problem(mounted,
                   "is not bound and has no StorageClass (spec.storageClassName is {}); name one, "
                   "or bind it to a PersistentVolume",
                   name ? "\"\"" : "absent");
  }
  if (storage_class == nullptr) {
    return problem(mounted,
                   "is not bound, and its StorageClass \"{}\" (spec.storageClassName) does not "
                   "exist; create it, or name another one",
                   *name);
  }
  if (!storage_class->waits_for_consumer) {
    return problem(mounted,
                   "is not bound, and its StorageClass \"{}\" has volumeBindingMode Immediate, so "
                   "that its volume may be made anywhere; wait until it is bound, or use a class "
                   "with WaitForFirstConsumer",
                   *name);
  }
  if (const std::string_view why = why_unsupported(storage_class->provisioner); !why.empty()) {
    return problem(mounted, "is not bound, and its StorageClass \"{}\" has the provisioner {}, {}",
                   *name, storage_class->provisioner, why);
  }
  return {alternatives_of(storage_class->allowed_topologies, false), {}};
}

Allowed allowed_by_volume(const kube::VolumeClaim& mounted,
                          const kube::PersistentVolumeClaim& claim,
                          const kube::PersistentVolume* volume) {
  const std::string& name = claim.volume_name;
  if (volume == nullptr) {
    return problem(mounted,
                   "names the PersistentVolume \"{}\" (spec.volumeName), which does not exist; "
                   "create it, or the claim anew",
                   name);
  }
  if (volume->meta.is_deleting()) {
    return problem(mounted,
                   "names the PersistentVolume \"{}\" (spec.volumeName), which is being deleted; "
                   "bind the claim to another one",
                   name);
  }
  if (!claim.is_bind_completed) {
    return problem(mounted,
                   "names the PersistentVolume \"{}\" (spec.volumeName) and is not bound to it yet "
                   "(annotation pv.kubernetes.io/bind-completed); see that the volume's "
                   "spec.claimRef names the claim",
                   name);
  }
  if (const std::string_view why = why_unsupported(volume->csi_driver); !why.empty()) {
    return problem(mounted, "is bound to the PersistentVolume \"{}\" of the driver {}, {}", name,
                   volume->csi_driver, why);
  }
  Allowed allowed{alternatives_of(volume->node_terms, volume->is_local), {}};
  if (allowed.alternatives.empty() && !volume->node_terms.empty()) {
    return problem(mounted,
                   "is bound to the PersistentVolume \"{}\", whose spec.nodeAffinity.required has "
                   "empty terms only, and an empty term matches no node; say where the volume is",
                   name);
  }
  return allowed;
}

Allowed allowed_by(const state::ClusterState& state, const kube::Pod& pod,
                   const kube::VolumeClaim& mounted) {
  const auto* claim =
      state.find<kube::PersistentVolumeClaim>(pod.meta.namespace_, mounted.claim_name);
  if (claim == nullptr && !mounted.is_ephemeral) {
    return problem(mounted, "does not exist in namespace \"{}\"; create it", pod.meta.namespace_);
  }
  std::optional<std::string> name = mounted.storage_class;
  if (claim != nullptr) {
    if (claim->meta.is_deleting())
      return problem(mounted, "is being deleted (metadata.deletionTimestamp); mount another one");
    if (claim->phase == "Lost") {
      return problem(mounted,
                     "has the status.phase Lost: its PersistentVolume \"{}\" is gone; restore the "
                     "volume, or create the claim anew",
                     claim->volume_name);
    }
    if (!claim->volume_name.empty()) {
      return allowed_by_volume(mounted, *claim,
                               state.find<kube::PersistentVolume>("", claim->volume_name));
    }
    name = claim->storage_class;
  } else if (!name) {
    // The claim will be made with the default class.
    if (const auto* usual = state::default_storage_class(state)) name = usual->meta.name;
  }
  return allowed_by_class(mounted, name,
                          name ? state.find<kube::StorageClass>("", *name) : nullptr);
}

std::string contradiction(const state::ClusterState& state, const kube::Pod& pod) {
  std::vector<std::string> texts;
  for (const kube::VolumeClaim& mounted : pod.scheduling.volume_claims) {
    const Alternatives places = allowed_by(state, pod, mounted).alternatives;
    if (!places.empty())
      texts.push_back(fmt::format("\"{}\" in {}", mounted.claim_name, places_text(places)));
  }
  return fmt::format(
      "its PersistentVolumeClaims contradict each other, no node is in all of their places: {}; "
      "move a volume, or mount fewer",
      fmt::join(texts, ", "));
}

// The pod's volumes together.
VolumeDemand combined(const state::ClusterState& state, const kube::Pod& pod) {
  VolumeDemand demand;
  for (const kube::VolumeClaim& mounted : pod.scheduling.volume_claims) {
    Allowed allowed = allowed_by(state, pod, mounted);
    demand.problem = std::move(allowed.problem);
    if (!demand.problem.empty()) return demand;
    if (allowed.alternatives.empty()) continue;
    if (demand.alternatives.empty()) {
      demand.alternatives = std::move(allowed.alternatives);
    } else {
      demand.alternatives =
          within(demand.alternatives, allowed.alternatives, kVolumeAlternativesMax + 1);
      if (demand.alternatives.empty()) demand.problem = contradiction(state, pod);
    }
    if (demand.alternatives.size() > kVolumeAlternativesMax) {
      demand.problem = fmt::format(
          "the places of its PersistentVolumeClaims can be combined in more than {} ways, and more "
          "are not looked at; use volumes with fewer terms in nodeAffinity or allowedTopologies",
          kVolumeAlternativesMax);
    }
    if (!demand.problem.empty()) return demand;
  }
  return demand;
}

}  // namespace

std::vector<kube::Requirements> within(const std::vector<kube::Requirements>& a,
                                       const std::vector<kube::Requirements>& b, std::size_t most) {
  Alternatives both;
  for (const kube::Requirements& one : a) {
    for (const kube::Requirements& other : b) {
      if (!one.conflicts(other).empty()) continue;
      kube::Requirements tightened = one;
      tightened.add(other);
      if (std::ranges::find(both, tightened) == both.end()) both.push_back(std::move(tightened));
      if (both.size() == most) return both;
    }
  }
  return both;
}

std::string places_text(const std::vector<kube::Requirements>& alternatives) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> texts;
  for (const kube::Requirements& alternative : alternatives) {
    if (texts.size() == kShown) {
      texts.push_back(fmt::format("one of {} other places", alternatives.size() - kShown));
      break;
    }
    std::vector<std::string> parts;  // hostnames included
    for (const kube::Requirement& requirement : alternative) parts.push_back(requirement.text());
    texts.push_back(parts.empty() ? "any place" : fmt::format("{}", fmt::join(parts, ", ")));
  }
  return fmt::format("{}", fmt::join(texts, " or "));
}

Volumes::Id Volumes::demand_of(const state::PodRecord& record) {
  if (!limits_) limits_.emplace(state_, nodes_, batch_);
  VolumeDemand demand = combined(state_, record.pod);
  if (demand.problem.empty()) demand.attached = limits_->attached_by(record.pod);
  const auto [it, is_new] = ids_.try_emplace(std::move(demand), static_cast<Id>(list_.size()));
  if (is_new) list_.push_back(&it->first);
  return it->second;
}

}  // namespace hyperwright::scheduling
