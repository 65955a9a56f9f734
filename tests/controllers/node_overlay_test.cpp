#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Key kOverlays{Key::Of::NodeOverlays, {}};

struct Overlaid : Picture {
  explicit Overlaid(bool gate = true)
      : Picture({.cluster = "hp1", .gates = {.node_overlay = gate}}) {
    put(pool("gpu"));
  }
  void put_overlay(std::string name, std::string price, std::int32_t weight = 0) {
    kube::NodeOverlay overlay;
    overlay.meta.name = std::move(name);
    overlay.meta.uid = "uid-" + overlay.meta.name;
    overlay.meta.generation = 1;
    overlay.meta.creation_time = kStart;
    overlay.requirements = {
        {std::string(kube::kInstanceType), kube::NodeOperator::In, {"ml.g5.xlarge"}, std::nullopt}};
    overlay.price = std::move(price);
    overlay.weight = weight;
    put(std::move(overlay));
  }
  std::string text(std::string_view name, std::string_view type) const {
    return text_of(state.find<kube::NodeOverlay>("", name)->conditions, type);
  }
  void judge() { accept(look("nodeoverlay", kOverlays)); }
};

TEST(NodeOverlayStatus, AValidOverlayIsReadyAndASecondLookSaysNothing) {
  Overlaid p;
  p.put_overlay("discount", "0.5");
  p.judge();
  EXPECT_EQ(p.text("discount", "ValidationSucceeded"), "True");
  EXPECT_EQ(p.text("discount", "Ready"), "True");
  EXPECT_THAT(p.look("nodeoverlay", kOverlays), IsEmpty());
}

TEST(NodeOverlayStatus, AnOverlayThatCannotBeIsToldWhyAndTheOthersHold) {
  Overlaid p;
  p.put_overlay("wrong", "much");
  p.put_overlay("right", "0.5");
  p.judge();
  EXPECT_THAT(p.text("wrong", "ValidationSucceeded"),
              HasSubstr("False RuntimeValidation: spec.price \"much\""));
  EXPECT_THAT(p.text("wrong", "Ready"), HasSubstr("False"));
  EXPECT_EQ(p.text("right", "Ready"), "True");
}

TEST(NodeOverlayStatus, TwoOfOneWeightForOneOfferingAreInConflictUntilOneGivesWay) {
  Overlaid p;
  p.put_overlay("a", "1");
  p.put_overlay("b", "2");
  p.judge();
  EXPECT_EQ(p.text("b", "ValidationSucceeded"), "True");
  EXPECT_THAT(p.text("a", "ValidationSucceeded"),
              HasSubstr("False Conflict: conflict with another overlay: \"b\" of the same weight "
                        "sets the price of the same offerings"));
  p.put_overlay("b", "2", 5);
  p.judge();
  EXPECT_EQ(p.text("a", "ValidationSucceeded"), "True");
}

TEST(NodeOverlayStatus, NothingIsWrittenWhereTheGateIsClosed) {
  Overlaid p(false);
  p.put_overlay("discount", "0.5");
  EXPECT_THAT(p.look("nodeoverlay", kOverlays), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::controllers::test
