// ec2:DescribeSubnets for any number of subnets: as many calls as EC2's limit of a filter asks for.
#pragma once

#include <span>
#include <string>

#include "client/aws_client.h"

namespace hyperwright::client {

// {"Subnets": [...]} of those that exist, or the failure of one of the calls. `done` is called as
// that of AwsClient::call. Requires one id at least.
void describe_subnets(AwsClient& aws, std::span<const std::string> ids, AwsClient::Done done);
// Waits. Not to be called from a callback.
Result<boost::json::value> describe_subnets_and_wait(AwsClient& aws,
                                                     std::span<const std::string> ids);

}  // namespace hyperwright::client
