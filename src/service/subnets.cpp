// ec2:DescribeSubnets, as far as an autoscaler asks it: which zone each subnet is in. Of ids EC2
// refuses all where one does not exist; through the filter subnet-id it answers for those that do.
#include <algorithm>

#include <boost/json.hpp>

#include "hyperpod/wire.h"
#include "service/operations.h"

namespace hyperwright::service {
namespace {

struct Filter {
  std::string name;
  std::vector<std::string> values;
};

std::vector<Filter> read_filters(const RequestReader& request) {
  std::vector<Filter> filters;
  for (const RequestReader& filter : request.objects("Filters", {}))
    filters.push_back({filter.text("Name", {}), filter.texts("Values", {}, {})});
  return filters;
}

// To ignore a filter would be to answer another question.
std::optional<Answer> filter_refusal(const Filter& filter) {
  if (filter.name != "subnet-id")
    return invalid_parameter_value(fmt::format("The filter '{}' is invalid", filter.name));
  if (filter.values.empty())
    return invalid_parameter_value("The filter 'subnet-id' must have a value");
  if (filter.values.size() > hyperpod::kFilterValuesMax) return filter_limit_exceeded();
  for (const std::string& value : filter.values) {
    if (value.find_first_of("*?") != std::string::npos)
      return invalid_parameter_value(
          fmt::format("This endpoint does not support the wildcard of '{}'", value));
  }
  return std::nullopt;
}

}  // namespace

Answer describe_subnets(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const auto ids = request.texts("SubnetIds", {}, {.max = 32});
  const std::vector<Filter> filters = read_filters(request);
  if (const auto wrong = problems.answer()) return *wrong;
  for (const Filter& filter : filters) {
    if (const auto refusal = filter_refusal(filter)) return *refusal;
  }
  const std::vector<hyperpod::Subnet>& known = turn.state.subnets;
  for (const std::string& id : ids) {
    if (std::ranges::find(known, id, &hyperpod::Subnet::id) == known.end())
      return subnet_not_found(id);
  }
  const auto is_wanted = [&](const std::string& id) {
    if (!ids.empty() && std::ranges::find(ids, id) == ids.end()) return false;
    return std::ranges::all_of(filters, [&](const Filter& filter) {
      return std::ranges::find(filter.values, id) != filter.values.end();
    });
  };
  boost::json::array list;
  for (const hyperpod::Subnet& subnet : known) {
    if (!is_wanted(subnet.id)) continue;
    list.emplace_back(boost::json::object{{"SubnetId", subnet.id},
                                          {"AvailabilityZone", subnet.zone},
                                          {"AvailabilityZoneId", subnet.zone_id}});
  }
  return success({{"Subnets", std::move(list)}});
}

}  // namespace hyperwright::service
