#include "client/aws_operation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "client/aws_json.h"
#include "client/ec2_subnets.h"
#include "client/sts_query.h"
#include "kube/json_members.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

struct Operation {
  std::string_view name;
  AwsService service;
};

// Every other operation is SageMaker's.
constexpr Operation kElsewhere[] = {
    {"DescribeSubnets", AwsService::Ec2},
    {"GetCallerIdentity", AwsService::Sts},
    {"GetProducts", AwsService::Pricing},
};

// Of hyperpod::describe_subnets_request.
std::vector<std::string> subnet_ids(const json::value& body) {
  std::vector<std::string> ids;
  for (const json::value& filter : kube::list_at(body, "Filters")) {
    for (const json::value& id : kube::list_at(filter, "Values")) {
      if (id.is_string()) ids.emplace_back(id.get_string());
    }
  }
  return ids;
}

std::string form_of(AwsService service, const json::value& body) {
  return service == AwsService::Sts ? get_caller_identity_form()
                                    : describe_subnets_form(subnet_ids(body));
}

bool is_by_form(AwsService service) {
  return service == AwsService::Ec2 || service == AwsService::Sts;
}

// "ExpiredToken", whatever the protocol says it in; "": none is said.
std::string error_name_of(const HttpResponse& response) {
  if (!response.body.starts_with('<')) return aws_json_error_name(response);
  pugi::xml_document document;
  document.load_buffer(response.body.data(), response.body.size());
  const pugi::xml_node root = document.document_element();
  const pugi::xml_node errors = root.child("Errors");  // EC2's; STS has none around its error
  return (errors ? errors : root).child("Error").child_value("Code");
}

Result<json::value> decode(const std::string& operation, const HttpResponse& response) {
  switch (service_of(operation)) {
    case AwsService::Ec2:
      return decode_describe_subnets(response);
    case AwsService::Sts:
      return decode_caller_identity(response);
    case AwsService::Pricing:
      if (response.status == 404 ||
          (response.status != 200 && error_name_of(response) == "UnknownOperationException")) {
        return fail(ErrorCode::NotFound,
                    fmt::format("pricing:{} is not offered by this endpoint", operation));
      }
      return decode_aws_json(operation, response);
    default:
      return decode_aws_json(operation, response);
  }
}

}  // namespace

AwsService service_of(std::string_view operation) {
  const auto* const at = std::ranges::find(kElsewhere, operation, &Operation::name);
  return at == std::end(kElsewhere) ? AwsService::SageMaker : at->service;
}

bool is_read(std::string_view operation) {
  return operation.starts_with("Describe") || operation.starts_with("List") ||
         operation.starts_with("Get");
}

Result<AwsCall> make_aws_call(const std::string& operation, const json::value& body,
                              const AwsSettings& settings) {
  const AwsService service = service_of(operation);
  const std::string& endpoint = endpoint_of(settings, service);
  if (endpoint.empty()) {
    return fail(ErrorCode::NotFound,
                fmt::format("{}:{} is not offered in {}", signing_name(service), operation,
                            settings.region));
  }
  AwsCall call;
  call.region = signing_region(service, settings.region);
  // Where AWS does not offer it, it is an endpoint of one's own.
  if (call.region.empty()) call.region = settings.region;
  HttpRequest& request = call.request;
  request.method = HttpMethod::Post;
  request.url = endpoint + "/";
  request.deadline = settings.deadline;
  request.connection = settings.connection;
  if (is_by_form(service)) {
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.body = form_of(service, body);
  } else {
    request.headers = aws_json_headers(
        service == AwsService::Pricing ? "AWSPriceListService" : "SageMaker", operation);
    request.body = json::serialize(body);
  }
  return call;
}

Result<json::value> decode_aws_answer(const std::string& operation,
                                      const Result<HttpResponse>& response) {
  auto result = response ? decode(operation, *response)
                         : Result<json::value>(fail(response.error(), operation));
  if (result || result.error().code() != ErrorCode::Unknown || !is_read(operation)) return result;
  return fail(ErrorCode::Unavailable, result.error().text(), result.error().remedy());
}

bool is_refusal_of_keys(const HttpResponse& response) {
  if (response.status < 400 || response.status >= 500) return false;
  static constexpr std::string_view kNames[] = {
      "ExpiredToken",         "ExpiredTokenException", "UnrecognizedClientException",
      "InvalidClientTokenId", "AuthFailure",           "RequestExpired"};
  return std::ranges::find(kNames, error_name_of(response)) != std::end(kNames);
}

}  // namespace hyperwright::client
