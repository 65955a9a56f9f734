#include "state/json_delta.h"

#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::state {
namespace json = boost::json;
namespace {

constexpr std::string_view kSize = "#";
// A list that is larger is damage: no object has as many conditions, taints or owners.
constexpr std::int64_t kSizeMax = 1'000'000;

// One walk through both values.
class Comparison {
 public:
  // nullopt: they are equal.
  std::optional<json::value> of(const json::value& base, const json::value& next) {
    if (base.is_object() && next.is_object()) return of(base.get_object(), next.get_object());
    if (base.is_array() && next.is_array()) return of(base.get_array(), next.get_array());
    if (base == next) return std::nullopt;
    // It would be read as changes of the list.
    if (base.is_array() && next.is_object()) can_be_said_ = false;
    return next;
  }
  [[nodiscard]] bool can_be_said() const { return can_be_said_; }

 private:
  std::optional<json::value> of(const json::object& base, const json::object& next) {
    json::object changes;
    for (const auto& [key, value] : next) {
      const json::value* known = base.if_contains(key);
      auto change = known == nullptr ? std::optional<json::value>(value) : of(*known, value);
      if (!change) continue;
      // Null takes a member away.
      if (value.is_null()) can_be_said_ = false;
      changes.emplace(key, *std::move(change));
    }
    for (const auto& [key, value] : base) {
      if (!next.contains(key)) changes.emplace(key, nullptr);
    }
    if (changes.empty()) return std::nullopt;
    return changes;
  }

  std::optional<json::value> of(const json::array& base, const json::array& next) {
    json::object changes;
    changes[kSize] = static_cast<std::int64_t>(next.size());
    for (std::size_t i = 0; i < next.size(); ++i) {
      auto change = i < base.size() ? of(base[i], next[i]) : std::optional<json::value>(next[i]);
      if (change) changes.emplace(fmt::format("{}", i), *std::move(change));
    }
    if (changes.size() == 1 && base.size() == next.size()) return std::nullopt;
    if (changes.size() > next.size()) return next;
    if (static_cast<std::int64_t>(next.size()) > kSizeMax) can_be_said_ = false;
    return changes;
  }

  bool can_be_said_ = true;
};

void apply(json::value& base, const json::value& delta);

void apply_to_object(json::object& base, const json::object& changes) {
  for (const auto& [key, change] : changes) {
    if (change.is_null()) {
      base.erase(key);
    } else if (json::value* known = base.if_contains(key)) {
      apply(*known, change);
    } else {
      base.emplace(key, change);
    }
  }
}

void apply_to_list(json::array& base, const json::object& changes) {
  const std::size_t known = base.size();
  if (const json::value* size = changes.if_contains(kSize)) {
    const std::int64_t* wanted = size->if_int64();
    if (wanted != nullptr && *wanted >= 0 && *wanted <= kSizeMax)
      base.resize(static_cast<std::size_t>(*wanted));
  }
  for (const auto& [key, change] : changes) {
    const auto at = parse_int64(std::string_view(key));
    if (!at || *at < 0 || static_cast<std::uint64_t>(*at) >= base.size()) continue;
    json::value& element = base[static_cast<std::size_t>(*at)];
    if (static_cast<std::size_t>(*at) < known) {
      apply(element, change);
    } else {
      element = change;
    }
  }
}

void apply(json::value& base, const json::value& delta) {
  const json::object* changes = delta.if_object();
  if (changes != nullptr && base.is_object()) return apply_to_object(base.get_object(), *changes);
  if (changes != nullptr && base.is_array()) return apply_to_list(base.get_array(), *changes);
  base = delta;
}

}  // namespace

std::optional<json::value> delta(const json::value& base, const json::value& next) {
  Comparison comparison;
  std::optional<json::value> found = comparison.of(base, next);
  if (!comparison.can_be_said()) return std::nullopt;
  if (!found) return base.is_object() ? json::value(json::object{}) : next;
  return found;
}

json::value patched(json::value base, const json::value& delta) {
  apply(base, delta);
  return base;
}

}  // namespace hyperwright::state
