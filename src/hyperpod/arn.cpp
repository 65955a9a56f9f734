#include "hyperpod/arn.h"

namespace hyperwright::hyperpod {

std::string_view region_of(std::string_view arn) {
  for (int colons = 0; colons < 3; ++colons) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

}  // namespace hyperwright::hyperpod
