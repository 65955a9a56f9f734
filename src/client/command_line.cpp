#include "client/command_line.h"

namespace hyperwright::client {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Result<std::vector<std::string>> split_command_line(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\0' && is_space(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    const bool escapes_next =
        c == '\\' && i + 1 < line.size() &&
        (quote == '\0' || (quote == '"' && (line[i + 1] == '"' || line[i + 1] == '\\')));
    if (escapes_next) {
      words.back() += line[++i];
    } else if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0')
    return fail(ErrorCode::Invalid, std::string("a quote is left open: ") + quote,
                "close it, or take it away");
  if (words.empty()) return fail(ErrorCode::Invalid, "no program is named", "write its path");
  return words;
}

}  // namespace hyperwright::client
