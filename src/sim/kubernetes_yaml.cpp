#include "sim/kubernetes_yaml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/number.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::size_t kDepthMax = 100;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

json::value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return json::value(text);
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}))
    return false;
  if (const auto whole = parse_int64(text)) return *whole;
  if (text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
      text.find_first_of("0123456789") != std::string::npos) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
  }
  return json::value(text);
}

std::optional<json::value> convert(const YAML::Node& node, std::size_t depth) {
  if (depth > kDepthMax) return std::nullopt;
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    json::array out;
    for (const YAML::Node& item : node) {
      auto value = convert(item, depth + 1);
      if (!value) return std::nullopt;
      out.push_back(*std::move(value));
    }
    return out;
  }
  if (!node.IsMap()) return json::value(nullptr);
  json::object out;
  for (const auto& entry : node) {
    auto value = convert(entry.second, depth + 1);
    if (!value || !entry.first.IsScalar()) return std::nullopt;
    out[entry.first.Scalar()] = *std::move(value);
  }
  return out;
}

}  // namespace

Result<json::value> parse_yaml(std::string_view text) {
  try {
    const std::optional<json::value> value = convert(YAML::Load(std::string(text)), 0);
    if (value) return *value;
    return fail(ErrorCode::Invalid,
                "the YAML document nests too deep, or has a key that is no scalar");
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Invalid,
                fmt::format("the YAML document cannot be read: line {}, column {}: {}",
                            error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

}  // namespace hyperwright::sim
