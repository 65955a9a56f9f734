#include "kube/json_members.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

const boost::json::value kDocument = {{"name", "a"},
                                      {"count", 1},
                                      {"list", {1, 2}},
                                      {"inner", {{"name", "b"}}},
                                      {"nothing", nullptr}};

TEST(JsonMembers, AreReadWhereTheyAre) {
  EXPECT_EQ(text_at(kDocument, "name"), "a");
  EXPECT_EQ(text_at(at(kDocument, "inner"), "name"), "b");
  EXPECT_EQ(list_at(kDocument, "list").size(), 2U);
  ASSERT_NE(member(kDocument, "nothing"), nullptr);
  EXPECT_TRUE(member(kDocument, "nothing")->is_null());
}

TEST(JsonMembers, ThatAreAbsentOrOfAnotherKindReadAsNothing) {
  EXPECT_EQ(member(kDocument, "none"), nullptr);
  EXPECT_EQ(member(1, "name"), nullptr);
  EXPECT_TRUE(at(at(kDocument, "name"), "name").is_null());
  EXPECT_EQ(text_at(kDocument, "count"), "");
  EXPECT_TRUE(list_at(kDocument, "inner").empty());
}

}  // namespace
}  // namespace hyperwright::kube
