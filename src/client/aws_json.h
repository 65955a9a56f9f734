// AWS JSON 1.1, the protocol of SageMaker: POST /, the operation in X-Amz-Target, JSON both ways.
// Errors carry their name in `__type`, perhaps with a namespace before it, and their sentence in
// `Message` or `message`. Pure: aws_client.h sends.
//
// Source: Smithy, "AWS JSON 1.1 protocol".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "client/http.h"

namespace hyperwright::client {

// "DescribeCluster" of `service_prefix` "SageMaker".
std::vector<HttpHeader> aws_json_headers(std::string_view service_prefix,
                                         std::string_view operation);

// The name of the error in an answer, "ResourceNotFound"; "": it has none.
std::string aws_json_error_name(const HttpResponse& response);

Result<boost::json::value> decode_aws_json(std::string_view operation,
                                           const HttpResponse& response);

}  // namespace hyperwright::client
