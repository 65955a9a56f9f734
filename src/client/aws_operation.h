// One operation of an AWS API: which service has it, how a call of it is written, how its answer is
// read. Bodies are JSON on our side, whatever the service speaks. Pure: aws_client.h sends.
//
//   SageMaker, Pricing   AWS JSON 1.1
//   ec2:DescribeSubnets, sts:GetCallerIdentity   the Query protocol: a form in, XML out
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/aws_endpoints.h"
#include "client/aws_settings.h"
#include "client/http.h"

namespace hyperwright::client {

AwsService service_of(std::string_view operation);

// Repeating it does nothing more.
bool is_read(std::string_view operation);

struct AwsCall {
  HttpRequest request{};  // without a signature, whose region is:
  std::string region{};
};
// Fails with NotFound where the settings have no endpoint of the service.
Result<AwsCall> make_aws_call(const std::string& operation, const boost::json::value& body,
                              const AwsSettings& settings);

// An answer to a read that got lost is Unavailable: it may be asked for again.
Result<boost::json::value> decode_aws_answer(const std::string& operation,
                                             const Result<HttpResponse>& response);

// AWS did not accept the keys, as when they have ended or were rotated away: others may do.
bool is_refusal_of_keys(const HttpResponse& response);

}  // namespace hyperwright::client
