#include "tests/scheduling/drawn_volumes.h"

#include <fmt/format.h>

#include "kube/volumes.h"
#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

constexpr const char* kDriver = "disk.csi.example.com";
constexpr int kShared = 4;
// Bound: in z1, in z2, in z1 or z2, anywhere, on one host, local. Not bound: free, in z1 or z2, of
// an ephemeral volume. Bad: not there, of an Immediate class, going.
enum Kind {
  InZ1,
  InZ2,
  InZ1OrZ2,
  Anywhere,
  OnHost,
  Local,
  Free,
  Zonal,
  Ephemeral,
  Missing,
  Immediate,
  Going,
  kKinds
};

kube::NodeSelectorTerm term(std::string_view key, const char* value) {
  return {{{std::string(key), kube::NodeOperator::In, {value}, {}}}, {}};
}

kube::StorageClass storage_class(const char* name, std::vector<kube::NodeSelectorTerm> places,
                                 bool waits = true) {
  kube::StorageClass made;
  made.meta.name = name;
  made.provisioner = kDriver;
  made.waits_for_consumer = waits;
  made.allowed_topologies = std::move(places);
  return made;
}

std::vector<kube::NodeSelectorTerm> places_of(int kind) {
  switch (kind) {
    case InZ1:
      return {term(kube::kZone, "z1")};
    case InZ2:
      return {term(kube::kZone, "z2")};
    case InZ1OrZ2:
      return {term(kube::kZone, "z1"), term(kube::kZone, "z2")};
    case OnHost:
    case Local:
      return {term(kube::kHostname, "node-1")};
    default:
      return {};
  }
}

}  // namespace

void DrawnVolumes::put_shared() {
  has_shared_ = true;
  cluster_.put(storage_class("free", {}));
  cluster_.put(storage_class("zonal", {term(kube::kZone, "z1"), term(kube::kZone, "z2")}));
  cluster_.put(storage_class("immediate", {}, false));
  for (int i = 0; i < kShared; ++i)
    put_claim("default", fmt::format("shared-{}", i), static_cast<int>(random_.below(kKinds)));
}

void DrawnVolumes::put_claim(const std::string& where, const std::string& name, int kind) {
  if (kind == Missing || kind == Ephemeral) return;
  kube::PersistentVolumeClaim claim;
  claim.meta.name = name;
  claim.meta.namespace_ = where;
  claim.phase = "Pending";
  claim.storage_class = kind == Immediate ? "immediate" : kind == Zonal ? "zonal" : "free";
  if (kind == Going) claim.meta.deletion_time = cluster_.now();
  if (kind <= Local) {
    kube::PersistentVolume volume;
    volume.meta.name = claim.volume_name = fmt::format("volume-{}-{}", where, name);
    volume.is_local = kind == Local;
    if (kind != Local) volume.csi_driver = kDriver;
    volume.csi_handle = volume.is_local ? "" : volume.meta.name;
    volume.node_terms = places_of(kind);
    cluster_.put(std::move(volume));
    claim.is_bind_completed = true;
    claim.phase = "Bound";
  }
  cluster_.put(std::move(claim));
}

DrawnVolumes::Mounts DrawnVolumes::draw() {
  if (!has_shared_) put_shared();
  Mounts mounts;
  if (chance(25)) mounts.shared.push_back(fmt::format("shared-{}", random_.below(kShared)));
  for (int i = 0; i < 2; ++i) {
    if (chance(25)) mounts.own.push_back(static_cast<int>(random_.below(kKinds)));
  }
  return mounts;
}

void DrawnVolumes::mount(const Mounts& mounts, kube::Pod& pod) {
  for (const std::string& name : mounts.shared)
    pod.scheduling.volume_claims.push_back(
        {.claim_name = name, .is_ephemeral = false, .storage_class = {}});
  for (std::size_t i = 0; i < mounts.own.size(); ++i) {
    const std::string name = fmt::format("{}-{}", pod.meta.name, i);
    put_claim(pod.meta.namespace_, name, mounts.own[i]);
    kube::VolumeClaim mounted{.claim_name = name, .is_ephemeral = false, .storage_class = {}};
    mounted.is_ephemeral = mounts.own[i] == Ephemeral;
    if (mounted.is_ephemeral) mounted.storage_class = "zonal";
    pod.scheduling.volume_claims.push_back(std::move(mounted));
  }
}

void DrawnVolumes::limit(const std::string& node) {
  if (!chance(60)) return;
  kube::CsiNode limited;
  limited.meta.name = node;
  limited.limits[kDriver] = static_cast<std::int64_t>(random_.below(4));
  cluster_.put(std::move(limited));
}

}  // namespace hyperwright::scheduling
