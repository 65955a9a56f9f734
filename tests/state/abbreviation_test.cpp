// What is written less what the picture holds, and written out again, is what it was.
#include "state/abbreviation.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "state/codec.h"
#include "tests/state/generators.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

namespace json = boost::json;

template <typename T>
std::string short_text(const T& value, const ClusterState& known) {
  json::value json = encode(value);
  abbreviate(json, known);
  return json::serialize(json);
}

std::string written_out(const std::string& text, const ClusterState& known) {
  json::value json = json::parse(text, {}, {.allow_invalid_utf8 = true});
  const auto written = write_out(json, known);
  return written ? json::serialize(json) : written.error().text();
}

TEST(Abbreviation, AnObjectThatIsKnownIsWrittenAsWhatChanged) {
  Picture picture;
  kube::Node known = node("n1", "i-1");
  known.meta.resource_version = 7;
  picture.comes(known);
  known.meta.resource_version = 8;
  known.unschedulable = true;
  EXPECT_EQ(
      short_text(Event(Changed{known}), picture.state),
      R"({"changed":{"~":"Node","name":"n1","by":{"metadata":{"resourceVersion":"8"},"spec":{"unschedulable":true}}}})");
}

TEST(Abbreviation, AnObjectThatIsNewIsWrittenInFull) {
  const Event event = Changed{node("n1")};
  EXPECT_EQ(short_text(event, Picture().state), json::serialize(encode(event)));
}

TEST(Abbreviation, WhatTheLoopMakesIsWrittenInFullAlthoughThePictureHoldsItAlready) {
  Picture picture;
  const Effect effect{.id = 1, .reason = "", .action = CreateNodeClaim{new_claim("c1"), {}}};
  picture.state.fold_emitted(effect, picture.now);
  EXPECT_EQ(short_text(effect, picture.state), json::serialize(encode(effect)));
}

TEST(Abbreviation, AStatusThatIsWrittenIsWhatItChanges) {
  Picture picture;
  picture.comes(claim("c1", "l1"));
  const Effect effect{
      .id = 1,
      .reason = "",
      .action = UpdateNodeClaimStatus{initialized(picture.state.find_claim("c1")->claim)}};
  const std::string text = short_text(effect, picture.state);
  EXPECT_LT(text.size(), 300U) << text;
  EXPECT_EQ(json::parse(written_out(text, picture.state)), encode(effect));
}

TEST(Abbreviation, APageOfNodesThatAreKnownIsTheirPlaces) {
  Picture picture;
  picture.is_described();
  hyperpod::Node described = instance("l2", "i-2");
  described.zone = "us-west-2a";
  picture.lists({instance("l1", "i-1"), described, instance("l3", "i-3")});
  hyperpod::Node changed = instance("l3", "i-3", hyperpod::InstanceStatus::Failure);
  const hyperpod::Page<hyperpod::Node> page{
      {instance("l2", "i-2"), described, changed, instance("l9", "i-9")}, "next"};
  const Event event = Answered{.effect = 5, .payload = page};
  const std::string text = short_text(event, picture.state);
  EXPECT_NE(text.find(R"("items":[-2,1,[-3,{"status":"Failure"}],{)"), std::string::npos) << text;
  EXPECT_EQ(json::parse(written_out(text, picture.state)), encode(event));
}

TEST(Abbreviation, ADescriptionThatSaysWhatItSaidIsNothing) {
  Picture picture;
  picture.is_described();
  EXPECT_EQ(short_text(Event(Answered{.effect = 5, .payload = cluster()}), picture.state),
            R"({"answered":{"effect":5,"outcome":"Done","cluster":{"~":"Cluster","by":{}}}})");
}

TEST(Abbreviation, WhatThePictureDoesNotHoldIsToldAndNotMadeUp) {
  const ClusterState& empty = Picture().state;
  for (const char* text :
       {R"({"changed":{"~":"Node","name":"n1","by":{}}})",
        R"({"changed":{"~":"Spaceship","name":"n1","by":{}}})",
        R"({"answered":{"cluster":{"~":"Cluster","by":{}}}})",
        R"({"answered":{"nodes":{"items":[3]}}})", R"({"answered":{"nodes":{"items":[[3]]}}})"}) {
    EXPECT_NE(written_out(text, empty).find("which the picture does not hold"), std::string::npos)
        << text;
  }
}

RC_GTEST_PROP(Abbreviation, WrittenOutEveryEventIsWhatItWas, ()) {
  Picture picture;
  picture.is_described();
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i)
    picture.state.fold(generators::event(), picture.now);
  for (int i = 0; i < 4; ++i) {
    const Event event = generators::event();
    json::value json = encode(event);
    abbreviate(json, picture.state);
    json = json::parse(json::serialize(json), {}, {.allow_invalid_utf8 = true});
    const auto written = write_out(json, picture.state);
    if (!written) RC_FAIL(written.error().text());
    const auto decoded = decode_event(json);
    if (!decoded) RC_FAIL(decoded.error().text() + " in " + json::serialize(json));
    RC_ASSERT(*decoded == event);
  }
}

}  // namespace
}  // namespace hyperwright::state
