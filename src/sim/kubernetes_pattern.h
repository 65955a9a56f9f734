// The regular expressions of schemas.
//
// Go's (RE2) and ECMAScript's agree on what CustomResourceDefinitions use; a pattern that ours
// cannot read, and a text that is too long for it, are not refused.
#pragma once

#include <string_view>

namespace hyperwright::sim {

// Anywhere in the text, as in Go: patterns that mean all of it say so.
bool matches_pattern(std::string_view text, std::string_view pattern);

}  // namespace hyperwright::sim
