#include "client/ec2_subnets.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "client/aws_errors.h"
#include "client/json_text.h"
#include "client/url_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr const char* kOperation = "ec2:DescribeSubnets";

// <Response><Errors><Error><Code>, <Message>; older front ends answer <ErrorResponse><Error>.
Error decode_error(int status, const pugi::xml_document& document, std::string_view body) {
  const pugi::xml_node root = document.document_element();
  pugi::xml_node error = root.child("Errors").child("Error");
  if (!error) error = root.child("Error");
  if (!error) return aws_error(kOperation, status, "", beginning_of(body));
  return aws_error(kOperation, status, error.child_value("Code"), error.child_value("Message"));
}

}  // namespace

std::string describe_subnets_form(std::span<const std::string> subnet_ids) {
  std::string form = "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=subnet-id";
  int number = 0;
  for (const std::string& id : subnet_ids) {
    form += fmt::format("&Filter.1.Value.{}={}", ++number, percent_escaped(id));
  }
  return form;
}

Result<json::value> decode_describe_subnets(const HttpResponse& response) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(response.body.data(), response.body.size());
  if (response.status != 200) return fail(decode_error(response.status, document, response.body));
  const pugi::xml_node root = document.document_element();
  if (!parsed || std::string_view(root.name()) != "DescribeSubnetsResponse") {
    return fail(ErrorCode::Invalid,
                fmt::format("{}: the answer is no DescribeSubnetsResponse: \"{}\"", kOperation,
                            beginning_of(response.body)),
                "check --endpoint, or give the zones with --subnet-zones FILE");
  }
  json::array subnets;
  for (const pugi::xml_node item : root.child("subnetSet").children("item")) {
    subnets.push_back(json::object{{"SubnetId", item.child_value("subnetId")},
                                   {"AvailabilityZone", item.child_value("availabilityZone")},
                                   {"AvailabilityZoneId", item.child_value("availabilityZoneId")}});
  }
  return json::value(json::object{{"Subnets", std::move(subnets)}});
}

}  // namespace hyperwright::client
