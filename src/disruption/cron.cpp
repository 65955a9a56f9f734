#include "disruption/cron.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::disruption {
namespace {

struct Field {
  std::string_view name;
  std::int32_t first;
  std::int32_t last;
  std::span<const std::string_view> words;  // the first stands for `first`
};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekDays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};
constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day of month", 1, 31, {}},
                                           {"month", 1, 12, kMonths},
                                           {"day of week", 0, 6, kWeekDays}}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kDescriptors = {
    {{"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"},
     {"@monthly", "0 0 1 * *"},
     {"@weekly", "0 0 * * 0"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@hourly", "0 * * * *"}}};

struct Values {
  std::uint64_t bits = 0;
  bool is_any = false;
};

// The part before the separator; what is behind it stays in `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return head;
}

Failure bad(const Field& field, std::string_view part, std::string_view why) {
  return fail(
      ErrorCode::Invalid, fmt::format("{} \"{}\" {}", field.name, part, why),
      R"(write five fields such as "0 9 * * mon-fri", or @hourly, @daily, @weekly, @monthly, @yearly)");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::int32_t> value_of(const Field& field, std::string_view text) {
  std::string word(text);
  for (char& c : word) c = lower(c);
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (field.words[i] == word) return field.first + static_cast<std::int32_t>(i);
  }
  return parse_count(text);
}

// One member of a list: "*", "5", "1-5", "*/15", "8-17/2", "3/4" (from 3 to the end).
Result<Values> read_part(const Field& field, std::string_view part) {
  std::string_view step_text = part;
  std::string_view high_text = cut(step_text, '/');
  const bool has_step = part.find('/') != std::string_view::npos;
  const bool has_high = high_text.find('-') != std::string_view::npos;
  const std::string_view low_text = cut(high_text, '-');
  const bool is_star = (low_text == "*" || low_text == "?") && !has_high;

  const auto step = has_step ? parse_count(step_text) : std::optional<std::int32_t>(1);
  if (!step || *step == 0) return bad(field, part, "has a step that is no whole number above 0");
  std::int32_t low = field.first;
  std::int32_t high = field.last;
  if (!is_star) {
    const auto from = value_of(field, low_text);
    const auto to = has_high ? value_of(field, high_text) : from;
    if (!from || !to) return bad(field, part, "cannot be read");
    low = *from;
    high = has_step && !has_high ? field.last : *to;
  }
  if (low < field.first || high > field.last) {
    return bad(field, part, fmt::format("is outside of {} to {}", field.first, field.last));
  }
  if (low > high) return bad(field, part, "ends before it begins");
  Values values{.is_any = is_star && *step == 1};
  for (std::int32_t value = low; value <= high; value += *step)
    values.bits |= std::uint64_t{1} << value;
  return values;
}

Result<Values> read_field(const Field& field, std::string_view text) {
  Values all;
  std::string_view rest = text;
  do {
    const auto part = read_part(field, cut(rest, ','));
    if (!part) return fail(part.error());
    all.bits |= part->bits;
    all.is_any = all.is_any || part->is_any;
  } while (!rest.empty());
  if (text.ends_with(',')) return bad(field, text, "ends with a comma");
  return all;
}

bool has(std::uint64_t bits, std::int64_t value) { return (bits >> value & 1) != 0; }

struct Date {
  std::int64_t month = 1;
  std::int64_t day = 1;
};

// Howard Hinnant's civil_from_days, from 1970-01-01 on.
Date date_of(std::int64_t days_since_1970) {
  const std::int64_t shifted = days_since_1970 + 719468;
  const std::int64_t day_of_era = shifted % 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  return {march_month < 10 ? march_month + 3 : march_month - 9,
          day_of_year - (153 * march_month + 2) / 5 + 1};
}

constexpr std::int64_t kMinutesADay = std::int64_t{24} * 60;

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  for (const auto& [name, fields] : kDescriptors) {
    if (text == name) return parse(fields);
  }
  std::array<Values, kFields.size()> values;
  std::size_t count = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view word = cut(rest, ' ');
    if (word.empty()) continue;
    if (count < kFields.size()) {
      const auto field = read_field(kFields[count], word);
      if (!field) return fail(field.error(), fmt::format("schedule \"{}\"", text));
      values[count] = *field;
    }
    ++count;
  }
  if (count != kFields.size()) {
    return fail(
        ErrorCode::Invalid, fmt::format("schedule \"{}\" has {} fields, not 5", text, count),
        R"(write minute, hour, day of month, month and day of week, such as "0 9 * * mon-fri")");
  }
  Cron cron;
  cron.minutes_ = values[0].bits;
  cron.hours_ = values[1].bits;
  cron.month_days_ = values[2].bits;
  cron.months_ = values[3].bits;
  cron.week_days_ = values[4].bits;
  cron.any_month_day_ = values[2].is_any;
  cron.any_week_day_ = values[4].is_any;
  return cron;
}

bool Cron::is_on_day(std::int64_t days_since_1970) const {
  const Date date = date_of(days_since_1970);
  if (!has(months_, date.month)) return false;
  const bool on_month_day = has(month_days_, date.day);
  const bool on_week_day = has(week_days_, (days_since_1970 + 4) % 7);  // 1970-01-01 was a Thursday
  return any_month_day_ || any_week_day_ ? on_month_day && on_week_day
                                         : on_month_day || on_week_day;
}

Time Cron::next_after(Time time) const {
  // A leap day comes back after 8 years at the latest (1896 to 1904).
  static constexpr std::int64_t kDaysMax = std::int64_t{8} * 366;
  const std::int64_t first_minute = std::max<std::int64_t>(0, time.unix_seconds() / 60 + 1);
  const std::int64_t first_day = first_minute / kMinutesADay;
  for (std::int64_t day = first_day; day <= first_day + kDaysMax; ++day) {
    if (!is_on_day(day)) continue;
    for (std::int64_t minute = day == first_day ? first_minute % kMinutesADay : 0;
         minute < kMinutesADay; ++minute) {
      if (!has(hours_, minute / 60) || !has(minutes_, minute % 60)) continue;
      return Time::from_unix_seconds((day * kMinutesADay + minute) * 60);
    }
  }
  return Time::max();
}

}  // namespace hyperwright::disruption
