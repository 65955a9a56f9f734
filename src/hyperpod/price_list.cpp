#include "hyperpod/price_list.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/csv_table.h"
#include "kube/json_members.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;
namespace {

constexpr std::string_view kUsage = "Cluster:ml.";
constexpr std::array<std::string_view, 4> kColumns = {"region", "instance_type", "usd_per_hour",
                                                      "as_of"};

using kube::at;
using kube::text_at;

// Of an object by member; nothing where it is none.
const json::object& members_of(const json::value& value) {
  static const json::object kNothing;
  const json::object* const object = value.if_object();
  return object == nullptr ? kNothing : *object;
}

// "ml.p5.48xlarge" of "USE1-Cluster:ml.p5.48xlarge"; "": another usage.
std::string_view type_of(std::string_view usage) {
  const std::size_t at = usage.find(kUsage);
  const bool is_whole_word = at != std::string_view::npos && (at == 0 || usage[at - 1] == '-');
  return is_whole_word ? usage.substr(usage.find(':') + 1) : std::string_view();
}

json::object filter(std::string_view type, std::string_view field, std::string_view value) {
  return {{"Type", type}, {"Field", field}, {"Value", value}};
}

// The price for an hour among the on-demand terms: {"OnDemand": {CODE: {"priceDimensions": {CODE:
// {"unit": "Hrs", "pricePerUnit": {"USD": "66.0480000000"}}}}}}.
Result<MicroDollars> hourly_price(const json::value& terms) {
  for (const auto& [code, term] : members_of(at(terms, "OnDemand"))) {
    for (const auto& [rate, dimension] : members_of(at(term, "priceDimensions"))) {
      const std::string_view unit = text_at(dimension, "unit");
      if (!unit.starts_with("H") && !unit.starts_with("h")) continue;
      const std::string_view dollars = text_at(at(dimension, "pricePerUnit"), "USD");
      if (dollars.empty()) continue;
      auto price = parse_dollars(dollars);
      if (!price || price->micros() > 0) return price;
    }
  }
  return fail(ErrorCode::Invalid, "it has no price in USD for an hour");
}

// nullopt: it is none of HyperPod's.
Result<std::optional<ListPrice>> read_product(std::string_view text, std::string_view region,
                                              Time now) {
  json::error_code error;
  const json::value product = json::parse(text, error);
  if (error) return fail(ErrorCode::Invalid, "a product is no JSON");
  const json::value& attributes = at(at(product, "product"), "attributes");
  const std::string_view type = type_of(text_at(attributes, "usagetype"));
  const std::string_view where = text_at(attributes, "regionCode");
  if (type.empty() || (!where.empty() && where != region)) return std::optional<ListPrice>();
  const auto price = hourly_price(at(product, "terms"));
  if (!price) return fail(price.error(), std::string(type));
  return std::optional(ListPrice{std::string(type), *price, now});
}

}  // namespace

void PriceList::add(std::vector<ListPrice> page) {
  prices.insert(prices.end(), page.begin(), page.end());
  // The higher price of a type stands first, and stays.
  std::ranges::sort(prices, [](const ListPrice& a, const ListPrice& b) {
    return a.type != b.type ? a.type < b.type : a.per_hour > b.per_hour;
  });
  const auto doubles = std::ranges::unique(prices, {}, &ListPrice::type);
  prices.erase(doubles.begin(), doubles.end());
}

std::vector<TypePrice> PriceList::type_prices() const {
  std::vector<TypePrice> result;
  result.reserve(prices.size());
  for (const ListPrice& each : prices) {
    result.push_back({each.type, {each.per_hour, false}, {PriceSource::PriceList, each.as_of}});
  }
  return result;
}

json::object get_products_request(std::string_view region, std::string_view next_token) {
  json::object request{{"ServiceCode", "AmazonSageMaker"},
                       {"FormatVersion", "aws_v1"},
                       {"MaxResults", 100},
                       {"Filters", json::array{filter("TERM_MATCH", "regionCode", region),
                                               filter("CONTAINS", "usagetype", kUsage)}}};
  if (!next_token.empty()) request["NextToken"] = next_token;
  return request;
}

Result<ProductsPage> decode_products(const json::value& answer, std::string_view region, Time now) {
  if (!at(answer, "PriceList").is_array())
    return fail(ErrorCode::Invalid, "GetProducts: the answer has no PriceList");
  ProductsPage page;
  page.next_token = text_at(answer, "NextToken");
  for (const json::value& product : at(answer, "PriceList").get_array()) {
    // Each is a text that holds JSON; a front end may have opened it.
    auto read = product.is_string() ? read_product(product.get_string(), region, now)
                                    : read_product(json::serialize(product), region, now);
    if (!read) {
      if (page.problem.empty()) page.problem = read.error().text();
    } else if (*read) {
      page.prices.push_back(**std::move(read));
    }
  }
  return page;
}

std::string format_price_list(const PriceList& list) {
  std::string csv =
      "# HyperPod's list prices, by the AWS Price List service. Written by hyperwright.\n"
      "region,instance_type,usd_per_hour,as_of\n";
  for (const ListPrice& price : list.prices) {
    csv += fmt::format("{},{},{},{}\n", list.region, price.type,
                       format_dollars(price.per_hour, 6).substr(1), format_time(price.as_of));
  }
  return csv;
}

Result<PriceList> parse_price_list(std::string_view csv, std::string_view region) {
  CsvTable table;
  if (Status read = table.read(csv, kColumns, {"region", "instance_type", "usd_per_hour", "as_of"});
      !read) {
    return fail(read.error());
  }
  constexpr const char* kRemedy = "remove the file: it is written anew";
  std::vector<ListPrice> prices;
  for (const CsvRow& row : table.rows()) {
    if (row.get("region") != region) {
      return bad_line(row.line, fmt::format("region is \"{}\", not {}", row.get("region"), region),
                      kRemedy);
    }
    const auto price = parse_dollars(row.get("usd_per_hour"));
    if (!price) return bad_line(row.line, price.error());
    const auto as_of = parse_time(row.get("as_of"));
    if (!as_of) return bad_line(row.line, as_of.error());
    if (!row.get("instance_type").starts_with("ml.")) {
      return bad_line(
          row.line,
          fmt::format("instance_type \"{}\" does not begin with ml.", row.get("instance_type")),
          kRemedy);
    }
    prices.push_back({std::string(row.get("instance_type")), *price, *as_of});
  }
  PriceList list{.region = std::string(region)};
  list.add(std::move(prices));
  return list;
}

}  // namespace hyperwright::hyperpod
