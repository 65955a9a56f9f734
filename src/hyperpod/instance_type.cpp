#include "hyperpod/instance_type.h"

#include <algorithm>
#include <array>

namespace hyperwright::hyperpod {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1024} * 1024;
constexpr std::int64_t kGiB = 1024 * kMiB;

// What the hypervisor, the firmware and the kernel keep of the memory that EC2 names: a node
// reports less than its type's memory. No list of the true figures is public; 7.5 % is what
// Karpenter assumes (its VM_MEMORY_OVERHEAD_PERCENT), after 64 MiB that arm64 keeps for contiguous
// allocation. Real nodes report a little more, so a plan that rests on this never promises memory
// that is not there.
std::int64_t visible_memory_mib(const InstanceType& type) {
  const std::int64_t mib = type.memory_mib - (type.arch == "arm64" ? 64 : 0);
  return std::max<std::int64_t>(0, mib - (mib * 75 + 999) / 1000);
}

// HyperPod chooses the size of the root volume itself ("determined for you") and does not say it;
// 100 GiB is our assumption. Pods' scratch space lies there unless a lifecycle script moves it to a
// larger volume.
constexpr std::int64_t kRootVolumeBytes = 100 * kGiB;

// EKS keeps 6 % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 % of all
// further ones; each band is cut to whole milli-cores.
std::int64_t reserved_cpu_millis(std::int64_t vcpus) {
  const auto cores_of_band = [vcpus](std::int64_t from, std::int64_t to) {
    return std::clamp<std::int64_t>(vcpus - from, 0, to - from);
  };
  return cores_of_band(0, 1) * 60 + cores_of_band(1, 2) * 10 + cores_of_band(2, 4) * 5 +
         std::max<std::int64_t>(0, vcpus - 4) * 5 / 2;
}

constexpr std::int64_t kEvictionMemoryBytes = 100 * kMiB;
constexpr std::int64_t kReservedStorageBytes = kGiB;

}  // namespace

std::string_view to_string(PriceSource source) {
  constexpr std::array<std::string_view, kPriceSourceCount> kWords = {"", "BuiltIn", "PriceList",
                                                                      "PricesFile"};
  return kWords.at(static_cast<std::size_t>(source));
}

kube::Resources InstanceType::capacity() const {
  if (known_capacity) return *known_capacity;
  kube::Resources resources;
  resources.set(kube::Resource::Cpu, vcpus * 1000);
  resources.set(kube::Resource::Memory, visible_memory_mib(*this) * kMiB);
  resources.set(kube::Resource::EphemeralStorage, kRootVolumeBytes);
  resources.set(kube::Resource::Pods, max_pods);
  resources.set(kube::Resource::NvidiaGpu, gpus);
  resources.set(kube::Resource::NeuronCore, neuron_cores);
  resources.set(kube::Resource::Neuron, neuron_devices);
  resources.set(kube::Resource::Efa, efa_interfaces);
  return resources;
}

kube::Resources InstanceType::allocatable() const {
  if (known_allocatable) return *known_allocatable;
  kube::Resources resources = capacity();
  const auto keep = [&resources](kube::Resource resource, std::int64_t amount) {
    resources.set(resource, std::max<std::int64_t>(0, resources.get(resource) - amount));
  };
  keep(kube::Resource::Cpu, reserved_cpu_millis(vcpus));
  keep(kube::Resource::Memory, (11 * max_pods + 255) * kMiB + kEvictionMemoryBytes);
  keep(kube::Resource::EphemeralStorage, kReservedStorageBytes + (kRootVolumeBytes + 9) / 10);
  return resources;
}

}  // namespace hyperwright::hyperpod
