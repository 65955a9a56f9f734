// The instance types that HyperPod knows: their shape, what a node of them offers to pods, and what
// HyperPod charges for them.
//
//   max pods     IPv4 addresses of one network interface - 1: HyperPod nodes have one for pods
//   allocatable  capacity - kube-reserved - eviction threshold, by EKS's formulas over that pod
//                limit; where nodes were seen to offer something else, plans take that instead
//                (state/seen_capacity.h)
//   price        HyperPod's own list price, or 1.20 x EC2's where that is not known (marked
//                estimated); where it was read, and when, stands beside it: plans need the amount
//                alone
//
// Source: Amazon SageMaker HyperPod, "Prerequisites for EKS" (maximum pods); awslabs/amazon-eks-ami
// (reserved resources); AWS Price List, usage type <REGION>-Cluster:ml.<type>.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/lookup.h"
#include "base/time.h"
#include "hyperpod/money.h"
#include "kube/resources.h"

namespace hyperwright::hyperpod {

struct Price {
  MicroDollars per_hour{};
  bool is_estimated = false;
  auto operator<=>(const Price&) const = default;
};

enum class PriceSource : std::uint8_t {
  Unknown,
  BuiltIn,    // data/instance-types.csv
  PriceList,  // the AWS Price List service
  File,       // of --prices
};
inline constexpr std::size_t kPriceSourceCount = 4;
std::string_view to_string(PriceSource source);  // "": not known

struct PriceOrigin {
  PriceSource source = PriceSource::Unknown;
  Time as_of{};  // when the list said so; zero: not known
  auto operator<=>(const PriceOrigin&) const = default;
};

// What one instance of a type costs on demand.
struct TypePrice {
  std::string type{};
  Price price{};
  PriceOrigin origin{};
  auto operator<=>(const TypePrice&) const = default;
};

struct InstanceType {
  std::string name{};  // with the ml. prefix
  std::string arch{};  // amd64 or arm64
  std::int64_t vcpus = 0;
  std::int64_t memory_mib = 0;
  std::int64_t gpus = 0;
  std::string gpu_model{};
  std::int64_t gpu_memory_mib = 0;
  std::int64_t neuron_devices = 0;
  std::int64_t neuron_cores = 0;
  std::int64_t efa_interfaces = 0;
  std::int64_t network_mbps = 0;
  std::int64_t max_pods = 0;
  std::int64_t local_nvme_gb = 0;
  std::optional<Price>
      on_demand{};  // absent: not known, the type is left out of plans, and that is said
  PriceOrigin price_origin{};
  // What nodes of this type were seen to offer, or a test says they do: replaces the formulas.
  std::optional<kube::Resources> known_capacity{};
  std::optional<kube::Resources> known_allocatable{};
  bool operator==(const InstanceType&) const = default;

  // What the Node will say: cpu, memory, pods, ephemeral-storage, accelerators, EFA interfaces.
  [[nodiscard]] kube::Resources capacity() const;
  [[nodiscard]] kube::Resources allocatable() const;
};

class InstanceTypes {
 public:
  // Reads a CSV with the columns of data/instance-types.csv, in any order, by the header line:
  // instance_type, arch, vcpus, memory_mib, gpus, gpu_model, gpu_memory_mib, neuron_devices,
  // neuron_cores, efa_interfaces, network_mbps, max_pods, local_nvme_gb, usd_per_hour, source.
  // Fails with the number of the bad line.
  static Result<InstanceTypes> parse(std::string_view csv);
  // Of these types; a later one of the same name replaces an earlier one.
  static InstanceTypes of(std::vector<InstanceType> types);
  // The list that is built in.
  static const InstanceTypes& shipped();
  // Puts prices from a CSV with the columns instance_type, usd_per_hour and, optionally, source
  // over this list's. An unknown type or a bad price fails with its line.
  Status apply_prices(std::string_view csv);
  // Puts these over this list's; types that it does not have are left out. Says whether any
  // amount differs: the same one, read again, is no news for a plan.
  bool set_prices(std::span<const TypePrice> prices);

  [[nodiscard]] const InstanceType* find(std::string_view name) const;
  [[nodiscard]] std::span<const InstanceType> all() const { return types_; }  // sorted by name
  bool operator==(const InstanceTypes& other) const { return types_ == other.types_; }

 private:
  std::vector<InstanceType> types_;
  TextLookup<std::size_t> index_;
};

// Spot has no price list of HyperPod's own: a share of the on-demand price, always marked
// estimated.
inline constexpr std::int32_t kSpotPercentOfOnDemand = 40;

}  // namespace hyperwright::hyperpod
