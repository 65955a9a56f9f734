// Instances whose claims went before HyperPod had ended them: they are ours all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const hyperpod::DeleteResult kL1IsGone{.successful = {}, .failed = {{"l1", "NodeIdNotFound", {}}}};

TEST(OrphanedInstances, AnInstanceWhoseClaimWentFirstIsKnownUntilHyperPodHasItNoMore) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.keys();
  picture.goes(claim("c1"));
  EXPECT_THAT(picture.state.orphaned_instances(), ElementsAre("l1"));
  EXPECT_TRUE(picture.keys().contains({Of::HyperPod, ""}));
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{.successful = {"l1"}});
  EXPECT_THAT(picture.state.orphaned_instances(), ElementsAre("l1")) << "it shuts down";
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, kL1IsGone);
  EXPECT_THAT(picture.state.orphaned_instances(), IsEmpty());
}

TEST(OrphanedInstances, AnInstanceWhoseClaimWentAmidItsWithdrawalIsKnown) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.asks(BatchDeleteClusterNodes{{"l1"}}, hyperpod::DeleteResult{.successful = {"l1"}});
  picture.goes(claim("c1"));
  EXPECT_THAT(picture.state.orphaned_instances(), ElementsAre("l1"));
  EXPECT_NE(picture.state.find_deletion("l1"), nullptr) << "it is not asked for anew";
  picture.passes(Duration::minutes(1));
  picture.lists({instance("l2", "i-2")});
  EXPECT_THAT(picture.state.orphaned_instances(), IsEmpty()) << "no list names it any more";
}

TEST(OrphanedInstances, AnIdOfAnAnswerThatComesAfterTheLastClaimIsKnown) {
  Picture picture;
  picture.comes(claim("c1"));
  const EffectId call = picture.emits(BatchAddClusterNodes{.client_token = "batch"});
  picture.goes(claim("c1"));
  EXPECT_THAT(picture.state.orphaned_instances(), IsEmpty());
  picture.answers(
      call, Outcome::Done,
      hyperpod::AddResult{
          .successful = {{.logical_id = "l1"},
                         {.logical_id = "l2", .status = hyperpod::InstanceStatus::NotFound}}});
  EXPECT_THAT(picture.state.orphaned_instances(), ElementsAre("l1"));
  EXPECT_EQ(picture.state.launch_answer("batch"), nullptr);
}

TEST(OrphanedInstances, AnIdThatWasNotStoredBeforeItsClaimWentIsKnown) {
  Picture picture;
  picture.comes(claim("c1"));
  picture.asks(BatchAddClusterNodes{.client_token = "batch"},
               hyperpod::AddResult{.successful = {{.logical_id = "l1"}}});
  picture.goes(claim("c1"));
  EXPECT_THAT(picture.state.orphaned_instances(), ElementsAre("l1"));
}

TEST(OrphanedInstances, AClaimThatComesBackWithItsIdHasItsInstanceAgain) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  picture.goes(claim("c1"));
  picture.comes(claim("c2", "l1"));
  EXPECT_THAT(picture.state.orphaned_instances(), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::state
