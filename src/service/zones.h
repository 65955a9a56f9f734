// Subnets and their availability zones.
//
// A subnet that the scenario does not place gets its zone from the order in which requests name new
// subnets: the first one is in zone a of the region, the second in b, the third in c, the fourth in
// a again. Zone ids follow the letters: us-east-1a is use1-az1. (In AWS the letters are shuffled
// for each account.)
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/turn.h"

namespace hyperwright::service {

// "us-east-1a" to "use1-az1", "ap-southeast-2b" to "apse2-az2".
std::string zone_id_of(std::string_view zone);
// The subnets of the scenario become known at the start. Those that are known stay where they are:
// nodes may be in them.
void place_scenario_subnets(ControlPlane& state, const Scenario& scenario);
// Subnets that are named for the first time get their zone.
void place_subnets(Turn& turn, std::span<const std::string> ids);

// Where nodes of this group can be: its own subnets, or the cluster's, in their order.
std::vector<hyperpod::Subnet> places_of(const ControlPlane& state, const ClusterRecord& cluster,
                                        const GroupRecord& group);

}  // namespace hyperwright::service
