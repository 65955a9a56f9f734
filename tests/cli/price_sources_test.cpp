#include "cli/price_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/scratch_folder.h"

namespace hyperwright::cli {
namespace {

using client::ScratchFolder;
using hyperpod::MicroDollars;
using hyperpod::Price;
using testing::HasSubstr;

TEST(PricedTypes, TheFileCountsBeforeTheListAndTheListBeforeWhatIsBuiltIn) {
  PricedTypes priced{hyperpod::InstanceTypes::of(
                         {{.name = "ml.a", .on_demand = Price{MicroDollars(1'000'000), true}},
                          {.name = "ml.b", .on_demand = Price{MicroDollars(1'000'000), true}},
                          {.name = "ml.c", .on_demand = Price{MicroDollars(1'000'000), true}},
                          {.name = "ml.d"}}),
                     "instance_type,usd_per_hour\nml.a,3\n"};
  hyperpod::PriceList list{.region = "r"};
  list.add({{"ml.a", MicroDollars(2'000'000), Time()}, {"ml.b", MicroDollars(2'000'000), Time()}});
  priced.take(list);
  EXPECT_THAT(priced.prices(),
              testing::ElementsAre(hyperpod::TypePrice{"ml.a", {MicroDollars(3'000'000), false}},
                                   hyperpod::TypePrice{"ml.b", {MicroDollars(2'000'000), false}},
                                   hyperpod::TypePrice{"ml.c", {MicroDollars(1'000'000), true}}));
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

}  // namespace
}  // namespace hyperwright::cli
