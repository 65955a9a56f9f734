#include "hyperpod/price_list.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Time kNow = Time::from_unix_seconds(1'790'000'000);

// A product as the service writes it: a text that holds JSON.
std::string product(std::string_view usage, std::string_view dollars,
                    std::string_view region = "us-east-1") {
  return fmt::format(
      R"({{"product":{{"productFamily":"ML Instance","attributes":{{"regionCode":"{}","usagetype":"{}"}},)"
      R"("sku":"X"}},"serviceCode":"AmazonSageMaker","terms":{{"OnDemand":{{"X.J":{{"priceDimensions":)"
      R"({{"X.J.6":{{"unit":"Hrs","pricePerUnit":{{"USD":"{}"}}}}}}}}}}}}}})",
      region, usage, dollars);
}

json::value page(const std::vector<std::string>& products, std::string_view next = "") {
  json::array list;
  for (const std::string& each : products) list.emplace_back(each);
  json::object answer{{"FormatVersion", "aws_v1"}, {"PriceList", std::move(list)}};
  if (!next.empty()) answer["NextToken"] = next;
  return answer;
}

ProductsPage decoded(const std::vector<std::string>& products) {
  auto result = decode_products(page(products), "us-east-1", kNow);
  check(result.has_value(), "the test's page can be read");
  return *std::move(result);
}

TEST(PriceList, AsksForTheClusterUsageOfARegion) {
  EXPECT_EQ(
      json::serialize(get_products_request("us-west-2", "")),
      R"({"ServiceCode":"AmazonSageMaker","FormatVersion":"aws_v1","MaxResults":100,"Filters":[)"
      R"({"Type":"TERM_MATCH","Field":"regionCode","Value":"us-west-2"},)"
      R"({"Type":"CONTAINS","Field":"usagetype","Value":"Cluster:ml."}]})");
  EXPECT_EQ(get_products_request("us-west-2", "next").at("NextToken").as_string(), "next");
}

TEST(PriceList, HyperPodsPricesStandUnderItsUsageTypeAlone) {
  const ProductsPage read = decoded({product("USE1-Cluster:ml.p5.48xlarge", "66.0480000000"),
                                     product("USE1-Train:ml.p5.48xlarge", "63.2"),
                                     product("USE1-SuperCluster:ml.p5.48xlarge", "1"),
                                     product("Cluster:ml.g5.xlarge", "1.41"),
                                     product("USW2-Cluster:ml.c5.large", "1", "us-west-2")});
  EXPECT_THAT(read.prices, ElementsAre(ListPrice{"ml.p5.48xlarge", MicroDollars(66'048'000), kNow},
                                       ListPrice{"ml.g5.xlarge", MicroDollars(1'410'000), kNow}));
  EXPECT_EQ(read.problem, "");
}

TEST(PriceList, ABadProductIsToldAndStopsNoOther) {
  const ProductsPage read = decoded({"{", product("X-Cluster:ml.a.large", "free"),
                                     product("X-Cluster:ml.b.large", "0.0000000000"),
                                     product("X-Cluster:ml.c.large", "2")});
  EXPECT_THAT(read.prices, ElementsAre(ListPrice{"ml.c.large", MicroDollars(2'000'000), kNow}));
  EXPECT_EQ(read.problem, "a product is no JSON");
  for (const char* odd : {"[]", "7", "{\"product\":7}", "{\"product\":{\"attributes\":[]}}"}) {
    EXPECT_TRUE(decoded({odd}).prices.empty()) << odd;
  }
}

TEST(PriceList, PagesAreToldApartFromTheLast) {
  EXPECT_EQ(decode_products(page({}, "n"), "us-east-1", kNow)->next_token, "n");
  EXPECT_FALSE(decode_products(json::object{}, "us-east-1", kNow));
}

TEST(PriceList, OfTwoPricesForATypeTheHigherCounts) {
  PriceList list{.region = "r"};
  list.add({{"ml.b", MicroDollars(1), kNow}, {"ml.a", MicroDollars(5), kNow}});
  list.add({{"ml.b", MicroDollars(3), kNow}});
  EXPECT_THAT(list.prices, ElementsAre(ListPrice{"ml.a", MicroDollars(5), kNow},
                                       ListPrice{"ml.b", MicroDollars(3), kNow}));
}

TEST(PriceList, ItsPricesSayWhereTheyAreFromAndSinceWhen) {
  PriceList list{.region = "r"};
  list.add({{"ml.a", MicroDollars(5), kNow}, {"ml.b", MicroDollars(3), kNow + Duration::hours(1)}});
  EXPECT_THAT(
      list.type_prices(),
      ElementsAre(TypePrice{"ml.a", {MicroDollars(5), false}, {PriceSource::PriceList, kNow}},
                  TypePrice{"ml.b",
                            {MicroDollars(3), false},
                            {PriceSource::PriceList, kNow + Duration::hours(1)}}));
}

TEST(PriceList, IsReadAsItWasWritten) {
  PriceList list{.region = "us-west-2"};
  list.add({{"ml.p5.48xlarge", MicroDollars(66'048'001), kNow},
            {"ml.c5.large", MicroDollars(102'000), kNow}});
  const auto read = parse_price_list(format_price_list(list), "us-west-2");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, list);
}

TEST(PriceList, AKeptListOfAnotherRegionIsNoneOfOurs) {
  PriceList list{.region = "us-west-2"};
  list.add({{"ml.c5.large", MicroDollars(102'000), kNow}});
  EXPECT_THAT(parse_price_list(format_price_list(list), "us-east-1").error().text(),
              HasSubstr("line 3: region is \"us-west-2\", not us-east-1"));
  EXPECT_FALSE(parse_price_list("region,instance_type,usd_per_hour,as_of\nr,ml.a,x,y\n", "r"));
  EXPECT_FALSE(parse_price_list("", "r"));
}

}  // namespace
}  // namespace hyperwright::hyperpod
