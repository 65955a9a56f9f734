#include "cli/usage_error.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::cli {
namespace {

// How many letters must be changed, added or left out (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

// The nearest of `words`, if it is near enough to be what was meant; else an empty text.
std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  const auto it = std::ranges::min_element(
      words, {}, [&](const std::string& other) { return distance(word, other); });
  const bool is_near =
      it != words.end() && distance(word, *it) <= std::max<std::size_t>(2, word.size() / 3);
  return is_near ? *it : std::string{};
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

Error unknown_word(const CLI::App& command, const std::string& called, const std::string& given) {
  const std::string word = given.substr(0, given.find('='));
  const bool is_flag = word.starts_with('-');
  const std::vector<std::string> known = is_flag ? flags_of(command) : commands_of(command);
  const std::string meant = nearest(word, known);
  const std::string help = fmt::format("`{} --help` shows all that there is", called);
  if (!is_flag && known.empty()) {
    return {ErrorCode::Invalid, fmt::format("{}: \"{}\" stands there without a flag", called, word),
            "remove it, or put a flag before it: " + help};
  }
  return {ErrorCode::Invalid,
          fmt::format("{} has no {} \"{}\"", called, is_flag ? "flag" : "command", word),
          meant.empty() ? help : fmt::format("did you mean {}? {}", meant, help)};
}

}  // namespace

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const CLI::App& command = chosen.empty() ? app : *chosen.front();
  const std::string called =
      chosen.empty() ? app.get_name() : fmt::format("{} {}", app.get_name(), command.get_name());
  const std::string help = fmt::format("look at {} --help", called);
  const std::string said = error.what();
  const std::string subject = said.substr(0, said.find(':'));  // the library puts a flag first
  // A misspelled flag is what is wrong, and not that the flag that was meant is missing.
  const bool is_about_value = dynamic_cast<const CLI::ValidationError*>(&error) != nullptr ||
                              dynamic_cast<const CLI::ConversionError*>(&error) != nullptr;
  if (const auto unknown = command.remaining(); !unknown.empty() && !is_about_value)
    return unknown_word(command, called, unknown.front());
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (chosen.empty()) {
      return {ErrorCode::Invalid, "no command is given",
              fmt::format("write one: {} {}", app.get_name(), fmt::join(commands_of(app), ", "))};
    }
    return {ErrorCode::Invalid, fmt::format("{}: {}", called, said), help};
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool is_twice = said.find("At Most") != std::string::npos;
    return {ErrorCode::Invalid,
            fmt::format("{}: {} {}", called, subject, is_twice ? "is given twice" : "has no value"),
            is_twice ? "give it once" : help};
  }
  // Of the flags that are no texts, all others are whole numbers.
  if (const std::size_t equals = said.find(" = ");
      dynamic_cast<const CLI::ConversionError*>(&error) != nullptr && equals != std::string::npos) {
    const std::size_t flag = said.rfind(' ', equals - 1) + 1;
    return {ErrorCode::Invalid,
            fmt::format("{}: {}: \"{}\" is no number", called, said.substr(flag, equals - flag),
                        said.substr(equals + 3)),
            "write a whole number, 0 or more"};
  }
  // Checks of our own put the remedy into a line of its own.
  const std::size_t line = said.find('\n');
  if (line == std::string::npos)
    return {ErrorCode::Invalid, fmt::format("{}: {}", called, said), help};
  return {ErrorCode::Invalid, fmt::format("{}: {}", called, said.substr(0, line)),
          said.substr(line + 1)};
}

}  // namespace hyperwright::cli
