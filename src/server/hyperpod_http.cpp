#include "server/hyperpod_http.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json_members.h"
#include "service/hyperpod_service.h"

namespace hyperwright::server {
namespace json = boost::json;
namespace {

using kube::text_at;
using service::Answer;
using Form = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kTargetPrefix = "SageMaker.";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kEc2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// A malformed escape stands for itself.
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() && text[i] == '%' ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    if (low) {
      result += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

Form parse_form(std::string_view text) {
  Form form;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    form.emplace_back(unescaped(pair.substr(0, equals)),
                      unescaped(pair.substr(std::min(equals + 1, pair.size()))));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return form;
}

std::string xml_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

HttpResponse xml(int status, std::string_view content) {
  return {.status = status,
          .content_type = "text/xml;charset=UTF-8",
          .headers = {},
          .body = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", content)};
}

HttpResponse ec2_error(int status, std::string_view code, std::string_view message) {
  return xml(status, fmt::format("<Response><Errors><Error><Code>{}</Code><Message>{}</Message></"
                                 "Error></Errors></Response>",
                                 xml_escaped(code), xml_escaped(message)));
}

HttpResponse ec2_subnets(const json::value& body) {
  std::string items;
  for (const json::value& subnet : body.at("Subnets").as_array()) {
    items += fmt::format(
        "<item><subnetId>{}</subnetId><state>available</state><availabilityZone>{}</"
        "availabilityZone>"
        "<availabilityZoneId>{}</availabilityZoneId></item>",
        xml_escaped(text_at(subnet, "SubnetId")), xml_escaped(text_at(subnet, "AvailabilityZone")),
        xml_escaped(text_at(subnet, "AvailabilityZoneId")));
  }
  return xml(200, fmt::format("<DescribeSubnetsResponse "
                              "xmlns=\"{}\"><subnetSet>{}</subnetSet></DescribeSubnetsResponse>",
                              kEc2Namespace, items));
}

// "Filter.1.Name" and "Filter.1.Value.2" are {"Name", "Values": [...]}. False: it is none of these.
bool put_filter(std::string_view parameter, const std::string& value,
                std::map<std::string, json::object, std::less<>>& filters) {
  constexpr std::string_view kFilter = "Filter.";
  if (!parameter.starts_with(kFilter)) return false;
  parameter.remove_prefix(kFilter.size());
  const std::size_t dot = std::min(parameter.find('.'), parameter.size());
  const std::string_view member = parameter.substr(dot);
  json::object& filter = filters[std::string(parameter.substr(0, dot))];
  if (member == ".Name") {
    filter["Name"] = value;
  } else if (member.starts_with(".Value.")) {
    filter.emplace("Values", json::array()).first->value().as_array().emplace_back(value);
  } else {
    return false;
  }
  return true;
}

std::variant<HyperPodRequest, HttpResponse> read_ec2(const HttpRequest& request) {
  if (request.header("Authorization").empty()) {
    return ec2_error(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  }
  std::string action;
  json::array ids;
  std::map<std::string, json::object, std::less<>> filters;  // by their number
  for (const auto& [name, value] : parse_form(request.body)) {
    if (name == "Action") {
      action = value;
    } else if (name.starts_with("SubnetId.")) {
      ids.emplace_back(value);
    } else if (!put_filter(name, value, filters) && name != "Version") {
      // To ignore a parameter would be to answer another question.
      return ec2_error(400, "InvalidParameterValue",
                       fmt::format("This endpoint does not support the parameter {}", name));
    }
  }
  if (action != service::kDescribeSubnets) {
    return ec2_error(400, "InvalidAction",
                     fmt::format("The action {} is not valid for this web service.", action));
  }
  json::array list;
  for (auto& [number, filter] : filters) list.emplace_back(std::move(filter));
  return HyperPodRequest{HyperPodProtocol::Ec2Query, action,
                         json::object{{"SubnetIds", std::move(ids)}, {"Filters", std::move(list)}}};
}

std::variant<HyperPodRequest, HttpResponse> read_aws_json(const HttpRequest& request) {
  const auto refuse = [](const Answer& answer) {
    return write_hyperpod_answer(answer, HyperPodProtocol::AwsJson);
  };
  std::string_view target = request.header("X-Amz-Target");
  if (request.header("Authorization").empty())
    return refuse(service::missing_authentication_token());
  if (!target.starts_with(kTargetPrefix)) return refuse(service::unknown_operation(target));
  target.remove_prefix(kTargetPrefix.size());
  if (target == service::kDescribeSubnets) return refuse(service::unknown_operation(target));
  boost::system::error_code error;
  json::value body = json::parse(request.body, error);
  if (error)
    return refuse(
        service::serialization_error("The request's body is no JSON: " + error.message()));
  return HyperPodRequest{HyperPodProtocol::AwsJson, std::string(target), std::move(body)};
}

}  // namespace

std::variant<HyperPodRequest, HttpResponse> read_hyperpod_request(const HttpRequest& request) {
  if (request.method != "POST" || request.path != "/") {
    return write_hyperpod_answer(service::unknown_operation(request.method + " " + request.path),
                                 HyperPodProtocol::AwsJson);
  }
  const bool is_form = request.header("Content-Type").starts_with(kFormType);
  return is_form && request.header("X-Amz-Target").empty() ? read_ec2(request)
                                                           : read_aws_json(request);
}

HttpResponse write_hyperpod_answer(const Answer& answer, HyperPodProtocol protocol) {
  if (protocol == HyperPodProtocol::Ec2Query) {
    return answer.is_success()
               ? ec2_subnets(answer.body())
               : ec2_error(answer.http_status(), answer.error_type(), answer.error_message());
  }
  HttpResponse response{.status = answer.http_status(),
                        .content_type = "application/x-amz-json-1.1",
                        .headers = {},
                        .body = json::serialize(answer.body())};
  if (!answer.is_success()) response.headers.emplace_back("x-amzn-ErrorType", answer.error_type());
  return response;
}

}  // namespace hyperwright::server
