// Parts of URLs and of forms: what may not stand there as it is, is escaped.
#pragma once

#include <string>
#include <string_view>

namespace hyperwright::client {

// Everything but RFC 3986's unreserved characters as %XX.
std::string percent_escaped(std::string_view text);

}  // namespace hyperwright::client
