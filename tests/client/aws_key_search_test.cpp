// The search with real files, programs and sockets; what each source does is in
// aws_key_sources_test.cpp.
#include "client/aws_key_search.h"

#include <future>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_key_access.h"
#include "tests/client/loopback_server.h"
#include "tests/client/scratch_folder.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

std::string key_of(AwsCredentialsProvider& provider) {
  std::promise<std::string> told;
  provider.get([&](const Result<AwsCredentials>& keys) {
    told.set_value(keys ? keys->access_key_id : keys.error().text());
  });
  return told.get_future().get();
}

std::string key_with(std::map<std::string, std::string> variables) {
  const auto provider = default_credentials(
      {.environment = environment(std::move(variables)), .region = "us-west-2"}, 1);
  return key_of(*provider);
}

TEST(AwsKeySearch, AsksTheAgentOverHttp) {
  LoopbackServer server([](const auto& request, auto& out) {
    out.send(request.header("authorization") == "bearer" ? answer(200, endpoint_keys_json("C"))
                                                         : answer(403, "no"));
  });
  EXPECT_EQ(key_with({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()},
                      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "bearer"}}),
            "C");
}

TEST(AwsKeySearch, AsksTheInstanceForATokenByPut) {
  LoopbackServer server([](const auto& request, auto& out) {
    if (request.method == "PUT") return out.send(answer(200, "token"));
    const bool knows = request.header("x-aws-ec2-metadata-token") == "token";
    if (!knows) return out.send(answer(401, ""));
    out.send(answer(200, request.target.ends_with('/') ? "role" : endpoint_keys_json("M")));
  });
  EXPECT_EQ(key_with({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url()}}), "M");
}

TEST(AwsKeySearch, RunsAProgram) {
  const ScratchFolder folder;
  const auto keys =
      folder.write("keys", R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"s"})").string();
  const auto config =
      folder.write("config", "[default]\ncredential_process = cat '" + keys + "'\n").string();
  EXPECT_EQ(key_with({{"AWS_CONFIG_FILE", config}}), "P");
  folder.write("config", "[default]\ncredential_process = cat /nowhere/keys\n");
  EXPECT_THAT(key_with({{"AWS_CONFIG_FILE", config}}), HasSubstr("cat ended with exit code 1"));
}

TEST(AwsKeySearch, AnEndIsNotHeldUpByWhatIsAsked) {
  std::promise<void> asked;
  LoopbackServer server([&](const auto&, auto& out) {
    asked.set_value();
    out.wait_for_client_to_leave();
  });
  std::promise<std::string> told;
  {
    const auto provider = default_credentials(
        {.environment = environment({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url()}}),
         .region = "us-west-2"},
        1);
    provider->get([&](const auto& keys) { told.set_value(keys.error().text()); });
    asked.get_future().wait();
  }
  EXPECT_THAT(told.get_future().get(), HasSubstr("given up at the end"));
}

}  // namespace
}  // namespace hyperwright::client
