// karpenter.sagemaker.amazonaws.com/v1 HyperpodNodeClass: which instance groups of the cluster
// nodes may come from. Source: "Autoscaling on SageMaker HyperPod EKS", Creating a NodeClass.
#pragma once

#include <string>
#include <vector>

#include "kube/condition.h"
#include "kube/object_meta.h"

namespace hyperwright::kube {

struct NodeClassSubnet {
  std::string id;
  std::string zone;
  std::string zone_id;
  bool operator==(const NodeClassSubnet&) const = default;
};

struct NodeClassInstanceGroup {
  std::string name;
  std::vector<std::string> instance_types;
  std::vector<NodeClassSubnet> subnets;
  StringMap desired_labels;
  std::string capacity_type;  // "OnDemand" or "Spot", as HyperPod writes it
  bool operator==(const NodeClassInstanceGroup&) const = default;
};

struct HyperpodNodeClass {
  ObjectMeta meta;
  std::vector<std::string> instance_groups;  // spec, at most 10
  std::vector<std::string> decode_problems;
  // status
  std::vector<NodeClassInstanceGroup> status_instance_groups;
  Conditions conditions;
  bool operator==(const HyperpodNodeClass&) const = default;
};

inline constexpr std::size_t kNodeClassGroupsMax = 10;

namespace node_class_condition {
inline constexpr std::string_view kInstanceGroupReady = "InstanceGroupReady";
inline constexpr std::string_view kSubnetsReady = "SubnetsReady";
inline constexpr std::string_view kReady = "Ready";
inline constexpr std::string_view kDependents[] = {kInstanceGroupReady, kSubnetsReady};
}  // namespace node_class_condition

}  // namespace hyperwright::kube
