// credential_process of a profile: a program that writes keys to its standard output.
#include <fmt/format.h>

#include "client/aws_key_documents.h"
#include "client/aws_key_sources.h"
#include "client/command_line.h"

namespace hyperwright::client {
namespace {

constexpr const char* kSource = "custom-process";

}  // namespace

Result<Found> keys_from_process(const KeySearch& search) {
  const std::string line = value_at(search.profiles.find(search.profile), "credential_process");
  if (line.empty()) {
    return Found(
        NoKeys{kSource, fmt::format("profile \"{}\" has no credential_process", search.profile)});
  }
  const std::string where = fmt::format("{}: profile \"{}\": credential_process",
                                        search.profiles.config_file(), search.profile);
  const auto command = split_command_line(line);
  if (!command) return fail(command.error(), where);
  const auto output = search.access.run(*command);
  if (!output) return fail(output.error(), where);
  auto obtained = parse_process_keys(*output);
  if (!obtained) {
    return fail(obtained.error().code(),
                fmt::format("{}: {}: {}", where, command->front(), obtained.error().text()),
                "let it write {\"Version\": 1, \"AccessKeyId\", \"SecretAccessKey\", ...}");
  }
  obtained->source = kSource;
  obtained->detail = fmt::format("{} of profile \"{}\"", command->front(), search.profile);
  return Found(*std::move(obtained));
}

}  // namespace hyperwright::client
