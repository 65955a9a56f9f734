#include "state/json_delta.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::state {
namespace {

namespace json = boost::json;

std::string difference(std::string_view base, std::string_view next) {
  const auto found =
      delta(json::parse({base.data(), base.size()}), json::parse({next.data(), next.size()}));
  return found ? json::serialize(*found) : "none";
}

TEST(JsonDelta, HasTheMembersThatDiffer) {
  EXPECT_EQ(difference(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"c":2,"d":4},"e":5})"),
            R"({"b":{"d":4},"e":5,"a":null})");
  EXPECT_EQ(difference(R"({"a":1})", R"({"a":1})"), "{}");
}

TEST(JsonDelta, HasTheElementsThatDiffer) {
  EXPECT_EQ(difference(R"([1,{"x":2,"y":3},3])", R"([1,{"x":9,"y":3},3,4])"),
            R"({"#":4,"1":{"x":9},"3":4})");
  EXPECT_EQ(difference("[1,2,3]", "[1,2]"), R"({"#":2})");
}

TEST(JsonDelta, AListOfWhichMostDiffersIsWrittenWhole) {
  EXPECT_EQ(difference("[1,2,3]", "[4,5,6]"), "[4,5,6]");
}

TEST(JsonDelta, WhatADeltaCannotSayHasNone) {
  EXPECT_EQ(difference(R"({"a":1})", R"({"a":null})"), "none") << "null takes a member away";
  EXPECT_EQ(difference(R"({"a":[1]})", R"({"a":{"0":2}})"), "none") << "it would change the list";
}

TEST(JsonDelta, DamageNeverMakesAHugeList) {
  EXPECT_EQ(json::serialize(patched(json::array{1}, json::parse(R"({"#":99999999999,"7":1})"))),
            "[1]");
}

json::value any_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
    case 0:
      return *rc::gen::inRange(-3, 3);
    case 1:
      return json::value(*rc::gen::element<std::string>("", "a", "#", "0"));
    case 2:
      return *rc::gen::arbitrary<bool>();
    case 3:
      return nullptr;
    case 4: {
      json::array list;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) list.push_back(any_value(depth - 1));
      return list;
    }
    default: {
      json::object map;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
        map[*rc::gen::element<std::string>("a", "b", "#", "0", "1")] = any_value(depth - 1);
      return map;
    }
  }
}

RC_GTEST_PROP(JsonDelta, LeadsFromOneValueToTheOtherOrIsNone, ()) {
  const json::value base = any_value(3);
  const json::value next = any_value(3);
  const auto found = delta(base, next);
  if (found) RC_ASSERT(patched(base, *found) == next);
}

RC_GTEST_PROP(JsonDelta, AnyValueAtAllCanBeAppliedToAnyOther, ()) {
  RC_ASSERT(!json::serialize(patched(any_value(3), any_value(3))).empty());
}

}  // namespace
}  // namespace hyperwright::state
