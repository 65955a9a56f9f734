#include "client/exec_plugin.h"

#include <atomic>
#include <future>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

const Time kNow = Time::from_unix_seconds(1'790'000'000);

// A plugin whose program is a function, and whose clock is moved by hand.
class Plugin {
 public:
  using Program = std::function<Result<ChildOutput>(const ChildProcess&)>;

  explicit Plugin(Program program, ExecPluginSettings settings = usual())
      : plugin_(
            std::move(settings),
            [this, program = std::move(program)](const ChildProcess& child) {
              ++runs;
              return program(child);
            },
            [this] { return Time::from_unix_microseconds(now.load()); }) {}

  static ExecPluginSettings usual() {
    return {.where = "config: user \"u\": exec",
            .api_version = "client.authentication.k8s.io/v1",
            .command = "aws",
            .arguments = {"eks", "get-token"},
            .environment = {{"AWS_PROFILE", "ml"}}};
  }

  std::future<Result<ExecPlugin::Credential>> ask() {
    auto told = std::make_shared<std::promise<Result<ExecPlugin::Credential>>>();
    plugin_.get([told](Result<ExecPlugin::Credential> credential) {
      told->set_value(std::move(credential));
    });
    return told->get_future();
  }
  std::string token() {
    const auto credential = ask().get();
    return credential ? (*credential)->token : credential.error().text();
  }
  void reject(const ExecPlugin::Credential& credential) { plugin_.reject(credential); }
  void wait(Duration duration) { now += duration.in_microseconds(); }

  std::atomic<int> runs{0};
  std::atomic<std::int64_t> now{kNow.unix_microseconds()};

 private:
  ExecPlugin plugin_;
};

ChildOutput prints(const std::string& token, const std::string& expires = {}) {
  json::object status{{"token", token}};
  if (!expires.empty()) status["expirationTimestamp"] = expires;
  return {.exit_code = 0,
          .out = json::serialize(json::object{{"kind", "ExecCredential"},
                                              {"apiVersion", "client.authentication.k8s.io/v1"},
                                              {"status", status}}),
          .err = {}};
}

// Each run brings the next token: t1, t2, …, good for that long.
Plugin::Program tokens(Duration lifetime = Duration::hours(1)) {
  auto count = std::make_shared<int>(0);
  auto expires = std::make_shared<Time>(kNow);
  return [count, expires, lifetime](const ChildProcess&) -> Result<ChildOutput> {
    *expires = *expires + lifetime;
    return prints(fmt::format("t{}", ++*count), format_time(*expires));
  };
}

TEST(ExecPlugin, ItsAnswerIsKeptUntilItExpires) {
  Plugin plugin(tokens(Duration::minutes(14)));
  EXPECT_EQ(plugin.token(), "t1");
  plugin.wait(Duration::minutes(14) - Duration::milliseconds(1));
  EXPECT_EQ(plugin.token(), "t1");
  plugin.wait(Duration::milliseconds(1));
  EXPECT_EQ(plugin.token(), "t2");
  EXPECT_EQ(plugin.runs, 2);
}

TEST(ExecPlugin, WithoutAnExpiryItIsKeptForGood) {
  Plugin plugin([](const ChildProcess&) -> Result<ChildOutput> { return prints("t"); });
  EXPECT_EQ(plugin.token(), "t");
  plugin.wait(Duration::hours(1000));
  EXPECT_EQ(plugin.token(), "t");
  EXPECT_EQ(plugin.runs, 1);
}

TEST(ExecPlugin, ItIsRunAsTheKubeconfigSays) {
  std::vector<std::string> words;
  Plugin plugin(
      [&](const ChildProcess& child) -> Result<ChildOutput> {
        words = {child.program};
        words.insert(words.end(), child.arguments.begin(), child.arguments.end());
        for (const auto& [name, value] : child.environment)
          words.push_back(fmt::format("{}={}", name, value));
        return prints("t");
      },
      [] {
        ExecPluginSettings settings = Plugin::usual();
        settings.cluster_json = R"({"server":"https://k"})";
        return settings;
      }());
  EXPECT_EQ(plugin.token(), "t");
  ASSERT_EQ(words.size(), 5U);
  EXPECT_THAT(std::vector(words.begin(), words.begin() + 4),
              testing::ElementsAre("aws", "eks", "get-token", "AWS_PROFILE=ml"));
  EXPECT_THAT(words[4], testing::StartsWith("KUBERNETES_EXEC_INFO={"));
  EXPECT_THAT(words[4], HasSubstr("https://k"));
}

TEST(ExecPlugin, WhoAsksWhileItRunsGetsWhatThatRunBrings) {
  std::promise<void> may_end;
  std::promise<void> runs;
  Plugin plugin([&](const ChildProcess&) -> Result<ChildOutput> {
    runs.set_value();
    may_end.get_future().wait();
    return prints("t");
  });
  auto first = plugin.ask();
  runs.get_future().wait();
  auto second = plugin.ask();
  may_end.set_value();
  EXPECT_EQ(first.get().value()->token, "t");
  EXPECT_EQ(second.get().value()->token, "t");
  EXPECT_EQ(plugin.runs, 1);
}

TEST(ExecPlugin, WhatTheServerRefusesIsFetchedAnewOnce) {
  Plugin plugin(tokens());
  const auto first = plugin.ask().get().value();
  plugin.wait(Duration::minutes(5));
  plugin.reject(first);
  plugin.reject(first);
  EXPECT_EQ(plugin.token(), "t2");
  plugin.reject(first);  // somebody's late refusal of the old one
  EXPECT_EQ(plugin.token(), "t2");
  EXPECT_EQ(plugin.runs, 2);
}

TEST(ExecPlugin, WhatTheServerRefusesAtOnceIsNotFetchedInAHotLoop) {
  Plugin plugin(tokens());
  plugin.reject(plugin.ask().get().value());
  const auto refused = plugin.ask().get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Forbidden);
  EXPECT_THAT(refused.error().text(), HasSubstr("does not accept what aws brings"));
  EXPECT_EQ(plugin.runs, 1);
  plugin.wait(Duration::seconds(5));
  EXPECT_EQ(plugin.token(), "t2");
}

