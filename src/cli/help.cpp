#include "cli/help.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::cli {
namespace {

constexpr std::size_t kIndent = 30;  // where explanations begin
constexpr std::size_t kWidth = 96;
constexpr const char* kDefaultGroup = "Options";  // the library's, of --help itself

// A first column and its explanation beside it, or below it where the column is too long.
std::string row(std::string_view left, std::string_view text) {
  std::string out = fmt::format("  {}", left);
  std::size_t column = out.size();
  if (column + 2 > kIndent) {
    out += '\n';
    column = 0;
  }
  out.append(kIndent - column, ' ');
  column = kIndent;
  bool is_first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!is_first && column + 1 + word.size() > kWidth) {
      out += '\n';
      out.append(kIndent, ' ');
      column = kIndent;
      is_first = true;
    }
    if (!is_first) out += ' ';
    column += word.size() + (is_first ? 0 : 1);
    out += word;
    is_first = false;
  }
  return out + '\n';
}

// It is known by its place and has no dashes.
bool is_positional(const CLI::Option& option) {
  return option.get_lnames().empty() && option.get_snames().empty();
}

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode /*mode*/) const override {
    std::string out = fmt::format("{}\n\n{}\n", app->get_description(), usage(*app, name));
    const auto commands = app->get_subcommands({});
    if (!commands.empty()) out += "\nCommands\n";
    for (const CLI::App* command : commands) {
      std::string what = command->get_description();
      what = what.substr(0, what.find('\n'));
      if (what.ends_with('.')) what.pop_back();
      out += row(command->get_name(), what);
    }
    std::vector<std::string> groups = app->get_groups();
    std::ranges::stable_partition(groups,
                                  [](const std::string& group) { return group != kDefaultGroup; });
    for (const std::string& group : groups) {
      const auto options =
          app->get_options([&](const CLI::Option* option) { return option->get_group() == group; });
      if (options.empty() || group.empty()) continue;
      out += fmt::format("\n{}\n", group == kDefaultGroup ? "Other" : group);
      for (const CLI::Option* option : options) out += option_row(*option);
    }
    if (!app->get_footer().empty()) out += fmt::format("\n{}\n", app->get_footer());
    return out;
  }

 private:
  static std::string usage(const CLI::App& app, const std::string& name) {
    std::string line = "Usage: " + name;
    if (!app.get_subcommands({}).empty()) line += " COMMAND";
    for (const CLI::Option* option : app.get_options({})) {
      if (option->get_required() && is_positional(*option)) line += ' ' + option->get_name();
    }
    for (const CLI::Option* option : app.get_options({})) {
      if (option->get_required() && !is_positional(*option))
        line += fmt::format(" {} {}", option->get_name(), option->get_type_name());
    }
    return line + " [flags]";
  }

  static std::string option_row(const CLI::Option& option) {
    std::string left = option.get_name(false, true);
    std::ranges::replace(left, ',', ' ');
    if (option.get_type_size() != 0 && !is_positional(option)) left += ' ' + option.get_type_name();
    std::string text = option.get_description();
    if (option.get_required()) text += " (required)";
    if (!option.get_default_str().empty())
      text += fmt::format(" (default: {})", option.get_default_str());
    return row(left, text);
  }
};

}  // namespace

void set_help_format(CLI::App& app) {
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "Print this page");
}

void require_port(CLI::Option& option) {
  option.check(CLI::Validator(
      [](const std::string& text) {
        const auto port = parse_int64(text);
        if (port && *port >= 0 && *port <= 65535) return std::string{};
        return fmt::format("\"{}\" is no port\nwrite a whole number from 0 to 65535", text);
      },
      ""));
  option.type_name("PORT");
}

void require_seed(CLI::Option& option) {
  option.check(CLI::Validator(
      [](const std::string& text) {
        const auto seed = parse_int64(text);
        if (seed && *seed >= 0) return std::string{};
        return fmt::format("\"{}\" is no seed\nwrite a whole number, 0 or more", text);
      },
      ""));
  option.type_name("NUMBER");
}

void require_one_of(CLI::Option& option, std::vector<std::string> words, std::string remedy) {
  option.check(CLI::Validator(
      [words = std::move(words), remedy = std::move(remedy)](const std::string& text) {
        if (std::ranges::find(words, text) != words.end()) return std::string{};
        return fmt::format("\"{}\" is not known\n{}", text, remedy);
      },
      ""));
}

}  // namespace hyperwright::cli
