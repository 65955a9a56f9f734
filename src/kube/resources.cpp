#include "kube/resources.h"

#include <algorithm>

#include <fmt/format.h>

#include "kube/quantity.h"

namespace hyperwright::kube {
namespace {

constexpr std::array<std::string_view, kResourceCount> kNames = {"cpu",
                                                                 "memory",
                                                                 "ephemeral-storage",
                                                                 "pods",
                                                                 "nvidia.com/gpu",
                                                                 "aws.amazon.com/neuroncore",
                                                                 "aws.amazon.com/neuron",
                                                                 "vpc.amazonaws.com/efa",
                                                                 "nodes"};

std::optional<Resource> known_resource(std::string_view name) {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    if (kNames[i] == name) return static_cast<Resource>(i);
  }
  return std::nullopt;
}

bool is_in_bytes(std::string_view name) {
  return name == "memory" || name == "ephemeral-storage" || name == "storage" ||
         name.starts_with("hugepages-");
}

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

std::int64_t saturated_difference(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? INT64_MAX : INT64_MIN;
}

std::int64_t saturated_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

// Both lists merged by name, an absent amount counting as zero; zeros of the outcome are left out.
template <typename Combine>
Resources::Overflow combined(const Resources::Overflow& a, const Resources::Overflow& b,
                             Combine combine) {
  Resources::Overflow merged;
  merged.reserve(std::max(a.size(), b.size()));
  const auto append = [&](const std::string& name, std::int64_t amount) {
    if (amount != 0) merged.emplace_back(name, amount);
  };
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->first < right->first)) {
      append(left->first, combine(left->second, 0));
      ++left;
    } else if (left == a.end() || right->first < left->first) {
      append(right->first, combine(0, right->second));
      ++right;
    } else {
      append(left->first, combine(left->second, right->second));
      ++left;
      ++right;
    }
  }
  return merged;
}

}  // namespace

std::string_view to_string(Resource resource) { return kNames[static_cast<std::size_t>(resource)]; }

std::int64_t Resources::get(std::string_view name) const {
  if (const auto resource = known_resource(name)) return get(*resource);
  const auto it = std::ranges::lower_bound(
      overflow_, name, {}, [](const auto& entry) { return std::string_view(entry.first); });
  return it != overflow_.end() && it->first == name ? it->second : 0;
}

void Resources::set(std::string_view name, std::int64_t amount) {
  if (const auto resource = known_resource(name)) return set(*resource, amount);
  const auto it = std::ranges::lower_bound(
      overflow_, name, {}, [](const auto& entry) { return std::string_view(entry.first); });
  const bool is_there = it != overflow_.end() && it->first == name;
  if (amount == 0) {
    if (is_there) overflow_.erase(it);
  } else if (is_there) {
    it->second = amount;
  } else {
    overflow_.emplace(it, name, amount);
  }
}

bool Resources::is_zero() const {
  return overflow_.empty() &&
         std::ranges::all_of(slots_, [](std::int64_t amount) { return amount == 0; });
}

Resources& Resources::operator+=(const Resources& other) {
  for (std::size_t i = 0; i < kResourceCount; ++i)
    slots_[i] = saturated_sum(slots_[i], other.slots_[i]);
  if (!other.overflow_.empty()) overflow_ = combined(overflow_, other.overflow_, saturated_sum);
  return *this;
}

Resources& Resources::operator-=(const Resources& other) {
  for (std::size_t i = 0; i < kResourceCount; ++i)
    slots_[i] = saturated_difference(slots_[i], other.slots_[i]);
  if (!other.overflow_.empty())
    overflow_ = combined(overflow_, other.overflow_, saturated_difference);
  return *this;
}

Resources Resources::times(std::int64_t count) const {
  Resources product;
  for (std::size_t i = 0; i < kResourceCount; ++i)
    product.slots_[i] = saturated_product(slots_[i], count);
  if (count != 0) {
    for (const auto& [name, amount] : overflow_)
      product.overflow_.emplace_back(name, saturated_product(amount, count));
  }
  return product;
}

Resources Resources::max(const Resources& other) const {
  const auto larger = [](std::int64_t a, std::int64_t b) { return std::max(a, b); };
  Resources result;
  std::ranges::transform(slots_, other.slots_, result.slots_.begin(), larger);
  result.overflow_ = combined(overflow_, other.overflow_, larger);
  return result;
}

Resources Resources::min(const Resources& other) const {
  const auto smaller = [](std::int64_t a, std::int64_t b) { return std::min(a, b); };
  Resources result;
  std::ranges::transform(slots_, other.slots_, result.slots_.begin(), smaller);
  result.overflow_ = combined(overflow_, other.overflow_, smaller);
  return result;
}

bool Resources::fits(const Resources& total) const {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    if (total.slots_[i] < 0 || slots_[i] > total.slots_[i]) return false;
  }
  if (overflow_.empty() && total.overflow_.empty()) return true;
  return !first_misfit(total);
}

std::optional<std::string> Resources::first_misfit(const Resources& total) const {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    if (total.slots_[i] < 0 || slots_[i] > total.slots_[i]) return std::string(kNames[i]);
  }
  std::optional<std::string> first;
  for (const auto& [name, amount] : overflow_) {
    if (amount > total.get(name)) {
      first = name;
      break;
    }
  }
  for (const auto& [name, amount] : total.overflow_) {
    if (amount < 0 && (!first || name < *first)) first = name;
  }
  return first;
}

std::optional<std::int64_t> Limits::get(std::string_view name) const {
  const auto it = std::ranges::lower_bound(
      amounts, name, {}, [](const auto& entry) { return std::string_view(entry.first); });
  if (it == amounts.end() || it->first != name) return std::nullopt;
  return it->second;
}

std::optional<std::string> Limits::exceeded_by(const Resources& usage) const {
  for (const auto& [name, limit] : amounts) {
    if (usage.get(name) > limit) return name;
  }
  return std::nullopt;
}

Result<std::int64_t> parse_amount(std::string_view name, std::string_view text) {
  const auto quantity = parse_quantity(text);
  if (!quantity) return fail(quantity.error());
  if (name != "cpu") return quantity->value();
  const std::int64_t millis = quantity->milli_value();
  if (millis == INT64_MAX || millis == INT64_MIN) {
    return fail(ErrorCode::Invalid, fmt::format("\"{}\" is too large a quantity of cpu", text),
                fmt::format("write at most {}", format_millis(INT64_MAX - 1)));
  }
  return millis;
}

std::string format_amount(std::string_view name, std::int64_t amount) {
  if (name == "cpu") return format_millis(amount);
  if (is_in_bytes(name)) return format_bytes(amount);
  return fmt::format("{}", amount);
}

std::string to_text(const Resources& resources) {
  std::string text;
  resources.for_each([&](std::string_view name, std::int64_t amount) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", name, format_amount(name, amount));
  });
  return text.empty() ? "nothing" : text;
}

}  // namespace hyperwright::kube
