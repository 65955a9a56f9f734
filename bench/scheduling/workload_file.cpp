// Workloads as JSON: the same text for this program and for bench/peers/karpenter.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "bench/scheduling/workload.h"
#include "kube/json.h"

namespace hyperwright::bench {
namespace json = boost::json;
namespace {

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

std::vector<std::string> texts(const json::value& list) {
  std::vector<std::string> result;
  for (const json::value& text : list.as_array()) result.emplace_back(text.as_string());
  return result;
}

std::vector<std::size_t> indices(const json::value& list) {
  return json::value_to<std::vector<std::size_t>>(list);
}

kube::Resources resources(const json::value& written) {
  kube::Resources resources;
  for (const auto& [name, text] : written.as_object()) {
    const auto amount = kube::parse_amount(name, std::string_view(text.as_string()));
    check(amount.has_value(), "a workload file writes amounts as this program writes them");
    resources.set(name, *amount);
  }
  return resources;
}

json::object encode(const TypeOnSale& sold) {
  return {{"name", sold.type.name},
          {"arch", sold.type.arch},
          {"os", texts(sold.os)},
          {"micro_dollars_per_hour", sold.type.on_demand->per_hour.micros()},
          {"capacity", kube::encode(sold.type.capacity())},
          {"allocatable", kube::encode(sold.type.allocatable())},
          {"labels", kube::encode(sold.labels)}};
}

TypeOnSale decode_type(const json::object& written) {
  TypeOnSale sold;
  sold.type.name = written.at("name").as_string();
  sold.type.arch = written.at("arch").as_string();
  sold.type.on_demand = hyperpod::Price{
      hyperpod::MicroDollars(written.at("micro_dollars_per_hour").as_int64()), false};
  sold.type.known_capacity = resources(written.at("capacity"));
  sold.type.known_allocatable = resources(written.at("allocatable"));
  sold.os = texts(written.at("os"));
  for (const auto& [key, value] : written.at("labels").as_object())
    sold.labels.set(key, std::string_view(value.as_string()));
  return sold;
}

// A pod as users write it: what the API server adds later is not in the file.
json::value encode_shape(kube::Pod shape) {
  shape.meta.name = "shape";
  shape.meta.namespace_ = "default";
  json::object encoded = kube::encode(shape).as_object();
  json::object meta = {{"name", "shape"}, {"namespace", "default"}};
  meta["labels"] = kube::encode(shape.meta.labels);
  return json::object{{"metadata", std::move(meta)}, {"spec", encoded.at("spec")}};
}

Workload decode(const json::object& file) {
  Workload workload;
  workload.name = file.at("name").as_string();
  workload.ignores_preferences = file.at("ignores_preferences").as_bool();
  workload.micro_dollars_per_cpu = file.at("micro_dollars_per_cpu").as_int64();
  workload.zones = texts(file.at("zones"));
  for (const json::value& market : file.at("markets").as_array()) {
    workload.markets.push_back({std::string(market.at("capacity_type").as_string()),
                                texts(market.at("zones")), market.at("price_percent").as_int64()});
  }
  for (const json::value& type : file.at("types").as_array())
    workload.types.push_back(decode_type(type.as_object()));
  for (const json::value& shape : file.at("shapes").as_array()) {
    auto pod = kube::decode_pod(shape);
    check(pod.has_value(), "a workload file holds Kubernetes pods");
    workload.shapes.push_back(std::move(*pod));
  }
  workload.pods = indices(file.at("pods"));
  for (const json::value& node : file.at("nodes").as_array()) {
    workload.nodes.push_back(
        {std::string(node.at("type").as_string()), std::string(node.at("zone").as_string()),
         std::string(node.at("capacity_type").as_string()), indices(node.at("pods"))});
  }
  return workload;
}

}  // namespace

std::string to_file_text(const Workload& workload) {
  json::array markets;
  for (const Market& market : workload.markets) {
    markets.push_back({{"capacity_type", market.capacity_type},
                       {"zones", texts(market.zones)},
                       {"price_percent", market.price_percent}});
  }
  json::array types;
  for (const TypeOnSale& type : workload.types) types.push_back(encode(type));
  json::array shapes;
  for (const kube::Pod& shape : workload.shapes) shapes.push_back(encode_shape(shape));
  json::array nodes;
  for (const StandingNode& node : workload.nodes) {
    nodes.push_back({{"type", node.type},
                     {"zone", node.zone},
                     {"capacity_type", node.capacity_type},
                     {"pods", json::value_from(node.pods)}});
  }
  const json::object file = {{"name", workload.name},
                             {"ignores_preferences", workload.ignores_preferences},
                             {"micro_dollars_per_cpu", workload.micro_dollars_per_cpu},
                             {"zones", texts(workload.zones)},
                             {"markets", std::move(markets)},
                             {"types", std::move(types)},
                             {"shapes", std::move(shapes)},
                             {"pods", json::value_from(workload.pods)},
                             {"nodes", std::move(nodes)}};
  return json::serialize(file) + "\n";
}

Result<Workload> from_file_text(std::string_view text) {
  try {
    return decode(json::parse(text).as_object());
  } catch (const std::exception& e) {
    return fail(ErrorCode::Invalid, fmt::format("this is no workload file: {}", e.what()),
                "write it anew with `scheduling_bench write`");
  }
}

}  // namespace hyperwright::bench
