// What is wrong with a command line, told as every other error is: the word that is not understood,
// and the one that was probably meant.
#pragma once

#include "base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace hyperwright::cli {

// `app` has just failed to parse with `error`.
Error usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace hyperwright::cli
