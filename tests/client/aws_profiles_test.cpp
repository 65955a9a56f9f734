#include "client/aws_profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_key_access.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

AwsProfiles parsed(std::string_view config, std::string_view credentials = "") {
  auto profiles = AwsProfiles::parse(config, "config", credentials, "credentials");
  check(profiles.has_value(), "the test's files can be read");
  return *std::move(profiles);
}

TEST(AwsProfiles, SectionsOfTheConfigFileSayWhatTheyAre) {
  const AwsProfiles profiles = parsed(
      "[default]\na=1\n[profile x]\na=2\n[profile \"my prod\"]\na=3\n[profile  'z']\na=4\n"
      "[sso-session s]\na=5\n[services t]\na=6\n[plain]\na=7\n[profilex]\na=8\n");
  EXPECT_EQ(value_at(profiles.find("default"), "a"), "1");
  EXPECT_EQ(value_at(profiles.find("x"), "a"), "2");
  EXPECT_EQ(value_at(profiles.find("my prod"), "a"), "3");
  EXPECT_EQ(value_at(profiles.find("z"), "a"), "4");
  EXPECT_EQ(value_at(profiles.find_sso_session("s"), "a"), "5");
  EXPECT_EQ(value_at(profiles.find_services("t"), "a"), "6");
  EXPECT_EQ(profiles.find("plain"), nullptr);
  EXPECT_EQ(profiles.find("s"), nullptr);
}

TEST(AwsProfiles, TheCredentialsFileAddsAndCounts) {
  const AwsProfiles profiles = parsed("[profile x]\na=1\nb=2\n", "[x]\nb=3\n[y]\nc=4\n");
  EXPECT_EQ(value_at(profiles.find("x"), "a"), "1");
  EXPECT_EQ(value_at(profiles.find("x"), "b"), "3");
  EXPECT_EQ(value_at(profiles.find_in_config("x"), "b"), "2");
  EXPECT_EQ(value_at(profiles.find("y"), "c"), "4");
  EXPECT_EQ(profiles.find_in_config("y"), nullptr);
}

Result<AwsProfiles> loaded(FakeKeyAccess& world) {
  return AwsProfiles::load(world.environment(), world.read_file());
}

TEST(AwsProfiles, FilesThatAreNotThereAreEmpty) {
  FakeKeyAccess world;
  ASSERT_TRUE(loaded(world));
  EXPECT_EQ(loaded(world)->selected(), "default");
}

TEST(AwsProfiles, VariablesNameFilesAndProfile) {
  FakeKeyAccess world;
  world.variables = {{"AWS_CONFIG_FILE", "~/c"},
                     {"AWS_SHARED_CREDENTIALS_FILE", "/k"},
                     {"HOME", "/h"},
                     {"AWS_PROFILE", "x"}};
  world.files = {{"/h/c", "[profile x]\na=1\n"}, {"/k", "[x]\nb=2\n"}};
  const auto profiles = loaded(world);
  ASSERT_TRUE(profiles) << profiles.error().text();
  EXPECT_EQ(profiles->selected(), "x");
  EXPECT_EQ(value_at(profiles->find("x"), "a"), "1");
  EXPECT_EQ(value_at(profiles->find("x"), "b"), "2");
}

TEST(AwsProfiles, AProfileThatIsNamedMustBeThere) {
  FakeKeyAccess world;
  world.variables = {{"AWS_PROFILE", "gone"}};
  const auto profiles = loaded(world);
  ASSERT_FALSE(profiles);
  EXPECT_THAT(profiles.error().text(), HasSubstr("AWS_PROFILE: profile \"gone\""));
}

}  // namespace
}  // namespace hyperwright::client
