#include "service/zones.h"

#include <algorithm>

#include <fmt/format.h>

namespace hyperwright::service {
namespace {

constexpr std::uint64_t kZonesOfARegion = 3;

bool is_known(const ControlPlane& state, std::string_view id) {
  return std::ranges::find(state.subnets, id, &hyperpod::Subnet::id) != state.subnets.end();
}

bool is_of_scenario(const Scenario& scenario, std::string_view id) {
  return std::ranges::any_of(scenario.subnets,
                             [id](const auto& subnet) { return subnet.first == id; });
}

// "southeast" is "se", "gov" is "g" with the next word: the compass points one letter each.
std::string direction_code(std::string_view word) {
  std::string code;
  for (const std::string_view point : {"north", "south", "east", "west", "central"}) {
    if (word.starts_with(point) || word.ends_with(point)) {
      // North and south stand first in a compound, so the list's order is the code's order.
      code += point.front();
    }
  }
  return code.empty() ? std::string(word.substr(0, 1)) : code;
}

}  // namespace

std::string zone_id_of(std::string_view zone) {
  if (zone.empty()) return {};
  const std::int32_t number = zone.back() - 'a' + 1;
  std::string_view region = zone.substr(0, zone.size() - 1);
  std::string code;
  for (bool is_first = true; !region.empty(); is_first = false) {
    const std::size_t dash = region.find('-');
    const std::string_view word = region.substr(0, dash);
    const bool is_digits = std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
    code += is_first || is_digits ? std::string(word) : direction_code(word);
    region = dash == std::string_view::npos ? std::string_view{} : region.substr(dash + 1);
  }
  return fmt::format("{}-az{}", code, number);
}

void place_scenario_subnets(ControlPlane& state, const Scenario& scenario) {
  for (const auto& [id, zone] : scenario.subnets) {
    if (!is_known(state, id)) state.subnets.push_back({id, zone, zone_id_of(zone)});
  }
}

void place_subnets(Turn& turn, std::span<const std::string> ids) {
  for (const std::string& id : ids) {
    if (is_known(turn.state, id)) continue;
    const auto placed = static_cast<std::uint64_t>(
        std::ranges::count_if(turn.state.subnets, [&turn](const hyperpod::Subnet& known) {
          return !is_of_scenario(turn.scenario(), known.id);
        }));
    const char letter = static_cast<char>('a' + placed % kZonesOfARegion);
    const std::string zone = turn.options.region + letter;
    turn.state.subnets.push_back({id, zone, zone_id_of(zone)});
  }
}

std::vector<hyperpod::Subnet> places_of(const ControlPlane& state, const ClusterRecord& cluster,
                                        const GroupRecord& group) {
  std::vector<hyperpod::Subnet> places;
  for (const std::string& id : group.subnets.empty() ? cluster.subnets : group.subnets) {
    const auto at = std::ranges::find(state.subnets, id, &hyperpod::Subnet::id);
    check(at != state.subnets.end(), "every subnet of a cluster was placed when it was named");
    places.push_back(*at);
  }
  return places;
}

}  // namespace hyperwright::service
