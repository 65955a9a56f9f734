// How `--help` looks: what a command is for, how it is called, its flags in groups with what they
// default to, and then what a newcomer asks next (environment, examples), all in one page.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hyperwright::cli {

// For the app and all subcommands that are added to it afterwards.
void set_help_format(CLI::App& app);

// A whole number from 0 to 65535, or a usage error that says so.
void require_port(CLI::Option& option);
// A whole number, 0 or more.
void require_seed(CLI::Option& option);

// One of these words, or a usage error with this remedy.
void require_one_of(CLI::Option& option, std::vector<std::string> words, std::string remedy);

}  // namespace hyperwright::cli
