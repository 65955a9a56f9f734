#include "tests/scenarios/runner/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::scenarios {
namespace {

// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

std::string nearest(std::string_view word, const std::vector<std::string>& words) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2);
  for (const std::string& candidate : words) {
    const std::size_t d = distance(word, candidate);
    if (d <= best_distance && (best.empty() || d < best_distance)) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

std::optional<std::int64_t> number_of(const YAML::Node& node) {
  return node.IsScalar() ? parse_int64(node.Scalar()) : std::nullopt;
}

std::vector<std::string> texts_of(const YAML::Node& node, std::string_view what,
                                  Problems& problems) {
  if (node.IsScalar()) return {node.Scalar()};
  std::vector<std::string> texts;
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      if (item.IsScalar()) {
        texts.push_back(item.Scalar());
      } else {
        problems.push_back(
            {line_of(item), fmt::format("{} lists something that is no word", what)});
      }
    }
    return texts;
  }
  problems.push_back({line_of(node), fmt::format("{} must be a word or a list of words", what)});
  return texts;
}

Fields::Fields(const YAML::Node& map, std::string what, Problems& problems)
    : what_(std::move(what)), problems_(problems) {
  if (!map.IsDefined() || map.IsNull()) return;
  if (!map.IsMap()) {
    problem(map, fmt::format("{} must be a map", what_));
    return;
  }
  for (const auto& entry : map) {
    const std::string key = entry.first.Scalar();
    if (std::ranges::find(entries_, key, &Entry::key) != entries_.end()) {
      problem(entry.first, fmt::format("{}: \"{}\" stands there twice", what_, key));
      continue;
    }
    entries_.push_back({key, entry.second, line_of(entry.first), false});
  }
}

Fields::~Fields() {
  for (const Entry& entry : entries_) {
    if (entry.is_taken) continue;
    const std::string meant = nearest(entry.key, asked_);
    problems_.push_back(
        {entry.line,
         fmt::format("{}: unknown word \"{}\"{}", what_, entry.key,
                     meant.empty() ? std::string{} : fmt::format("; \"{}\" is meant?", meant))});
  }
}

std::optional<YAML::Node> Fields::take(std::string_view key) {
  asked_.emplace_back(key);
  const auto it = std::ranges::find(entries_, key, &Entry::key);
  if (it == entries_.end()) return std::nullopt;
  it->is_taken = true;
  return it->node;
}

std::string Fields::text(std::string_view key, std::string fallback) {
  const auto node = take(key);
  if (!node) return fallback;
  if (node->IsScalar()) return node->Scalar();
  problem(*node, fmt::format("{}: \"{}\" must be one word", what_, key));
  return fallback;
}

std::int64_t Fields::number(std::string_view key, std::int64_t fallback) {
  const auto node = take(key);
  if (!node) return fallback;
  if (const auto number = number_of(*node)) return *number;
  problem(*node, fmt::format("{}: \"{}\" must be a whole number", what_, key));
  return fallback;
}

bool Fields::flag(std::string_view key, bool fallback) {
  const auto node = take(key);
  if (!node) return fallback;
  const std::string word = node->IsScalar() ? node->Scalar() : std::string{};
  if (word == "true" || word == "yes") return true;
  if (word == "false" || word == "no") return false;
  problem(*node, fmt::format("{}: \"{}\" must be yes or no", what_, key));
  return fallback;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const auto node = take(key);
  return node ? texts_of(*node, fmt::format("{}: \"{}\"", what_, key), problems_)
              : std::vector<std::string>{};
}

std::vector<std::pair<std::string, std::string>> Fields::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> list;
  const auto node = take(key);
  if (!node) return list;
  Fields inner(*node, fmt::format("{}: {}", what_, key), problems_);
  for (const auto& [name, value] : inner.rest()) {
    if (value.IsScalar()) {
      list.emplace_back(name, value.Scalar());
    } else {
      problem(value, fmt::format("{}: the value of \"{}\" must be one word", inner.what(), name));
    }
  }
  return list;
}

std::vector<std::pair<std::string, YAML::Node>> Fields::rest() {
  std::vector<std::pair<std::string, YAML::Node>> list;
  for (Entry& entry : entries_) {
    if (entry.is_taken) continue;
    entry.is_taken = true;
    list.emplace_back(entry.key, entry.node);
  }
  return list;
}

void Fields::problem(const YAML::Node& at, std::string text) {
  problems_.push_back({line_of(at), std::move(text)});
}

}  // namespace hyperwright::scenarios
