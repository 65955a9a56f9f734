// A quota that has room for fewer nodes than one call asks for.
#include "controllers/launch_batch.h"
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kBatch = "11111111-1111-4111-8111-111111111111";

// Four nodes of one offering, in a cluster whose quota has room for fewer.
struct Refused : Picture {
  Refused() {
    put(pool("p"));
    for (const char* name : {"p-a", "p-b", "p-c", "p-d"})
      put(claim(name, "p", launch_call(std::string(kBatch), 4)));
  }
  Effects look_at(std::string_view batch) {
    return look("nodeclaim.launch", {Key::Of::Launch, std::string(batch)});
  }
  // Calls, is refused, and does what follows from it.
  Effects refuse(std::string_view batch) {
    const auto add = look_at(batch);
    EXPECT_THAT(names(add), ElementsAre("BatchAddClusterNodes"));
    answer(add.at(0).id, Outcome::LimitExceeded, {},
           "'ml.c5.xlarge for cluster usage' is 20 Instances");
    const Effects effects = look_at(batch);
    accept(effects);
    return effects;
  }
  std::string batch_of(std::string_view claim) const { return at_claim(claim).launch->call.batch; }
};

TEST(LaunchQuota, OfSeveralNodesThatAQuotaRefusesHalfIsAskedFor) {
  Refused p;
  EXPECT_THAT(all<state::BackOff>(p.refuse(kBatch)), IsEmpty()) << "a part may be allowed";
  const std::string half = p.batch_of("p-a");
  EXPECT_NE(half, kBatch);
  EXPECT_EQ(p.batch_of("p-b"), half);
  EXPECT_EQ(p.at_claim("p-a").launch->call.nodes(), 2);
  EXPECT_EQ(p.batch_of("p-c"), kBatch);
  EXPECT_THAT(p.look_at(kBatch), IsEmpty()) << "the rest waits for how the half fares";
  EXPECT_GT(p.next_look, p.now);

  p.answer(p.look_at(half).at(0).id, Outcome::Done,
           hyperpod::AddResult{.successful = {{.logical_id = "id-1", .group = "cpu"},
                                              {.logical_id = "id-2", .group = "cpu"}}});
  EXPECT_THAT(p.look_at(kBatch), IsEmpty()) << "the ids are not stored yet";
  p.accept(p.look_at(half));
  const Effects rest = p.look_at(kBatch);
  EXPECT_THAT(names(rest), ElementsAre("PatchNodeClaim", "PatchNodeClaim"));
  p.accept(rest);
  EXPECT_EQ(p.at_claim("p-c").launch->call.nodes(), 2);
  EXPECT_EQ(p.batch_of("p-c"), p.batch_of("p-d"));
}

TEST(LaunchQuota, ANodeThatAQuotaRefusesAloneBacksTheGroupOffAndTheRestWithIt) {
  Refused p;
  p.refuse(kBatch);
  p.refuse(p.batch_of("p-a"));
  EXPECT_EQ(p.at_claim("p-a").launch->call.nodes(), 1);
  EXPECT_EQ(p.at_claim("p-b").launch->call.nodes(), 2) << "it waits in the half";
  EXPECT_EQ(only<state::BackOff>(p.refuse(p.batch_of("p-a"))).group, "cpu");
  for (const std::string& batch : {std::string(kBatch), p.batch_of("p-b")}) {
    EXPECT_THAT(p.look_at(batch), IsEmpty());
    EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
  }
  p.wait(Duration::seconds(30));
  EXPECT_THAT(names(p.look_at(p.batch_of("p-a"))), ElementsAre("BatchAddClusterNodes"));
  EXPECT_THAT(p.look_at(kBatch), IsEmpty()) << "one call at a time finds out";
}

TEST(LaunchQuota, WhatWaitsForAQuotaGoesWhereTheGroupIsBackedOffForLong) {
  Refused p;
  p.refuse(kBatch);
  p.emit({.action = state::BackOff{"cpu", p.now + Duration::minutes(2), "quota"}});
  const Effects effects = p.look_at(kBatch);
  EXPECT_THAT(names(effects), ElementsAre("DeleteNodeClaim", "DeleteNodeClaim"));
  EXPECT_TRUE(is_launch_settled(p.state, p.at_claim("p-c"), p.now))
      << "nothing was launched for it";
}

}  // namespace
}  // namespace hyperwright::controllers::test
