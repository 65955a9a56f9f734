#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

using hyperpod::MicroDollars;
using hyperpod::Price;

ClusterState priced_state() {
  return {Options{.cluster = "ml"},
          hyperpod::InstanceTypes::of(
              {{.name = "ml.a.large", .on_demand = Price{MicroDollars(100), true}},
               {.name = "ml.b.large", .on_demand = Price{MicroDollars(200), false}}})};
}

TEST(FoldPriced, PutsPricesOverThoseOfTheTypesItNames) {
  ClusterState state = priced_state();
  state.fold(Priced{{{"ml.a.large", {MicroDollars(150), false}}, {"ml.unknown", {}}}}, kStart);
  EXPECT_EQ(state.instance_types().find("ml.a.large")->on_demand,
            (Price{MicroDollars(150), false}));
  EXPECT_EQ(state.instance_types().find("ml.b.large")->on_demand,
            (Price{MicroDollars(200), false}));
  EXPECT_EQ(state.instance_types().find("ml.unknown"), nullptr);
}

TEST(FoldPriced, PlansAreMadeAnewOnlyWhereSomethingChanged) {
  ClusterState state = priced_state();
  const std::uint64_t offerings = state.offerings_version();
  const std::uint64_t inputs = state.solver_inputs_version();
  state.fold(Priced{{{"ml.b.large", {MicroDollars(200), false}}}}, kStart);
  EXPECT_EQ(state.offerings_version(), offerings);
  EXPECT_EQ(state.solver_inputs_version(), inputs);
  state.fold(Priced{{{"ml.b.large", {MicroDollars(201), false}}}}, kStart);
  EXPECT_GT(state.offerings_version(), offerings);
  EXPECT_GT(state.solver_inputs_version(), inputs);
}

TEST(FoldPriced, TheSamePriceReadAgainIsYoungerAndNoNewsForAPlan) {
  ClusterState state = priced_state();
  const std::uint64_t inputs = state.solver_inputs_version();
  const hyperpod::PriceOrigin origin{hyperpod::PriceSource::PriceList, kStart};
  state.fold(Priced{{{"ml.b.large", {MicroDollars(200), false}, origin}}}, kStart);
  EXPECT_EQ(state.instance_types().find("ml.b.large")->price_origin, origin);
  EXPECT_EQ(state.solver_inputs_version(), inputs);
}

}  // namespace
}  // namespace hyperwright::state
