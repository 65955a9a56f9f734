// A world for sources of keys: variables, files, and answers that a test gives; what was asked is
// written down.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/aws_key_chain.h"
#include "client/aws_key_sources.h"

namespace hyperwright::client {

struct FakeKeyAccess {
  std::map<std::string, std::string> variables{};
  std::map<std::string, std::string> files{};
  // What answers; by default nothing is there.
  std::function<Result<HttpResponse>(const HttpRequest&)> server = [](const HttpRequest&) {
    return Result<HttpResponse>(fail(ErrorCode::Unavailable, "nothing answers"));
  };
  std::function<Result<std::string>(const std::vector<std::string>&)> programs =
      [](const std::vector<std::string>&) {
        return Result<std::string>(fail(ErrorCode::NotFound, "there is no such program"));
      };
  Time now = Time::from_unix_seconds(1'700'000'000);
  std::vector<HttpRequest> asked{};
  int pauses = 0;

  [[nodiscard]] Environment environment() const {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto it = variables.find(name);
      if (it == variables.end()) return std::nullopt;
      return it->second;
    };
  }
  [[nodiscard]] AwsProfiles::ReadFile read_file() const {
    return [this](const std::string& path) -> Result<std::string> {
      const auto it = files.find(path);
      if (it == files.end()) return fail(ErrorCode::NotFound, path + ": cannot be read");
      return it->second;
    };
  }

  // What `ask` says in a search with these.
  template <typename Ask>
  auto search(const Ask& ask) {
    const KeySourceAccess access{.environment = environment(),
                                 .read_file = read_file(),
                                 .send =
                                     [this](const HttpRequest& request) {
                                       asked.push_back(request);
                                       return server(request);
                                     },
                                 .run = [this](const auto& command) { return programs(command); },
                                 .pause =
                                     [this](Duration) {
                                       ++pauses;
                                       return true;
                                     }};
    const auto profiles = AwsProfiles::load(access.environment, access.read_file);
    check(profiles.has_value(), "the test's profiles can be read");
    Random random(1);
    const KeySearch look{.access = access,
                         .profiles = *profiles,
                         .profile = profiles->selected(),
                         .region = "us-west-2",
                         .now = now,
                         .random = random};
    return ask(look);
  }
  Result<ObtainedKeys> find() { return search(find_keys); }

  // "~" is /home.
  void config(const std::string& text) {
    variables["HOME"] = "/home";
    files["/home/.aws/config"] = text;
  }
  void credentials(const std::string& text) {
    variables["HOME"] = "/home";
    files["/home/.aws/credentials"] = text;
  }
};

inline HttpResponse response_of(int status, const std::string& body) {
  return {.status = status, .headers = {}, .body = body};
}

// What STS answers to AssumeRole or AssumeRoleWithWebIdentity.
inline std::string assumed_role_xml(const std::string& operation, const std::string& id) {
  return "<" + operation + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" +
         operation + "Result><Credentials><AccessKeyId>" + id +
         "</AccessKeyId><SecretAccessKey>s-" + id + "</SecretAccessKey><SessionToken>t-" + id +
         "</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></" +
         operation + "Result></" + operation + "Response>";
}

inline std::string endpoint_keys_json(const std::string& id) {
  return R"({"Code":"Success","AccessKeyId":")" + id + R"(","SecretAccessKey":"s-)" + id +
         R"(","Token":"t-)" + id + R"(","Expiration":"2030-01-01T00:00:00Z"})";
}

}  // namespace hyperwright::client
