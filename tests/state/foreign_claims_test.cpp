// NodeClaims of another Karpenter: kept apart from ours, and capacity all the same.
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

TEST(ForeignClaims, ClaimsOfAnotherKarpenterAreKeptApart) {
  Picture picture;
  picture.comes(of_another_karpenter(claim("theirs")));
  EXPECT_EQ(picture.state.find_claim("theirs"), nullptr);
  EXPECT_TRUE(picture.state.foreign_claims().contains("theirs"));
  EXPECT_FALSE(picture.keys().contains({Of::NodeClaim, "theirs"}));
  picture.goes(of_another_karpenter(claim("theirs")));
  EXPECT_TRUE(picture.state.foreign_claims().empty());
}

TEST(ForeignClaims, CapacityOfAnotherKarpenterIsAnInputOfTheSolver) {
  Picture picture;
  const kube::NodeClaim theirs = of_another_karpenter(claim("theirs"));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(theirs); }));
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(theirs); }))
      << "a status like the one before";
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(initialized(theirs)); }));
  EXPECT_TRUE(picture.changes_inputs([&] { picture.goes(theirs); }))
      << "pods that waited for it need another place";
}

TEST(ForeignClaims, AnEchoOfAForeignClaimIsDropped) {
  Picture picture;
  kube::NodeClaim newer = initialized(of_another_karpenter(claim("theirs"))),
                  echo = of_another_karpenter(claim("theirs"));
  newer.meta.resource_version = 200;
  echo.meta.resource_version = 199;
  picture.comes(newer);
  picture.comes(echo);
  EXPECT_EQ(picture.state.foreign_claims().at("theirs"), newer);
}

// A delete that was missed, and a create after it.
TEST(ForeignClaims, AForeignClaimOfTheSameNameTakesThePlaceOfOurs) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  kube::NodeClaim theirs = of_another_karpenter(claim("c1"));
  theirs.meta.uid = "theirs";
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(theirs); }));
  EXPECT_EQ(picture.state.find_claim("c1"), nullptr);
  EXPECT_EQ(picture.state.find_claim_by_logical_id("l1"), nullptr);
  EXPECT_TRUE(picture.state.foreign_claims().contains("c1"));
}

TEST(ForeignClaims, AForeignClaimOfTheNameOfOneThatIsBeingCreatedTakesItsPlace) {
  Picture picture;
  picture.is_ready();
  picture.emits(CreateNodeClaim{new_claim("c1"), {}});
  picture.comes(of_another_karpenter(claim("c1")));
  EXPECT_EQ(picture.state.find_claim("c1"), nullptr);
}

TEST(ForeignClaims, AClaimOfOursTakesThePlaceOfAForeignOneOfTheSameName) {
  Picture picture;
  kube::NodeClaim theirs = of_another_karpenter(claim("c1"));
  theirs.meta.uid = "theirs";
  picture.comes(theirs);
  picture.comes(claim("c1", "l1"));
  EXPECT_TRUE(picture.state.foreign_claims().empty());
  EXPECT_EQ(picture.state.find_claim("c1")->logical_id, "l1");
}

TEST(ForeignClaims, OldNewsOfAnotherClaimOfTheSameNameIsDropped) {
  Picture picture;
  kube::NodeClaim older = claim("c1", "l1"), newer = claim("c1", "l1");
  older.meta.uid = "older";
  older.meta.resource_version = 199;
  newer.meta.resource_version = 200;
  picture.comes(newer);
  picture.comes(of_another_karpenter(older));
  EXPECT_TRUE(picture.state.foreign_claims().empty());
  EXPECT_EQ(picture.state.find_claim("c1")->claim, newer);

  Picture other;
  other.comes(of_another_karpenter(newer));
  other.comes(older);
  EXPECT_EQ(other.state.find_claim("c1"), nullptr);
  EXPECT_TRUE(other.state.foreign_claims().contains("c1"));
}

}  // namespace
}  // namespace hyperwright::state
