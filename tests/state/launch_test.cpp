#include "state/launch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/state/generators_hyperpod.h"

namespace hyperwright::state {
namespace {

Launch two_groups() {
  return {.call = {.batch = "b1",
                   .specifications = {{.offering = {"gpu", "ml.p5.48xlarge", "us-west-2a"},
                                       .is_flexible = true,
                                       .count = 3},
                                      {.offering = {"cpu", "ml.c5.large", "us-west-2b"},
                                       .is_flexible = false,
                                       .count = 2}}},
          .specification = 1};
}

TEST(Launch, ACallAsksForTheNodesOfAllItsSpecifications) {
  EXPECT_EQ(two_groups().call.nodes(), 5);
}

TEST(Launch, AClaimsOfferingIsThatOfItsSpecification) {
  EXPECT_EQ(two_groups().offering(), (hyperpod::OfferingKey{"cpu", "ml.c5.large", "us-west-2b"}));
}

TEST(Launch, TypeAndZoneAreSentForFlexibleGroupsOnly) {
  EXPECT_EQ(two_groups().call.add_specifications(),
            (std::vector<hyperpod::AddSpecification>{
                {.group = "gpu", .count = 3, .zones = {"us-west-2a"}, .types = {"ml.p5.48xlarge"}},
                {.group = "cpu", .count = 2}}));
}

TEST(Launch, TheAnnotationIsShortAndReadable) {
  EXPECT_EQ(
      encode_launch(two_groups()),
      R"({"batch":"b1","specification":1,"specifications":[)"
      R"({"group":"gpu","type":"ml.p5.48xlarge","zone":"us-west-2a","count":3,"flexible":true},)"
      R"({"group":"cpu","type":"ml.c5.large","zone":"us-west-2b","count":2}]})");
}

RC_GTEST_PROP(Launch, ComesBackAsItWas, ()) {
  Launch launch;
  launch.call.batch = generators::word();
  const int specifications = 1 + generators::number(4);
  for (int i = 0; i < specifications; ++i) {
    launch.call.specifications.push_back(
        {.offering = {generators::word(), generators::word(), generators::word()},
         .is_flexible = generators::chance(),
         .count = 1 + generators::number(9)});
  }
  launch.specification = static_cast<std::size_t>(generators::number(specifications - 1));
  const auto decoded = decode_launch(encode_launch(launch));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == launch);
}

TEST(Launch, AnAnnotationThatWasEditedFailsWithARemedy) {
  const std::string one = R"({"group":"g","type":"t","zone":"z","count":1})";
  const std::string six = one + "," + one + "," + one + "," + one + "," + one + "," + one;
  const std::string texts[] = {
      "",
      "{",
      "7",
      "[]",
      "{}",
      R"({"batch":"","specification":0,"specifications":[)" + one + "]}",
      R"({"specification":0,"specifications":[)" + one + "]}",
      R"({"batch":"b","specifications":[)" + one + "]}",
      R"({"batch":"b","specification":1,"specifications":[)" + one + "]}",
      R"({"batch":"b","specification":-1,"specifications":[)" + one + "]}",
      R"({"batch":"b","specification":"0","specifications":[)" + one + "]}",
      R"({"batch":"b","specification":0,"specifications":[]})",
      R"({"batch":"b","specification":0,"specifications":{}})",
      R"({"batch":"b","specification":0,"specifications":[)" + six + "]}",
      R"({"batch":"b","specification":0,"specifications":[7]})",
      R"({"batch":"b","specification":0,"specifications":[{"group":"g","type":"t","zone":"z"}]})",
      R"({"batch":"b","specification":0,"specifications":[{"group":"g","type":"t","zone":"z","count":0}]})",
      R"({"batch":"b","specification":0,"specifications":[{"group":"g","type":"t","zone":"z","count":51}]})",
      R"({"batch":"b","specification":0,"specifications":[{"group":"g","type":"t","zone":"z","count":26},{"group":"h","type":"t","zone":"z","count":26}]})",
      R"({"batch":"b","specification":0,"specifications":[{"group":7,"type":"t","zone":"z","count":1}]})",
      R"({"batch":"b","specification":0,"specifications":[{"type":"t","zone":"z","count":1}]})"};
  for (const std::string& text : texts) {
    const auto decoded = decode_launch(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code(), ErrorCode::Invalid);
    EXPECT_NE(decoded.error().text().find("hyperwright.dev/launch"), std::string::npos);
    EXPECT_FALSE(decoded.error().remedy().empty());
  }
}

TEST(Launch, FiftyNodesAreOneCall) {
  EXPECT_TRUE(decode_launch(
      R"({"batch":"b","specification":0,"specifications":[{"group":"g","type":"t","zone":"z","count":50}]})"));
}

TEST(Launch, AnEndlessAnnotationIsCutInTheMessage) {
  const auto decoded = decode_launch(std::string(100'000, '['));
  ASSERT_FALSE(decoded);
  EXPECT_LT(decoded.error().text().size(), 400U);
}

}  // namespace
}  // namespace hyperwright::state
