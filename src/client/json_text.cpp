#include "client/json_text.h"

#include <algorithm>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"

namespace hyperwright::client {
namespace json = boost::json;

// Schemas in CRDs nest deeper than the library's 32.
constexpr std::size_t kDepthMax = 256;

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  // All of it in one piece of memory, which goes with the last value: a page of a list is tens of
  // thousands of small values that are read once.
  const auto memory = json::make_shared_resource<json::monotonic_resource>(text.size());
  try {
    json::value value = json::parse(text, error, memory, options);
    if (!error) return value;
  } catch (const std::exception& thrown) {
    return fail(ErrorCode::Invalid, fmt::format("no JSON: {}", thrown.what()));
  }
  return fail(ErrorCode::Invalid,
              fmt::format("no JSON ({}): \"{}\"", error.message(), beginning_of(text)));
}

std::string beginning_of(std::string_view text) {
  constexpr std::size_t kBytesMax = 80;
  std::string beginning(first_bytes(text, kBytesMax));
  std::ranges::replace_if(beginning, [](unsigned char c) { return c < 0x20; }, ' ');
  if (text.size() > kBytesMax) beginning += "...";
  return beginning;
}

}  // namespace hyperwright::client