TEST(ExecPlugin, AFailureNamesUserAndCommandAndIsNotRepeatedForFiveSeconds) {
  const std::string secret(64, 's');
  bool is_broken = true;
  Plugin plugin([&](const ChildProcess&) -> Result<ChildOutput> {
    if (!is_broken) return prints("t");
    return ChildOutput{.exit_code = 255, .out = secret, .err = "SSO expired\n" + secret};
  });
  const auto failed = plugin.ask().get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(failed.error().text(),
            "config: user \"u\": exec: aws ended with exit code 255: SSO expired [masked]");
  is_broken = false;
  plugin.wait(Duration::milliseconds(4999));
  EXPECT_THAT(plugin.token(), HasSubstr("SSO expired"));
  EXPECT_EQ(plugin.runs, 1);
  plugin.wait(Duration::milliseconds(1));
  EXPECT_EQ(plugin.token(), "t");
}

TEST(ExecPlugin, AClockThatIsSetBackEndsTheRest) {
  bool is_broken = true;
  Plugin plugin([&](const ChildProcess&) -> Result<ChildOutput> {
    if (is_broken) return ChildOutput{.exit_code = 1, .out = {}, .err = {}};
    return prints("t");
  });
  EXPECT_THAT(plugin.token(), HasSubstr("exit code 1"));
  is_broken = false;
  plugin.wait(Duration::hours(-24));
  EXPECT_EQ(plugin.token(), "t");
}

TEST(ExecPlugin, AProgramThatIsNotThereHasTheInstallHintAsRemedy) {
  ExecPluginSettings settings = Plugin::usual();
  settings.install_hint = "pip install awscli";
  const auto missing = [](const ChildProcess& child) -> Result<ChildOutput> {
    return fail(ErrorCode::NotFound, child.program + " cannot be run");
  };
  const auto hinted = Plugin(missing, settings).ask().get();
  EXPECT_EQ(hinted.error().code(), ErrorCode::Invalid);
  EXPECT_EQ(hinted.error().remedy(), "pip install awscli");
  EXPECT_THAT(Plugin(missing).ask().get().error().remedy(), HasSubstr("install it"));
}

TEST(ExecPlugin, WhatHasExpiredAlreadyIsAFailure) {
  Plugin plugin([](const ChildProcess&) -> Result<ChildOutput> {
    return prints("secret", format_time(kNow));
  });
  EXPECT_THAT(plugin.token(), HasSubstr("expired at"));
  EXPECT_THAT(plugin.token(), Not(HasSubstr("secret")));
}

TEST(ExecPlugin, WhoDestroysItDoesNotWaitForTheProgram) {
  std::promise<void> runs;
  bool is_called = false;
  {
    ExecPlugin plugin(
        Plugin::usual(),
        [&](const ChildProcess& child) -> Result<ChildOutput> {
          runs.set_value();
          pollfd stop{child.stop_descriptor, POLLIN, 0};
          ::poll(&stop, 1, -1);
          return fail(ErrorCode::Unavailable, "stopped");
        },
        [] { return kNow; });
    plugin.get([&](const auto&) { is_called = true; });
    runs.get_future().wait();
  }
  EXPECT_FALSE(is_called);
}

TEST(ExecPlugin, TheLastOneToHoldItMayBeWhoItCalls) {
  auto plugin = std::make_shared<ExecPlugin>(
      Plugin::usual(), [](const ChildProcess&) -> Result<ChildOutput> { return prints("t"); },
      [] { return kNow; });
  ExecPlugin& asked = *plugin;
  std::promise<void> done;
  asked.get([&done, holder = std::move(plugin)](const auto&) mutable {
    holder.reset();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace
}  // namespace hyperwright::client
