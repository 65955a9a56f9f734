// ec2:DescribeSubnets, as far as an autoscaler asks it: which zone each subnet is in.
#include <algorithm>

#include <boost/json.hpp>

#include "service/operations.h"

namespace hyperwright::service {

Answer describe_subnets(Turn& turn, const RequestReader& request, RequestProblems& problems) {
  const auto ids = request.texts("SubnetIds", {}, {.max = 32});
  if (const auto wrong = problems.answer()) return *wrong;
  const std::vector<hyperpod::Subnet>& known = turn.state.subnets;
  for (const std::string& id : ids) {
    if (std::ranges::find(known, id, &hyperpod::Subnet::id) == known.end())
      return subnet_not_found(id);
  }
  boost::json::array list;
  for (const hyperpod::Subnet& subnet : known) {
    // No ids: all of them.
    if (!ids.empty() && std::ranges::find(ids, subnet.id) == ids.end()) continue;
    list.emplace_back(boost::json::object{{"SubnetId", subnet.id},
                                          {"AvailabilityZone", subnet.zone},
                                          {"AvailabilityZoneId", subnet.zone_id}});
  }
  return success({{"Subnets", std::move(list)}});
}

}  // namespace hyperwright::service
