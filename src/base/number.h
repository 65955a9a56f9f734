// Whole numbers from text. All of the text must be the number: no spaces, no sign but '-' where it
// may be negative, no overflow.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hyperwright {

inline std::optional<std::int64_t> parse_int64(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A count: 0 to 2^31 - 1.
inline std::optional<std::int32_t> parse_count(std::string_view text) {
  const auto value = parse_int64(text);
  if (!value || *value < 0 || *value > INT32_MAX) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

}  // namespace hyperwright
