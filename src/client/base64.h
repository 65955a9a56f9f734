// Base64 (RFC 4648, with padding), as in the "-data" fields of a kubeconfig. Line ends are skipped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hyperwright::client {

std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace hyperwright::client
