// Text that is cut to a length.
#pragma once

#include <string_view>

namespace hyperwright {

// The first `most` bytes of UTF-8 text, fewer where the cut would fall within a character.
inline std::string_view first_bytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace hyperwright
