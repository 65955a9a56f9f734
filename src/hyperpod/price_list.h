// HyperPod's list prices from the AWS Price List service (pricing:GetProducts), and the file that
// they are kept in between two readings. Pure.
//
// HyperPod's instances stand in the products of AmazonSageMaker under the usage type
// <REGION>-Cluster:ml.<type>, such as USE1-Cluster:ml.p5.48xlarge; the same instances for
// notebooks, training jobs and endpoints stand under others, at other prices.
//
// Source: AWS Price List Query API, "GetProducts"; "Finding services and products".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/time.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/money.h"

namespace hyperwright::hyperpod {

// One price, and how old it is. Its source is the Price List service of `region`.
struct ListPrice {
  std::string type{};
  MicroDollars per_hour{};
  Time as_of{};
  auto operator<=>(const ListPrice&) const = default;
};

struct PriceList {
  std::string region{};
  std::vector<ListPrice> prices{};  // sorted by type, each once
  bool operator==(const PriceList&) const = default;

  // Prices of one page, in any order; of two for one type the higher one counts.
  void add(std::vector<ListPrice> page);
  [[nodiscard]] std::vector<TypePrice> type_prices() const;
};

boost::json::object get_products_request(std::string_view region, std::string_view next_token);

struct ProductsPage {
  std::vector<ListPrice> prices{};
  std::string next_token{};  // empty: this was the last page
  std::string problem{};     // the first product that could not be read; the others count
};
// Other products of SageMaker, and those of other regions, are left out.
Result<ProductsPage> decode_products(const boost::json::value& answer, std::string_view region,
                                     Time now);

// A CSV: region, instance_type, usd_per_hour, as_of.
std::string format_price_list(const PriceList& list);
// Fails with Invalid and the line, also where a price is of another region than `region`.
Result<PriceList> parse_price_list(std::string_view csv, std::string_view region);

}  // namespace hyperwright::hyperpod
