// ec2:DescribeSubnets by EC2's Query protocol (a form goes in, XML comes out): which zone each
// subnet is in, which HyperPod does not say. Pure: aws_client.h sends.
//
// Source: EC2 API Reference, DescribeSubnets; "Making requests with the Query API".
#pragma once

#include <span>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/http.h"

namespace hyperwright::client {

// By a filter, which EC2 answers for those that exist; of ids it refuses all where one does not.
// Requires kFilterValuesMax ids or fewer (hyperpod/wire.h).
std::string describe_subnets_form(std::span<const std::string> subnet_ids);

// {"Subnets": [{"SubnetId", "AvailabilityZone", "AvailabilityZoneId"}]}, as EC2's JSON clients show
// it.
Result<boost::json::value> decode_describe_subnets(const HttpResponse& response);

}  // namespace hyperwright::client
