#include "scheduling/node_overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scheduling {
namespace {

using hyperpod::MicroDollars;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

kube::NodeRequirement in(std::string_view key, std::vector<std::string> values) {
  return {std::string(key), kube::NodeOperator::In, std::move(values), std::nullopt};
}

kube::NodeOverlay overlay(std::string name, std::vector<kube::NodeRequirement> requirements = {}) {
  kube::NodeOverlay made;
  made.meta.name = std::move(name);
  made.requirements = std::move(requirements);
  return made;
}

// --- the price ---

std::int64_t adjusted(std::string_view adjustment, std::int64_t micros = 2'000'000) {
  return PriceChange::parse_adjustment(adjustment).value().of(MicroDollars(micros)).micros();
}

TEST(PriceChange, APriceReplacesTheUsualOne) {
  EXPECT_EQ(PriceChange::parse_price("4.20")->of(MicroDollars(7)).micros(), 4'200'000);
  EXPECT_EQ(PriceChange::parse_price("0")->of(MicroDollars(7)).micros(), 0);
  for (const char* text : {"", "-1", "+1", "1%", ".5", "$1", "1.", "one"})
    EXPECT_EQ(PriceChange::parse_price(text), std::nullopt) << text;
}

TEST(PriceChange, ASignedAmountIsAddedAndAShareScales) {
  EXPECT_EQ(adjusted("+0.5"), 2'500'000);
  EXPECT_EQ(adjusted("-.5"), 1'500'000);
  EXPECT_EQ(adjusted("+10%"), 2'200'000);
  EXPECT_EQ(adjusted("-12.5%"), 1'750'000);
  EXPECT_EQ(adjusted("-100%"), 0);
  EXPECT_EQ(adjusted("+250%"), 7'000'000);
  EXPECT_EQ(adjusted("+50%", 1), 2) << "rounded half up";
}

TEST(PriceChange, NothingIsBelowNothing) {
  EXPECT_EQ(adjusted("-5"), 0);
  EXPECT_EQ(adjusted("+0", INT64_MAX), INT64_MAX);
  EXPECT_EQ(adjusted("+1", INT64_MAX), INT64_MAX) << "nor above what can be written";
}

TEST(PriceChange, AnAdjustmentHasASignAndTakesNoMoreThanAllOff) {
  for (const char* text : {"", "5", "10%", "+", "-", "+%", "-100.1%", "-101%", "+-1", "1+", "+1 %"})
    EXPECT_EQ(PriceChange::parse_adjustment(text), std::nullopt) << text;
}

// --- one overlay ---

TEST(NodeOverlay, IsValidWithRequirementsOnEverythingThatAnOfferingHas) {
  kube::NodeOverlay valid =
      overlay("o", {in(kube::kNodePool, {"p"}), in(kube::kInstanceType, {"ml.g5.xlarge"}),
                    in(kube::kCapacityType, {"reserved"}), in("team.example.com/x", {"y"})});
  valid.price_adjustment = "-10%";
  valid.capacity.set("a.example.com/device", 2);
  valid.weight = 10'000;
  EXPECT_THAT(problems(valid), IsEmpty());
}

TEST(NodeOverlay, EachProblemIsNamedWithItsField) {
  kube::NodeOverlay wrong = overlay("o");
  wrong.requirements = {in(kube::kHostname, {"a"}),
                        {"k", kube::NodeOperator::NotIn, {}, std::nullopt},
                        {"k", kube::NodeOperator::Exists, {}, 2}};
  wrong.price = "free";
  wrong.price_adjustment = "10%";
  wrong.capacity.set("cpu", 1000);
  wrong.weight = 10'001;
  EXPECT_THAT(problems(wrong),
              ElementsAre(HasSubstr("spec.requirements[0]: "),
                          HasSubstr("spec.requirements[1]: NotIn has no values"),
                          HasSubstr("spec.requirements[2]: an overlay launches nothing"),
                          HasSubstr("are both set"), HasSubstr("spec.price \"free\""),
                          HasSubstr("spec.priceAdjustment \"10%\""),
                          HasSubstr("spec.capacity: cpu cannot be overlaid"),
                          HasSubstr("spec.weight 10001")));
}

TEST(NodeOverlay, HasAHundredRequirementsAtMostAndWhatCouldNotBeReadIsTold) {
  kube::NodeOverlay many = overlay("o");
  many.requirements.assign(101, in("k", {"v"}));
  many.decode_problems = {"spec.weight is no number"};
  EXPECT_THAT(problems(many),
              ElementsAre("spec.weight is no number", HasSubstr("has 101 entries, at most 100")));
}

// --- several ---

struct Overlays : ClusterBuilder {
  Overlays()
      : ClusterBuilder({make_type({.name = "small", .cpu = "2"}), make_type({.name = "large"})},
                       {.cluster = "test", .gates = {.node_overlay = true}}) {
    put_pool(pool("default"));
  }
  std::string reason(std::string_view name) {
    for (const OverlayVerdict& verdict : scheduling::judge_overlays(state())) {
      if (verdict.overlay->meta.name == name) return verdict.reason;
    }
    return "not judged";
  }
};

kube::NodeOverlay priced(std::string name, std::vector<std::string> types,
                         std::int32_t weight = 0) {
  kube::NodeOverlay made = overlay(std::move(name), {in(kube::kInstanceType, std::move(types))});
  made.price = "1";
  made.weight = weight;
  return made;
}

kube::NodeOverlay equipped(std::string name, std::string_view resource, std::int32_t weight = 0) {
  kube::NodeOverlay made = overlay(std::move(name), {in(kube::kInstanceType, {"small"})});
  made.capacity.set(resource, 1);
  made.weight = weight;
  return made;
}

TEST(NodeOverlays, OfTwoThatSetOnePriceTheOneThatGoesLaterIsInConflict) {
  Overlays cluster;
  cluster.put_overlay(priced("a", {"small", "large"}));
  cluster.put_overlay(priced("b", {"large"}));
  EXPECT_EQ(cluster.reason("b"), "");
  EXPECT_EQ(cluster.reason("a"), "Conflict");
}

TEST(NodeOverlays, OtherOfferingsOtherWeightsAndOtherThingsAreNoConflict) {
  Overlays cluster;
  cluster.put_overlay(priced("a", {"small"}));
  cluster.put_overlay(priced("b", {"large"}));
  cluster.put_overlay(priced("c", {"small"}, 5));
  cluster.put_overlay(equipped("d", "a.example.com/x"));
  cluster.put_overlay(equipped("e", "b.example.com/x"));
  cluster.put_overlay(priced("f", {"nobody-offers-it"}));
  cluster.put_overlay(priced("g", {"nobody-offers-it"}));
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
    EXPECT_EQ(cluster.reason(name), "") << name;
}

TEST(NodeOverlays, OfTwoThatSetOneResourceTheOneThatGoesLaterIsInConflict) {
  Overlays cluster;
  cluster.put_overlay(equipped("a", "a.example.com/x"));
  cluster.put_overlay(equipped("b", "a.example.com/x"));
  EXPECT_EQ(cluster.reason("a"), "Conflict");
  EXPECT_EQ(cluster.reason("b"), "");
}

TEST(NodeOverlays, OneThatIsNotValidOrInConflictStandsInNobodysWay) {
  Overlays cluster;
  kube::NodeOverlay broken = priced("c", {"small"});
  broken.price = "much";
  cluster.put_overlay(broken);
  cluster.put_overlay(priced("b", {"small"}));
  cluster.put_overlay(priced("a", {"large"}));
  EXPECT_EQ(cluster.reason("c"), "RuntimeValidation");
  EXPECT_EQ(cluster.reason("b"), "");
  cluster.put_overlay(priced("b", {"small", "large"}));
  cluster.put_overlay(priced("d", {"small"}));
  EXPECT_EQ(cluster.reason("b"), "Conflict") << "with d";
  EXPECT_EQ(cluster.reason("a"), "") << "b is not there for it";
}

TEST(NodeOverlays, OnlyWhatWasJudgedValidIsInForceAndOnlyWithTheGate) {
  Overlays cluster;
  cluster.put_overlay(priced("a", {"small"}));
  const kube::StringMap labels{{std::string(kube::kInstanceType), "small"}};
  EXPECT_TRUE(NodeOverlays(cluster.state()).empty());
  cluster.judge_overlays();
  EXPECT_EQ(NodeOverlays(cluster.state()).price(labels, MicroDollars(7)), MicroDollars(1'000'000));
  EXPECT_EQ(NodeOverlays(cluster.state()).price({}, MicroDollars(7)), std::nullopt);

  kube::NodeOverlay edited = *cluster.state().find<kube::NodeOverlay>("", "a");
  edited.meta.generation = 2;
  cluster.put(edited);
  EXPECT_TRUE(NodeOverlays(cluster.state()).empty()) << "the verdict is of an older generation";

  ClusterBuilder closed;
  closed.put_pool(closed.pool("default"));
  closed.put_overlay(priced("a", {"small-instance-type"}));
  closed.judge_overlays();
  EXPECT_TRUE(NodeOverlays(closed.state()).empty());
}

TEST(NodeOverlays, TheHeaviestSaysHowMuchThereIsOfAResource) {
  Overlays cluster;
  kube::NodeOverlay more = equipped("more", "a.example.com/x", 2);
  more.capacity.set("a.example.com/x", 4);
  cluster.put_overlay(equipped("less", "a.example.com/x", 1));
  cluster.put_overlay(more);
  cluster.put_overlay(equipped("other", "b.example.com/x", 1));
  cluster.judge_overlays();
  const kube::Resources set =
      NodeOverlays(cluster.state()).capacity({{std::string(kube::kInstanceType), "small"}});
  EXPECT_EQ(set.get("a.example.com/x"), 4);
  EXPECT_EQ(set.get("b.example.com/x"), 1);
}

}  // namespace
}  // namespace hyperwright::scheduling
