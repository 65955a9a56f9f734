#include "hyperpod/csv_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::hyperpod {
namespace {

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Failure bad_line(std::size_t line, std::string_view problem, std::string remedy) {
  return fail(ErrorCode::Invalid, fmt::format("line {}: {}", line, problem), std::move(remedy));
}

Failure bad_line(std::size_t line, const Error& cause) {
  return bad_line(line, cause.text(), cause.remedy());
}

std::string_view CsvRow::get(std::string_view column) const {
  const auto at = std::ranges::find(*columns, column);
  return at == columns->end() ? std::string_view{}
                              : fields[static_cast<std::size_t>(at - columns->begin())];
}

Status CsvTable::read(std::string_view csv, std::span<const std::string_view> known,
                      std::initializer_list<std::string_view> required) {
  std::size_t number = 0;
  for (const std::string_view line : split(csv, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string_view> fields = split(line, ',');
    if (!columns_.empty()) {
      if (fields.size() != columns_.size()) {
        return bad_line(
            number, fmt::format("{} fields, but the header has {}", fields.size(), columns_.size()),
            "give each line as many fields as the header, empty ones where nothing is known");
      }
      rows_.push_back(CsvRow{number, &columns_, std::move(fields)});
      continue;
    }
    for (const std::string_view column : fields) {
      if (std::ranges::count(fields, column) > 1) {
        return bad_line(number, fmt::format("column \"{}\" is there twice", column),
                        "remove one of them");
      }
      if (std::ranges::find(known, column) == known.end()) {
        return bad_line(
            number, fmt::format("column \"{}\" is not known", column),
            fmt::format("begin with a header line; the columns are {}", fmt::join(known, ", ")));
      }
    }
    columns_ = std::move(fields);
  }
  for (const std::string_view column : required) {
    if (std::ranges::find(columns_, column) == columns_.end()) {
      return fail(ErrorCode::Invalid, fmt::format("column \"{}\" is missing", column),
                  "add it to the header line");
    }
  }
  return {};
}

}  // namespace hyperwright::hyperpod
