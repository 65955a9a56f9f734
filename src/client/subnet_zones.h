// Zones of subnets from a file, for callers who may not ask EC2 (ec2:DescribeSubnets).
//
//   # one subnet a line: its id and the name of its zone
//   subnet-0a1b2c3d: us-west-2a
//   subnet-4e5f6a7b  us-west-2b
//
// The colon is optional, so that the text which the aws command line prints is such a file:
//   aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZone]' --output text
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright::client {

using SubnetZones = std::map<std::string, std::string, std::less<>>;  // subnet id: zone's name

// `file` is its name in errors. Fails with Invalid and the line. A file that names no subnet is an
// error, too: it would leave all of them without a zone.
Result<SubnetZones> parse_subnet_zones(std::string_view text, std::string_view file);

}  // namespace hyperwright::client
