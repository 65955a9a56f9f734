#include "client/aws_profiles.h"

#include <optional>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

const IniSection* find_in(const IniFile& file, std::string_view name) {
  const auto at = file.find(name);
  return at == file.end() ? nullptr : &at->second;
}

// The name in "profile NAME", "profile 'NAME'" or "profile \"NAME\""; nullopt: it is no such
// section.
std::optional<std::string_view> name_in(std::string_view section, std::string_view word) {
  if (!section.starts_with(word)) return std::nullopt;
  section.remove_prefix(word.size());
  const std::size_t begin = section.find_first_not_of(" \t");
  if (begin == 0 || begin == std::string_view::npos) return std::nullopt;
  section = section.substr(begin, section.find_last_not_of(" \t") - begin + 1);
  const char first = section.front();
  if ((first == '"' || first == '\'') && section.size() > 1 && section.back() == first)
    return section.substr(1, section.size() - 2);
  if (section.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  return section;
}

Result<std::string> text_of(const std::string& path, const AwsProfiles::ReadFile& read_file) {
  if (path.empty()) return std::string();
  auto text = read_file(path);
  if (!text && text.error().code() == ErrorCode::NotFound) return std::string();
  return text;
}

}  // namespace

std::string value_at(const IniSection* section, std::string_view key) {
  if (section == nullptr) return {};
  const auto at = section->find(key);
  return at == section->end() ? std::string() : at->second;
}

std::string home_path(const std::string& path, const Environment& environment) {
  if (!path.starts_with("~/")) return path;
  const std::string home = environment("HOME").value_or("");
  return home.empty() ? std::string() : home + path.substr(1);
}

Result<AwsProfiles> AwsProfiles::parse(std::string_view config, const std::string& config_file,
                                       std::string_view credentials,
                                       const std::string& credentials_file) {
  AwsProfiles profiles;
  profiles.config_file_ = config_file;
  profiles.credentials_file_ = credentials_file;
  auto sections = parse_ini(config, config_file);
  if (!sections) return fail(sections.error());
  for (auto& [section, keys] : *sections) {
    if (section == "default") {
      profiles.config_.insert_or_assign(section, keys);
    } else if (const auto profile = name_in(section, "profile")) {
      profiles.config_.insert_or_assign(std::string(*profile), keys);
    } else if (const auto session = name_in(section, "sso-session")) {
      profiles.sso_sessions_.insert_or_assign(std::string(*session), keys);
    } else if (const auto services = name_in(section, "services")) {
      profiles.services_.insert_or_assign(std::string(*services), keys);
    }
  }
  auto keys = parse_ini(credentials, credentials_file);
  if (!keys) return fail(keys.error());
  profiles.credentials_ = *std::move(keys);
  profiles.merged_ = profiles.config_;
  for (const auto& [name, section] : profiles.credentials_) {
    IniSection& merged = profiles.merged_[name];
    for (const auto& [key, value] : section) merged.insert_or_assign(key, value);
  }
  return profiles;
}

Result<AwsProfiles> AwsProfiles::load(const Environment& environment, const ReadFile& read_file) {
  const auto file_of = [&](const char* variable, const char* usual) {
    const std::string named = environment(variable).value_or("");
    return home_path(named.empty() ? usual : named, environment);
  };
  const std::string config_file = file_of("AWS_CONFIG_FILE", "~/.aws/config");
  const std::string credentials_file = file_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  const auto config = text_of(config_file, read_file);
  if (!config) return fail(config.error());
  const auto credentials = text_of(credentials_file, read_file);
  if (!credentials) return fail(credentials.error());
  auto profiles = parse(*config, config_file, *credentials, credentials_file);
  if (!profiles) return profiles;
  for (const char* variable : {"AWS_DEFAULT_PROFILE", "AWS_PROFILE"}) {
    const std::string named = environment(variable).value_or("");
    if (named.empty()) continue;
    if (profiles->find(named) == nullptr) {
      return fail(
          ErrorCode::Invalid,
          fmt::format("{}: profile \"{}\" stands neither in {} nor in {}", variable, named,
                      config_file, credentials_file),
          fmt::format("unset {}, or add the profile: aws configure --profile {}", variable, named));
    }
    profiles->selected_ = named;
    break;
  }
  return profiles;
}

const IniSection* AwsProfiles::find(std::string_view profile) const {
  return find_in(merged_, profile);
}
const IniSection* AwsProfiles::find_in_config(std::string_view profile) const {
  return find_in(config_, profile);
}
const IniSection* AwsProfiles::find_in_credentials(std::string_view profile) const {
  return find_in(credentials_, profile);
}
const IniSection* AwsProfiles::find_sso_session(std::string_view name) const {
  return find_in(sso_sessions_, name);
}
const IniSection* AwsProfiles::find_services(std::string_view name) const {
  return find_in(services_, name);
}

}  // namespace hyperwright::client
