#include "hyperpod/discount.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "hyperpod/csv_table.h"

namespace hyperwright::hyperpod {
namespace {

constexpr std::string_view kType = "instance_type";
constexpr std::string_view kGroup = "instance_group";
constexpr std::string_view kCapacityType = "capacity_type";
constexpr std::string_view kPercent = "percent";
constexpr std::array<std::string_view, 4> kColumns = {kType, kGroup, kCapacityType, kPercent};
constexpr std::int64_t kMillion = 1'000'000;

// "12.5" as 125,000; nullopt: no number, more than four decimals, or above 100.
std::optional<std::int32_t> parse_percent(std::string_view text) {
  constexpr std::size_t kDecimals = 4;
  const std::size_t point = text.find('.');
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const bool has_empty_part =
      text.substr(0, point).empty() || (point != std::string_view::npos && fraction.empty());
  if (has_empty_part || fraction.size() > kDecimals) return std::nullopt;
  const auto amount = parse_dollars(text);
  if (!amount || amount->micros() > 100 * kMillion) return std::nullopt;
  return static_cast<std::int32_t>(amount->micros() / 100);
}

bool fits(std::string_view named, std::string_view offered) {
  return named.empty() || named == offered;
}

}  // namespace

Result<Discounts> Discounts::parse(std::string_view csv, const InstanceTypes& types) {
  CsvTable table;
  if (Status read = table.read(csv, kColumns, {kPercent}); !read) return fail(read.error());
  Discounts discounts;
  for (const CsvRow& row : table.rows()) {
    Discount discount{.type = std::string(row.get(kType)),
                      .group = std::string(row.get(kGroup)),
                      .capacity_type = std::string(row.get(kCapacityType))};
    if (!discount.type.empty() && types.find(discount.type) == nullptr) {
      return bad_line(row.line, fmt::format("{} \"{}\" is not known", kType, discount.type),
                      "write a type as HyperPod does, with the ml. prefix");
    }
    if (!discount.capacity_type.empty() &&
        discount.capacity_type != karpenter_word(CapacityType::OnDemand) &&
        discount.capacity_type != karpenter_word(CapacityType::Spot)) {
      return bad_line(row.line,
                      fmt::format("{} \"{}\" is not known", kCapacityType, discount.capacity_type),
                      "write on-demand or spot, or nothing for both");
    }
    const auto off = parse_percent(row.get(kPercent));
    if (!off) {
      return bad_line(row.line, fmt::format("{} \"{}\" is no share", kPercent, row.get(kPercent)),
                      "write a number from 0 to 100 with at most four decimals, such as 12.5");
    }
    discount.millionths_off = *off;
    discounts.list.push_back(std::move(discount));
  }
  return discounts;
}

MicroDollars Discounts::applied_to(MicroDollars price, std::string_view type,
                                   std::string_view group, CapacityType capacity_type) const {
  const auto discount = std::ranges::find_if(list, [&](const Discount& each) {
    return fits(each.type, type) && fits(each.group, group) &&
           fits(each.capacity_type, karpenter_word(capacity_type));
  });
  if (discount == list.end() || capacity_type == CapacityType::Reserved) return price;
  const std::int64_t kept = kMillion - discount->millionths_off;
  // In two parts, so that the product of no price overflows.
  const std::int64_t whole = price.micros() / kMillion;
  const std::int64_t rest = price.micros() % kMillion;
  return MicroDollars(whole * kept + (rest * kept + kMillion / 2) / kMillion);
}

}  // namespace hyperwright::hyperpod
