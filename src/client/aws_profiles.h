// The profiles of AWS's two shared files: ~/.aws/config (sections [default], [profile NAME],
// [sso-session NAME], [services NAME]) and ~/.aws/credentials (sections [NAME]). A profile that
// stands in both has the keys of both; where they differ the credentials file counts.
//
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files"; order and
// merging as botocore has them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "client/aws_ini.h"
#include "client/environment.h"

namespace hyperwright::client {

class AwsProfiles {
 public:
  AwsProfiles() = default;
  // What the files would hold; their names are for errors.
  static Result<AwsProfiles> parse(std::string_view config, const std::string& config_file,
                                   std::string_view credentials,
                                   const std::string& credentials_file);
  // From AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or their usual places. A file that is not
  // there is as an empty one; one that cannot be read or parsed is an error. The profile that
  // AWS_PROFILE names must exist.
  using ReadFile = std::function<Result<std::string>(const std::string& path)>;
  static Result<AwsProfiles> load(const Environment& environment, const ReadFile& read_file);

  // "default" unless AWS_DEFAULT_PROFILE or AWS_PROFILE names one.
  [[nodiscard]] const std::string& selected() const { return selected_; }
  // nullptr: there is none.
  [[nodiscard]] const IniSection* find(std::string_view profile) const;
  [[nodiscard]] const IniSection* find_in_config(std::string_view profile) const;
  [[nodiscard]] const IniSection* find_in_credentials(std::string_view profile) const;
  [[nodiscard]] const IniSection* find_sso_session(std::string_view name) const;
  [[nodiscard]] const IniSection* find_services(std::string_view name) const;

  [[nodiscard]] const std::string& config_file() const { return config_file_; }
  [[nodiscard]] const std::string& credentials_file() const { return credentials_file_; }

 private:
  std::string selected_ = "default";
  std::string config_file_, credentials_file_;
  IniFile merged_, config_, credentials_, sso_sessions_, services_;
};

// The value of a key; "": the section is not there, or has no such key.
std::string value_at(const IniSection* section, std::string_view key);

// "~/x" in the home folder that HOME names; other paths as they are.
std::string home_path(const std::string& path, const Environment& environment);

}  // namespace hyperwright::client
