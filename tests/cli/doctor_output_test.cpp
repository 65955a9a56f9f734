// How findings are printed.
#include "cli/doctor_output.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

doctor::Findings some() {
  return {doctor::ok("Kubernetes API", "v1.36.3 at https://k"),
          doctor::problem("NodeRecovery", "it is None", "turn it on"),
          doctor::not_checked("AWS permissions", "no keys")};
}

TEST(DoctorOutput, PeopleReadALineForEachInColumnsAndTheCounts) {
  EXPECT_EQ(text_of(some(), false),
            "RESULT       CHECK            FOUND\n"
            "ok           Kubernetes API   v1.36.3 at https://k\n"
            "problem      NodeRecovery     it is None; fix: turn it on\n"
            "not checked  AWS permissions  no keys\n"
            "\n"
            "1 problem, 0 warnings, 1 ok, 1 not checked: problems keep the controller from its "
            "work\n");
}

TEST(DoctorOutput, ColoursTakeNoWidth) {
  const std::string text = text_of(some(), true);
  EXPECT_NE(text.find("\x1b[31mproblem\x1b[0m      NodeRecovery     it is None"), std::string::npos)
      << text;
}

TEST(DoctorOutput, AServersLinesStayOnOneLine) {
  const std::string text = text_of({doctor::problem("x", "a\nb\x1b[2J", "")}, true);
  EXPECT_NE(text.find("a b [2J\n"), std::string::npos) << text;
}

TEST(DoctorOutput, WithoutProblemsNothingBlocks) {
  const std::string text = text_of({doctor::ok("x", "y")}, false);
  EXPECT_TRUE(text.ends_with("0 problems, 0 warnings, 1 ok, 0 not checked: nothing blocks\n"));
}

TEST(DoctorOutput, ProgramsReadTheSame) {
  const boost::json::value told = boost::json::parse(json_of(some()));
  EXPECT_TRUE(told.at("blocks").as_bool());
  EXPECT_EQ(told.at("problems").to_number<int>(), 1);
  EXPECT_EQ(told.at("findings").at(1).at("result").as_string(), "problem");
  EXPECT_EQ(told.at("findings").at(1).at("fix").as_string(), "turn it on");
  EXPECT_FALSE(told.at("findings").at(0).as_object().contains("fix"));
}

}  // namespace
}  // namespace hyperwright::cli
