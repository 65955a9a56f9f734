#include "controllers/new_claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

using testing::Contains;

const std::vector<kube::NodeRequirement> kBothCapacityTypes = {
    {std::string(kube::kCapacityType), kube::NodeOperator::In, {"on-demand", "spot"}, {}}};

// Of a node that is bought on demand.
kube::NodeClaim claim_for(scheduling::NewNode node, kube::StringMap annotations = {}) {
  kube::NodePool pool;
  pool.meta.name = "pool";
  pool.template_annotations = std::move(annotations);
  node.offering.key = {"group", "ml.c5.xlarge", "us-west-2a"};
  node.compatible_types = Shared(std::vector<std::string>{"ml.c5.xlarge"});
  return new_claim("pool-1", pool, node, {}, {{"batch", {{node.offering.key, true, 1}}}, 0},
                   "amd64");
}

TEST(NewClaim, SaysWhetherMinValuesGaveWay) {
  scheduling::NewNode node;
  EXPECT_EQ(claim_for(node).meta.annotations.get(kube::kMinValuesRelaxed), "false");
  node.is_min_values_relaxed = true;
  EXPECT_EQ(claim_for(node).meta.annotations.get(kube::kMinValuesRelaxed), "true");
}

TEST(NewClaim, NamesTheCapacityTypeThatIsBought) {
  scheduling::NewNode node;
  node.requirements = Shared(kube::Requirements::from(kBothCapacityTypes));
  EXPECT_THAT(claim_for(node).spec.requirements,
              Contains(kube::NodeRequirement{
                  std::string(kube::kCapacityType), kube::NodeOperator::In, {"on-demand"}, {}}));
}

// The API server takes no minValues above the number of values.
TEST(NewClaim, NamesAllCapacityTypesThatMinValuesAsksFor) {
  scheduling::NewNode node;
  std::vector<kube::NodeRequirement> both = kBothCapacityTypes;
  both[0].min_values = 2;
  node.requirements = Shared(kube::Requirements::from(both));
  EXPECT_THAT(claim_for(node).spec.requirements, Contains(both[0]));
}

// With the id of a node that is not its own, the claim would end that node when it goes.
TEST(NewClaim, HasTheAnnotationsOfThePoolButNoneOfTheAutoscalersOwn) {
  const kube::NodeClaim claim = claim_for({}, {{"example.com/owner", "ml"},
                                               {std::string(kube::kNodeLogicalId), "foreign"},
                                               {std::string(kube::kLogicalIdStoredAt), "x"},
                                               {std::string(kube::kTerminationTimestamp), "x"}});
  EXPECT_EQ(claim.meta.annotations.get("example.com/owner"), "ml");
  for (const auto key :
       {kube::kNodeLogicalId, kube::kLogicalIdStoredAt, kube::kTerminationTimestamp})
    EXPECT_FALSE(claim.meta.annotations.contains(key)) << key;
}

}  // namespace
}  // namespace hyperwright::controllers
