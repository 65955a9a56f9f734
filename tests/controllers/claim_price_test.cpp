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

TEST(ClaimPrice, IsNothingForATypeThatIsNotKnown) {
  Picture p;
  kube::NodeClaim made = claim("p-a", "p");
  made.meta.labels.set(kube::kInstanceType, "ml.nowhere.xlarge");
  p.put(made);
  EXPECT_EQ(price_of(p.state, p.at_claim("p-a")), hyperpod::MicroDollars{});
}

}  // namespace
}  // namespace hyperwright::controllers::test
