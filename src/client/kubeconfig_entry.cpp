#include "client/kubeconfig_entry.h"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/number.h"
#include "client/base64.h"
#include "client/file_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr int kDepthMax = 50;

// What is quoted is text; of the rest, what JSON has a word for is that.
json::value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return json::value(text);
  if (text == "true" || text == "false") return text == "true";
  if (text.empty() || text == "null" || text == "~") return nullptr;
  if (const auto number = parse_int64(text)) return *number;
  return json::value(text);
}

json::value json_of(const YAML::Node& node, int depth) {
  if (depth > kDepthMax) return nullptr;
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    json::array items;
    for (const YAML::Node& item : node) items.push_back(json_of(item, depth + 1));
    return items;
  }
  if (!node.IsMap()) return nullptr;
  json::object members;
  for (const auto& member : node) {
    if (member.first.IsScalar()) {
      members[member.first.Scalar()] = json_of(member.second, depth + 1);
    }
  }
  return members;
}

}  // namespace

std::string KubeconfigEntry::where() const { return fmt::format("{}: {}", file.string(), what); }

Failure KubeconfigEntry::invalid(const std::string& sentence, std::string remedy) const {
  return fail(ErrorCode::Invalid, fmt::format("{}: {}", where(), sentence), std::move(remedy));
}

bool KubeconfigEntry::has(const std::string& field) const {
  const YAML::Node value = (*body)[field];
  return value && !value.IsNull();
}

Result<std::string> KubeconfigEntry::text(const std::string& field) const {
  if (!has(field)) return std::string();
  const YAML::Node value = (*body)[field];
  if (!value.IsScalar()) {
    return invalid(fmt::format("{} in line {} is not a text", field, value.Mark().line + 1));
  }
  return value.Scalar();
}

Result<bool> KubeconfigEntry::flag(const std::string& field) const {
  const auto value = text(field);
  if (!value) return fail(value.error());
  if (value->empty() || *value == "false") return false;
  if (*value == "true") return true;
  return invalid(fmt::format("{} is \"{}\"", field, *value), "write true or false");
}

Result<std::vector<std::string>> KubeconfigEntry::texts(const std::string& field) const {
  std::vector<std::string> found;
  if (!has(field)) return found;
  const YAML::Node list = (*body)[field];
  for (const YAML::Node& item : list) {
    if (!list.IsSequence() || !item.IsScalar()) break;
    found.push_back(item.Scalar());
  }
  if (!list.IsSequence() || found.size() != list.size()) {
    return invalid(
        fmt::format("{} in line {} is not a list of texts", field, list.Mark().line + 1));
  }
  return found;
}

Result<std::optional<KubeconfigEntry>> KubeconfigEntry::map(const std::string& field) const {
  if (!has(field)) return std::optional<KubeconfigEntry>{};
  const YAML::Node value = (*body)[field];
  if (!value.IsMap()) {
    return invalid(fmt::format("{} in line {} is not a map", field, value.Mark().line + 1));
  }
  return std::optional(KubeconfigEntry{file, fmt::format("{}: {}", what, field),
                                       std::make_shared<const YAML::Node>(value)});
}

Result<std::vector<KubeconfigEntry>> KubeconfigEntry::maps(const std::string& field) const {
  std::vector<KubeconfigEntry> found;
  if (!has(field)) return found;
  const YAML::Node list = (*body)[field];
  if (!list.IsSequence()) {
    return invalid(fmt::format("{} in line {} is not a list", field, list.Mark().line + 1));
  }
  for (const YAML::Node& item : list) {
    const std::string which = fmt::format("{}[{}]", field, found.size());
    if (!item.IsMap()) return invalid(which + " is not a map");
    found.push_back(
        {file, fmt::format("{}: {}", what, which), std::make_shared<const YAML::Node>(item)});
  }
  return found;
}

std::vector<std::string> KubeconfigEntry::fields() const {
  std::vector<std::string> names;
  for (const auto& member : *body) {
    if (member.first.IsScalar()) names.push_back(member.first.Scalar());
  }
  return names;
}

std::string KubeconfigEntry::as_json(const std::string& field) const {
  return json::serialize(has(field) ? json_of((*body)[field], 0) : json::value());
}

Result<std::string> KubeconfigEntry::pem(const std::string& field) const {
  const auto data = text(field + "-data");
  if (!data) return fail(data.error());
  if (!data->empty()) {
    auto decoded = decode_base64(*data);
    if (!decoded) return invalid(field + "-data is not base64", "write the PEM text in base64");
    return *std::move(decoded);
  }
  auto path = text(field);
  if (!path || path->empty()) return path;
  auto pem_text = read_file_text(resolved(*path));
  if (!pem_text) return fail(pem_text.error(), fmt::format("{}: {}", where(), field));
  return pem_text;
}

std::filesystem::path KubeconfigEntry::resolved(const std::string& path) const {
  return file.parent_path() / path;
}

}  // namespace hyperwright::client
