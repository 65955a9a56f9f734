// The list of instance types: reading it, looking a type up, putting other prices over it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/number.h"
#include "hyperpod/csv_table.h"
#include "hyperpod/instance_type.h"

namespace hyperwright::hyperpod {

// data/instance-types.csv, put into the program by the build.
extern const std::string_view kInstanceTypesCsv;

namespace {

constexpr std::string_view kName = "instance_type";
constexpr std::string_view kPrice = "usd_per_hour";
constexpr std::string_view kSource = "source";
constexpr std::array<std::string_view, 15> kTypeColumns = {
    kName,          "arch",           "vcpus",          "memory_mib",   "gpus",
    "gpu_model",    "gpu_memory_mib", "neuron_devices", "neuron_cores", "efa_interfaces",
    "network_mbps", "max_pods",       "local_nvme_gb",  kPrice,         kSource};
constexpr std::array<std::string_view, 3> kPriceColumns = {kName, kPrice, kSource};

// The month in which AWS's list was read for the built-in one (data/README.md). EC2's prices, which
// the estimates are made of, have no date.
constexpr Time kDocumentedAsOf = Time::from_unix_seconds(1'790'812'800);  // 2026-10-01

// An empty field is zero: the fact is not known, or there is none of it.
Status read_count(const CsvRow& row, std::string_view column, std::int64_t& count) {
  const std::string_view text = row.get(column);
  if (text.empty()) return {};
  const auto value = parse_int64(text);
  if (!value || *value < 0) {
    return bad_line(row.line, fmt::format("{} \"{}\" is no whole number", column, text),
                    "write a whole number, 0 or more");
  }
  count = *value;
  return {};
}

Status read_price(const CsvRow& row, std::optional<Price>& price) {
  const std::string_view source = row.get(kSource);
  if (!source.empty() && source != "documented" && source != "estimated") {
    return bad_line(row.line, fmt::format("source \"{}\" is not known", source),
                    "write documented or estimated");
  }
  const std::string_view text = row.get(kPrice);
  if (text.empty()) return {};
  const auto amount = parse_dollars(text);
  if (!amount) {
    return bad_line(row.line,
                    Error(amount.error(), fmt::format("usd_per_hour of {}", row.get(kName))));
  }
  price = Price{*amount, source == "estimated"};
  return {};
}

Status read_type(const CsvRow& row, InstanceType& type) {
  type.name = row.get(kName);
  type.arch = row.get("arch");
  type.gpu_model = row.get("gpu_model");
  if (!type.name.starts_with("ml.")) {
    return bad_line(row.line,
                    fmt::format("instance_type \"{}\" does not begin with ml.", type.name),
                    "write it as HyperPod does, such as ml.g5.xlarge");
  }
  if (type.arch != "amd64" && type.arch != "arm64") {
    return bad_line(row.line, fmt::format("arch \"{}\" is not known", type.arch),
                    "write amd64 or arm64");
  }
  const std::pair<std::string_view, std::int64_t&> counts[] = {
      {"vcpus", type.vcpus},
      {"memory_mib", type.memory_mib},
      {"gpus", type.gpus},
      {"gpu_memory_mib", type.gpu_memory_mib},
      {"neuron_devices", type.neuron_devices},
      {"neuron_cores", type.neuron_cores},
      {"efa_interfaces", type.efa_interfaces},
      {"network_mbps", type.network_mbps},
      {"max_pods", type.max_pods},
      {"local_nvme_gb", type.local_nvme_gb},
  };
  for (const auto& [column, count] : counts) {
    if (Status read = read_count(row, column, count); !read) return read;
  }
  for (const auto& [column, count] : {counts[0], counts[1], counts[8]}) {
    if (count == 0) {
      return bad_line(row.line, fmt::format("{} of {} is missing", column, type.name),
                      "write a whole number above 0");
    }
  }
  return read_price(row, type.on_demand);
}

}  // namespace

Result<InstanceTypes> InstanceTypes::parse(std::string_view csv) {
  CsvTable table;
  if (Status read =
          table.read(csv, kTypeColumns, {kName, "arch", "vcpus", "memory_mib", "max_pods"});
      !read) {
    return fail(read.error());
  }
  std::vector<InstanceType> types;
  for (const CsvRow& row : table.rows()) {
    InstanceType type;
    if (Status read = read_type(row, type); !read) return fail(read.error());
    if (std::ranges::find(types, type.name, &InstanceType::name) != types.end()) {
      return bad_line(row.line, fmt::format("instance_type {} is there twice", type.name),
                      "remove one of the lines");
    }
    types.push_back(std::move(type));
  }
  return of(std::move(types));
}

InstanceTypes InstanceTypes::of(std::vector<InstanceType> types) {
  std::ranges::stable_sort(types, {}, &InstanceType::name);
  InstanceTypes list;
  for (InstanceType& type : types) {
    if (!list.types_.empty() && list.types_.back().name == type.name) list.types_.pop_back();
    list.types_.push_back(std::move(type));
  }
  for (std::size_t i = 0; i < list.types_.size(); ++i) list.index_.set(list.types_[i].name, i);
  return list;
}

const InstanceTypes& InstanceTypes::shipped() {
  static const InstanceTypes kShipped = [] {
    auto parsed = parse(kInstanceTypesCsv);
    check(parsed.has_value(), "the built-in list of instance types can be read");
    for (InstanceType& type : parsed->types_) {
      if (!type.on_demand) continue;
      type.price_origin = {PriceSource::BuiltIn,
                           type.on_demand->is_estimated ? Time() : kDocumentedAsOf};
    }
    return std::move(parsed).value();
  }();
  return kShipped;
}

Status InstanceTypes::apply_prices(std::string_view csv) {
  CsvTable table;
  if (Status read = table.read(csv, kPriceColumns, {kName, kPrice}); !read) return read;
  // All or nothing: the prices go into a copy first.
  std::vector<InstanceType> priced = types_;
  for (const CsvRow& row : table.rows()) {
    const std::size_t* at = index_.find(row.get(kName));
    if (at == nullptr) {
      return bad_line(row.line, fmt::format("instance_type \"{}\" is not known", row.get(kName)),
                      "write a type of the list, with the ml. prefix");
    }
    if (row.get(kPrice).empty()) {
      return bad_line(row.line, fmt::format("usd_per_hour of {} is missing", row.get(kName)),
                      "write a price or remove the line");
    }
    if (Status read = read_price(row, priced[*at].on_demand); !read) return read;
    priced[*at].price_origin = {.source = PriceSource::File};
  }
  types_ = std::move(priced);
  return {};
}

bool InstanceTypes::set_prices(std::span<const TypePrice> prices) {
  bool is_changed = false;
  for (const TypePrice& priced : prices) {
    const std::size_t* at = index_.find(priced.type);
    if (at == nullptr) continue;
    InstanceType& type = types_[*at];
    type.price_origin = priced.origin;
    if (type.on_demand == priced.price) continue;
    type.on_demand = priced.price;
    is_changed = true;
  }
  return is_changed;
}

const InstanceType* InstanceTypes::find(std::string_view name) const {
  const std::size_t* at = index_.find(name);
  return at == nullptr ? nullptr : &types_[*at];
}

}  // namespace hyperwright::hyperpod
