#include "client/aws_key_search.h"

#include <chrono>
#include <future>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "client/aws_key_chain.h"
#include "client/aws_key_sources.h"
#include "client/child_process.h"
#include "client/clock.h"
#include "client/exec_credential.h"
#include "client/file_text.h"
#include "client/instance_metadata.h"
#include "client/json_text.h"
#include "client/renewing_credentials.h"

namespace hyperwright::client {
namespace {

// Waits for the answer, or until it is time to stop.
Result<HttpResponse> send_and_wait(HttpClient& http, HttpRequest request, const Stop& stop) {
  // How late a stop may be noticed; an answer is noticed at once.
  constexpr std::chrono::milliseconds kLook(50);
  // Shared: the answer to what is waited for no longer still comes.
  const auto answer = std::make_shared<std::promise<Result<HttpResponse>>>();
  auto future = answer->get_future();
  const HttpClient::Id id = http.start(
      std::move(request), [answer](Result<HttpResponse> r) { answer->set_value(std::move(r)); });
  while (future.wait_for(kLook) != std::future_status::ready) {
    if (!stop.is_stopped()) continue;
    http.cancel(id);
    return fail(ErrorCode::Unavailable, "given up at the end");
  }
  return future.get();
}

Result<std::string> output_of(const std::vector<std::string>& command, const Stop& stop) {
  const ChildProcess child{.program = command.front(),
                           .arguments = {command.begin() + 1, command.end()},
                           .stop_descriptor = stop.descriptor()};
  auto output = run_child(child);
  if (!output) return fail(output.error());
  if (output->exit_code == 0) return std::move(output->out);
  return fail(ErrorCode::Forbidden,
              fmt::format("{} ended with exit code {}: {}", command.front(), output->exit_code,
                          without_secrets(output->err)),
              "run it by hand, as the user of this process");
}

class KeyFinder {
 public:
  KeyFinder(KeySearchSettings settings, std::uint64_t seed)
      : settings_(std::move(settings)), random_(seed) {}

  Result<ObtainedKeys> find(const Stop& stop) {
    const auto profiles = AwsProfiles::load(settings_.environment, read_file_text);
    if (!profiles) return fail(profiles.error());
    const KeySourceAccess access = access_with(stop);
    return find_keys(search_with(access, *profiles));
  }

  Result<std::string> find_region(const AwsProfiles& profiles) {
    const Stop never;
    const KeySourceAccess access = access_with(never);
    return region_from_instance_metadata(search_with(access, profiles));
  }

 private:
  KeySourceAccess access_with(const Stop& stop) {
    return {
        .environment = settings_.environment,
        .read_file = read_file_text,
        .send =
            [this, &stop](HttpRequest request) {
              if (!http_) http_.emplace();
              return send_and_wait(*http_, std::move(request), stop);
            },
        .run =
            [&stop](const std::vector<std::string>& command) { return output_of(command, stop); },
        .pause = [&stop](Duration duration) { return stop.pause(duration); },
        .connection = settings_.connection,
    };
  }

  KeySearch search_with(const KeySourceAccess& access, const AwsProfiles& profiles) {
    return {.access = access,
            .profiles = profiles,
            .profile = profiles.selected(),
            .region = settings_.region,
            .now = wall_now(),
            .random = random_};
  }

  const KeySearchSettings settings_;
  Random random_;
  // Of its own, and made when it is needed: static keys need none.
  std::optional<HttpClient> http_;
};

}  // namespace

std::shared_ptr<AwsCredentialsProvider> default_credentials(KeySearchSettings settings,
                                                            std::uint64_t seed) {
  auto finder = std::make_shared<KeyFinder>(std::move(settings), seed);
  return std::make_shared<RenewingCredentials>(
      [finder = std::move(finder)](const Stop& stop) { return finder->find(stop); }, wall_now,
      seed + 1);
}

Result<std::string> region_of_this_instance(const Environment& environment,
                                            const AwsProfiles& profiles) {
  return KeyFinder({.environment = environment, .region = ""}, 1).find_region(profiles);
}

}  // namespace hyperwright::client
