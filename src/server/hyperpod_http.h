// The HyperPod API as HTTP: requests read, answers written, without a socket.
//
//   POST / with X-Amz-Target: SageMaker.<Operation>, a JSON body       AWS JSON 1.1
//   POST / with a form body, Action=DescribeSubnets&SubnetId.1=..., or Filter.1.Name=subnet-id&
//   Filter.1.Value.1=...: EC2's Query protocol, XML comes back
//
// A request must carry an Authorization header, as every AWS client sends one. The signature in it
// is NOT checked: whoever reaches the port may do everything. Bind it to the loopback, or put a
// proxy before it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include <boost/json/value.hpp>

#include "server/http_server.h"
#include "service/answer.h"

namespace hyperwright::server {

enum class HyperPodProtocol : std::uint8_t { AwsJson, Ec2Query };

struct HyperPodRequest {
  HyperPodProtocol protocol = HyperPodProtocol::AwsJson;
  std::string operation{};
  boost::json::value body{};
};

// The operation to call, or the answer where it cannot come to one.
std::variant<HyperPodRequest, HttpResponse> read_hyperpod_request(const HttpRequest& request);
HttpResponse write_hyperpod_answer(const service::Answer& answer, HyperPodProtocol protocol);

}  // namespace hyperwright::server
