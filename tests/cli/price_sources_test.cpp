#include "cli/price_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/scratch_folder.h"

namespace hyperwright::cli {
namespace {

using client::ScratchFolder;
using hyperpod::MicroDollars;
using hyperpod::Price;
using hyperpod::PriceSource;
using hyperpod::TypePrice;
using testing::HasSubstr;

constexpr Time kRead = Time::from_unix_seconds(1'800'000'000);  // 2027-01-15T08:00:00Z
constexpr hyperpod::PriceOrigin kOld{PriceSource::BuiltIn, Time::from_unix_seconds(1'700'000'000)};
constexpr Price kBuiltIn{MicroDollars(1'000'000), true};

TEST(PricedTypes, TheFileCountsBeforeTheListAndTheListBeforeWhatIsBuiltIn) {
  PricedTypes priced{
      hyperpod::InstanceTypes::of({{.name = "ml.a", .on_demand = kBuiltIn, .price_origin = kOld},
                                   {.name = "ml.b", .on_demand = kBuiltIn, .price_origin = kOld},
                                   {.name = "ml.c", .on_demand = kBuiltIn, .price_origin = kOld},
                                   {.name = "ml.d"}}),
      "instance_type,usd_per_hour\nml.a,3\n"};
  hyperpod::PriceList list{.region = "r"};
  list.add({{"ml.a", MicroDollars(2'000'000), kRead}, {"ml.b", MicroDollars(2'000'000), kRead}});
  priced.take(list);
  EXPECT_THAT(
      priced.prices(),
      testing::ElementsAre(
          TypePrice{"ml.a", {MicroDollars(3'000'000), false}, {PriceSource::File, Time()}},
          TypePrice{"ml.b", {MicroDollars(2'000'000), false}, {PriceSource::PriceList, kRead}},
          TypePrice{"ml.c", kBuiltIn, kOld}));
}

TEST(PriceCache, IsAFileOfTheRegionInAFolderOrTheFileThatIsNamed) {
  const ScratchFolder folder;
  EXPECT_EQ(price_cache_file("", "us-west-2").value(), "");
  EXPECT_EQ(price_cache_file(folder.path().string(), "us-west-2").value(),
            (folder.path() / "prices-us-west-2.csv").string());
  const std::string file = (folder.path() / "own.csv").string();
  EXPECT_EQ(price_cache_file(file, "us-west-2").value(), file);
  EXPECT_THAT(price_cache_file("/nowhere/at/all.csv", "us-west-2").error().text(),
              HasSubstr("folder /nowhere/at is not there"));
}

TEST(PriceCache, IsEmptyBeforeTheFirstReadingAndAnErrorWhereItIsNone) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "prices.csv").string();
  EXPECT_TRUE(read_price_cache(file, "r")->prices.empty());
  folder.write("prices.csv", "nonsense\n");
  EXPECT_THAT(read_price_cache(file, "r").error().text(), HasSubstr(file + ": line 1: "));
}

// What the log says of the list that is kept in a file with this text.
std::string told_of(const std::string& text, PricedTypes& types) {
  const ScratchFolder folder;
  if (!text.empty()) folder.write("prices.csv", text);
  testing::internal::CaptureStderr();
  {
    const runtime::Log log(runtime::LogLevel::Info);
    take_kept_prices(types, (folder.path() / "prices.csv").string(), "r", log);
  }
  return testing::internal::GetCapturedStderr();
}

TEST(PriceCache, AKeptListIsTakenAtAnyAgeAndItsAgeIsTold) {
  PricedTypes types{hyperpod::InstanceTypes::of(
      {{.name = "ml.a", .on_demand = kBuiltIn, .price_origin = kOld}, {.name = "ml.b"}})};
  EXPECT_THAT(told_of("region,instance_type,usd_per_hour,as_of\n"
                      "r,ml.a,2,2024-02-01T00:00:00Z\nr,ml.b,3,2024-01-01T00:00:00Z\n",
                      types),
              testing::AllOf(HasSubstr(R"("message":"took the kept price list")"),
                             HasSubstr(R"("prices":"2")"),
                             HasSubstr(R"("oldest":"2024-01-01T00:00:00Z")")));
  const auto prices = types.prices();
  ASSERT_EQ(prices.size(), 2U);
  EXPECT_EQ(prices[0].price, (Price{MicroDollars(2'000'000), false}));
  EXPECT_EQ(format_time(prices[0].origin.as_of), "2024-02-01T00:00:00Z");
}

TEST(PriceCache, NothingIsToldOfAListThatIsNotThere) {
  PricedTypes types{hyperpod::InstanceTypes::of({{.name = "ml.a", .on_demand = kBuiltIn}})};
  EXPECT_EQ(told_of("", types), "");
  EXPECT_THAT(told_of("nonsense\n", types), HasSubstr("the kept price list is not used"));
  EXPECT_EQ(types.prices().at(0).price, kBuiltIn);
}

}  // namespace
}  // namespace hyperwright::cli
