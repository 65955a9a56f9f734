#include "client/aws_ini.h"

#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

std::string value(std::string_view text, const std::string& section, const std::string& key) {
  const auto file = parse_ini(text, "file");
  if (!file) return "error: " + file.error().text();
  const auto at = file->find(section);
  if (at == file->end()) return "no section";
  const auto found = at->second.find(key);
  return found == at->second.end() ? "no key" : found->second;
}

std::string error(std::string_view text) {
  const auto file = parse_ini(text, "file");
  return file ? "no error" : file.error().text();
}

TEST(AwsIni, HasSectionsWithKeysInLowerCase) {
  EXPECT_EQ(value("[a b]\nREGION = us-west-2 \n", "a b", "region"), "us-west-2");
  EXPECT_EQ(value("[a]\nx: y\r\n", "a", "x"), "y");
}

TEST(AwsIni, TheFirstSignSplitsAndTheRestIsTheValue) {
  EXPECT_EQ(value("[a]\nkey=ab==:c\n", "a", "key"), "ab==:c");
  EXPECT_EQ(value("[a]\nurl = http://x:1\n", "a", "url"), "http://x:1");
}

TEST(AwsIni, OnlyWholeLinesAreComments) {
  EXPECT_EQ(value("# x\n; y\n[a]\n  # z\nkey = v # not one\n", "a", "key"), "v # not one");
}

TEST(AwsIni, LinesThatStandFurtherInContinue) {
  EXPECT_EQ(value("[a]\nkey = one\n  two\nnext = 1\n", "a", "key"), "one\ntwo");
  EXPECT_EQ(value("[a]\nkey = one\n  two = 3\nnext = 1\n", "a", "two"), "no key");
}

TEST(AwsIni, LinesBelowAnEmptyKeyAreABlock) {
  const char* const text =
      "[services dev]\nsagemaker =\n  endpoint_url = http://a\nec2 =\n    x = 1\n";
  EXPECT_EQ(value(text, "services dev", "sagemaker/endpoint_url"), "http://a");
  EXPECT_EQ(value(text, "services dev", "ec2/x"), "1");
  EXPECT_EQ(value("[a]\nkey =\nother = 1\n", "a", "key"), "");
}

TEST(AwsIni, DefaultsAreInEverySection) {
  EXPECT_EQ(value("[DEFAULT]\nregion = r\n[a]\nx = 1\n", "a", "region"), "r");
  EXPECT_EQ(value("[a]\nregion = own\n[DEFAULT]\nregion = r\n", "a", "region"), "own");
}

TEST(AwsIni, ErrorsNameTheLineAndShowNoValue) {
  EXPECT_EQ(error("[a]\nsecret\n"), "file:2: no key and value");
  EXPECT_EQ(error("x = hush\n"), "file:1: a key before the first section");
  EXPECT_EQ(error("[a]\nx = hush\nX = hush\n"), "file:3: x is there twice in its section");
  EXPECT_EQ(error("[a]\n[a]\n"), "file:2: section [a] is there twice");
  EXPECT_EQ(error("[a]\nx =\n  hush\n"), "file:3: no key and value below x");
}

}  // namespace
}  // namespace hyperwright::client
