#include "client/subnet_zones.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

constexpr std::string_view kLineRemedy =
    "write one subnet a line, its id and its zone, such as \"subnet-0a1b2c3d: us-west-2a\"";
constexpr std::string_view kZoneRemedy =
    "write the zone's name, such as us-west-2a: `aws ec2 describe-subnets --subnet-ids {}` shows "
    "it as AvailabilityZone";

// Words of a line, with quotes and the colon after the first one taken off; "#" begins a comment.
std::vector<std::string_view> words_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string_view> words;
  constexpr std::string_view kBetween = " \t\r,:";
  while (true) {
    const std::size_t begin = line.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    std::string_view word = line.substr(0, line.find_first_of(kBetween));
    line.remove_prefix(word.size());
    if (word.size() > 1 && (word.front() == '"' || word.front() == '\'') &&
        word.back() == word.front()) {
      word = word.substr(1, word.size() - 2);
    }
    words.push_back(word);
  }
}

bool is_id(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// "usw2-az1": the id of a zone, where its name ("us-west-2a") is asked for. Nodes carry the name.
bool is_zone_id(std::string_view text) {
  const std::size_t at = text.rfind("-az");
  return at != std::string_view::npos && text.find('-') == at;
}

bool is_zone(std::string_view text) {
  return is_id(text) && !is_zone_id(text) && std::ranges::count(text, '-') >= 2 &&
         !text.starts_with('-') && !text.ends_with('-');
}

}  // namespace

Result<SubnetZones> parse_subnet_zones(std::string_view text, std::string_view file) {
  SubnetZones zones;
  std::map<std::string, int, std::less<>> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) continue;
    const auto wrong = [&](const std::string& what, std::string remedy) {
      return fail(ErrorCode::Invalid, fmt::format("{}:{}: {}", file, number, what),
                  std::move(remedy));
    };
    const std::string_view id = words.front();
    if (!id.starts_with("subnet-") || !is_id(id))
      return wrong(fmt::format("\"{}\" is no subnet id", id), std::string(kLineRemedy));
    if (words.size() == 1)
      return wrong(fmt::format("{} has no zone", id), std::string(kLineRemedy));
    if (words.size() > 2) {
      return wrong(fmt::format("\"{}\" stands after the zone of {}", words[2], id),
                   std::string(kLineRemedy));
    }
    const std::string_view zone = words[1];
    if (!is_zone(zone)) {
      return wrong(fmt::format("{}: \"{}\" is {}", id, zone,
                               is_zone_id(zone) ? "the id of a zone, not its name" : "no zone"),
                   fmt::format(fmt::runtime(kZoneRemedy), id));
    }
    const auto [first, is_new] = lines.emplace(id, number);
    if (!is_new && zones.find(id)->second != zone) {
      return wrong(fmt::format("{} is in {}, but line {} says {}", id, zone, first->second,
                               zones.find(id)->second),
                   "remove the wrong one of the two lines");
    }
    zones.emplace(id, zone);
  }
  if (zones.empty()) {
    return fail(ErrorCode::Invalid, fmt::format("{}: names no subnet", file),
                std::string(kLineRemedy));
  }
  return zones;
}

}  // namespace hyperwright::client
