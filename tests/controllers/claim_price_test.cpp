#include "controllers/claim_price.h"

#include "hyperpod/offering.h"
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

TEST(ClaimPrice, IsThatOfItsTypeAndForSpotItsShare) {
  Picture p;
  kube::NodeClaim made = claim("p-a", "p");
  p.put(made);
  const std::int64_t full = price_of(p.state, p.at_claim("p-a")).micros();
  EXPECT_GT(full, 0);
  made.meta.labels.set(kube::kCapacityType, kube::kSpot);
  p.put(made);
  EXPECT_EQ(price_of(p.state, p.at_claim("p-a")).micros(),
            full * hyperpod::kSpotPercentOfOnDemand / 100);
}

TEST(ClaimPrice, IsNothingForWhatIsReserved) {
  Picture p;
  kube::NodeClaim made = claim("p-a", "p");
  made.meta.labels.set(kube::kCapacityType, kube::kReserved);
  p.put(made);
  EXPECT_EQ(price_of(p.state, p.at_claim("p-a")), hyperpod::MicroDollars{});
}

TEST(ClaimPrice, IsWhatAnOverlaySays) {
  Picture p({.cluster = "hp1", .gates = {.node_overlay = true}});
  p.put(claim("p-a", "p"));
  kube::NodeOverlay overlay;
  overlay.meta.name = "discount";
  overlay.meta.generation = 1;
  overlay.requirements = {
      {std::string(kube::kNodePool), kube::NodeOperator::In, {"p"}, std::nullopt}};
  overlay.price = "0.5";
  overlay = p.put(overlay);
  const std::int64_t full = price_of(p.state, p.at_claim("p-a")).micros();
  EXPECT_NE(full, 500'000) << "not before it is judged";
  p.accept(p.look("nodeoverlay", {Key::Of::NodeOverlays, {}}));
  EXPECT_EQ(price_of(p.state, p.at_claim("p-a")).micros(), 500'000);
}

TEST(ClaimPrice, IsNothingForATypeThatIsNotKnown) {
  Picture p;
  kube::NodeClaim made = claim("p-a", "p");
  made.meta.labels.set(kube::kInstanceType, "ml.nowhere.xlarge");
  p.put(made);
  EXPECT_EQ(price_of(p.state, p.at_claim("p-a")), hyperpod::MicroDollars{});
}

}  // namespace
}  // namespace hyperwright::controllers::test
