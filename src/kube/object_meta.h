// What every object has: names, versions, times, labels, owners.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "kube/string_map.h"

namespace hyperwright::kube {

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool block_owner_deletion = false;
  bool operator==(const OwnerReference&) const = default;
};

struct ObjectMeta {
  std::string name;
  std::string namespace_;  // empty for cluster-scoped kinds
  std::string uid;
  // Kubernetes calls it opaque, and guarantees since 1.35 that it compares as a number within one
  // resource type; 0: not set.
  std::uint64_t resource_version = 0;
  std::int64_t generation = 0;
  Time creation_time;
  std::optional<Time> deletion_time;
  std::optional<std::int64_t> deletion_grace_seconds;
  StringMap labels;
  StringMap annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owner_references;
  bool operator==(const ObjectMeta&) const = default;

  [[nodiscard]] bool is_deleting() const { return deletion_time.has_value(); }
  [[nodiscard]] bool has_finalizer(std::string_view finalizer) const;
  // By exact apiVersion and kind, of any reference, as Karpenter looks at owners.
  [[nodiscard]] bool is_owned_by(std::string_view api_version, std::string_view kind) const;
  [[nodiscard]] const OwnerReference* controller() const;
};

// Which object: its kind is said by the place that holds the key.
struct ObjectKey {
  std::string namespace_;
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
};

}  // namespace hyperwright::kube
