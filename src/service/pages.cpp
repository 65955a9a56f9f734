#include "service/pages.h"

namespace hyperwright::service {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

PageRequest read_page_request(const RequestReader& reader, bool is_descending_by_default) {
  PageRequest request;
  request.size = reader.number("MaxResults", {.min = 1, .max = kPageMax}).value_or(kPageMax);
  request.token = reader.text("NextToken", {.max = 8192});
  const std::string order = reader.one_of("SortOrder", Need::Optional, {"Ascending", "Descending"});
  request.is_descending = order.empty() ? is_descending_by_default : order == "Descending";
  return request;
}

std::string make_token(std::string_view list, std::string_view key) {
  std::string token;
  for (const char c : fmt::format("{} {}", list, key))
    token += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return token;
}

std::optional<std::string> key_of_token(std::string_view list, std::string_view token) {
  std::string text;
  if (token.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < token.size(); i += 2) {
    const auto high = hex_digit(token[i]), low = hex_digit(token[i + 1]);
    if (!high || !low) return std::nullopt;
    text += static_cast<char>(*high * 16 + *low);
  }
  const std::string prefix = std::string(list) + " ";
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::string sortable(std::uint64_t number) { return fmt::format("{:020}", number); }

}  // namespace hyperwright::service
