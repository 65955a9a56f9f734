// What may be bought and at what price, as JSON: the types that the loop plans with, without what
// its formulas make of them.
#include <boost/json.hpp>

#include "state/codec.h"
#include "state/codec_fields.h"

namespace hyperwright::state {
namespace json = boost::json;
namespace {

struct Amount {
  std::string name;
  std::int64_t amount = 0;
};

std::optional<std::vector<Amount>> amounts_of(const std::optional<kube::Resources>& resources) {
  if (!resources) return std::nullopt;
  std::vector<Amount> amounts;
  resources->for_each([&](std::string_view name, std::int64_t amount) {
    amounts.push_back({std::string(name), amount});
  });
  return amounts;
}

std::optional<kube::Resources> resources_of(const std::optional<std::vector<Amount>>& amounts) {
  if (!amounts) return std::nullopt;
  kube::Resources resources;
  for (const Amount& amount : *amounts) resources.set(amount.name, amount.amount);
  return resources;
}

}  // namespace

template <>
struct Fields<Amount> {
  static void walk(auto& io, auto& amount) {
    io("name", amount.name);
    io("amount", amount.amount);
  }
};

template <>
struct Fields<hyperpod::Price> {
  static void walk(FieldWriter& writer, const hyperpod::Price& price) {
    writer("microDollars", price.per_hour.micros());
    writer("estimated", price.is_estimated);
  }
  static void walk(FieldReader& reader, hyperpod::Price& price) {
    std::int64_t micros = 0;
    reader("microDollars", micros);
    price.per_hour = hyperpod::MicroDollars(micros);
    reader("estimated", price.is_estimated);
  }
};

template <>
struct Fields<hyperpod::InstanceType> {
  static void shape(auto& io, auto& type) {
    io("name", type.name);
    io("arch", type.arch);
    io("vcpus", type.vcpus);
    io("memoryMib", type.memory_mib);
    io("gpus", type.gpus);
    io("gpuModel", type.gpu_model);
    io("gpuMemoryMib", type.gpu_memory_mib);
    io("neuronDevices", type.neuron_devices);
    io("neuronCores", type.neuron_cores);
    io("efaInterfaces", type.efa_interfaces);
    io("networkMbps", type.network_mbps);
    io("maxPods", type.max_pods);
    io("localNvmeGb", type.local_nvme_gb);
    io("onDemand", type.on_demand);
    io("priceSource", type.price_origin.source);
    io("priceAsOf", type.price_origin.as_of);
  }
  static void walk(FieldWriter& writer, const hyperpod::InstanceType& type) {
    shape(writer, type);
    writer("capacity", amounts_of(type.known_capacity));
    writer("allocatable", amounts_of(type.known_allocatable));
  }
  static void walk(FieldReader& reader, hyperpod::InstanceType& type) {
    shape(reader, type);
    std::optional<std::vector<Amount>> capacity, allocatable;
    reader("capacity", capacity);
    reader("allocatable", allocatable);
    type.known_capacity = resources_of(capacity);
    type.known_allocatable = resources_of(allocatable);
  }
};

json::value encode(const hyperpod::InstanceTypes& types) {
  json::array list;
  for (const hyperpod::InstanceType& type : types.all()) {
    FieldWriter writer(list.emplace_back(json::object()).get_object());
    Fields<hyperpod::InstanceType>::walk(writer, type);
  }
  return list;
}

Result<hyperpod::InstanceTypes> decode_instance_types(const json::value& value) {
  const json::array* list = value.if_array();
  DecodeProblem problem;
  if (list == nullptr) {
    problem.keep("the instance types are no list");
    return problem.failure();
  }
  std::vector<hyperpod::InstanceType> types;
  for (const json::value& item : *list) {
    FieldReader reader(item, {}, problem);
    Fields<hyperpod::InstanceType>::walk(reader, types.emplace_back());
    reader.finish();
    if (problem.is_there()) return problem.failure();
  }
  return hyperpod::InstanceTypes::of(std::move(types));
}

}  // namespace hyperwright::state
