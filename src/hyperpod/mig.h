// GPUs in parts: an instance group whose label nvidia.com/mig.config says "all-1g.5gb" has nodes
// whose GPUs are all cut into slices of that profile, and offers them in the GPUs' place.
//
//   ml.p4d.24xlarge, 8 GPUs, all-1g.5gb    nvidia.com/mig-1g.5gb: 56, and no nvidia.com/gpu
//
// What cannot be told promises nothing: a profile that the type does not have, or a configuration
// of another name, leaves neither GPUs nor slices. "all-disabled" leaves the GPUs whole.
//
// Source: Amazon SageMaker HyperPod, "Using GPU partitions" (profiles by instance type).
#pragma once

#include "hyperpod/instance_type.h"
#include "kube/resources.h"
#include "kube/string_map.h"

namespace hyperwright::hyperpod {

// What a Node of this type will say, given the labels that its group puts on it. A NodeClaim's
// labels will do: it carries those of its group.
kube::Resources capacity_of(const InstanceType& type, const kube::StringMap& labels);
kube::Resources allocatable_of(const InstanceType& type, const kube::StringMap& labels);

}  // namespace hyperwright::hyperpod
