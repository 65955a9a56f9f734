#include "client/instance_metadata.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "client/aws_endpoints.h"
#include "client/aws_key_documents.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace {

constexpr const char* kSource = "iam-role";
constexpr std::string_view kRoles = "latest/meta-data/iam/security-credentials/";

std::string setting(const KeySearch& search, const char* variable, std::string_view key) {
  if (const auto value = search.access.environment(variable); value && !value->empty())
    return *value;
  return value_at(search.profiles.find(search.profiles.selected()), key);
}

std::int32_t count(const KeySearch& search, const char* variable, std::string_view key,
                   std::int32_t otherwise) {
  const auto value = parse_count(setting(search, variable, key));
  return value && *value > 0 ? std::min(*value, 60) : otherwise;
}

std::string base_url(const KeySearch& search) {
  std::string url =
      setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
  if (url.empty()) {
    const std::string mode = lower(setting(search, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                           "ec2_metadata_service_endpoint_mode"));
    url = mode == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  }
  return url.ends_with('/') ? url : url + '/';
}

HttpRequest request_to(const KeySearch& search, HttpMethod method, std::string_view path) {
  HttpRequest request;
  request.method = method;
  request.url = base_url(search) + std::string(path);
  request.deadline = Duration::seconds(
      count(search, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1));
  request.connection = direct_connection();  // it is on this machine
  return request;
}

Result<std::string> answer_of(const KeySearch& search, const HttpRequest& request,
                              std::string_view what) {
  const int attempts =
      count(search, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 2);
  const auto response = ask(search, request, attempts);
  if (!response) return fail(ErrorCode::NotFound, response.error().text());
  if (response->status == 200 && !response->body.empty()) return response->body;
  return fail(ErrorCode::NotFound,
              fmt::format("{}: HTTP {}{}", what, response->status,
                          response->status == 200 ? " with nothing in it" : ""));
}

}  // namespace

Result<std::string> InstanceMetadata::token() {
  if (lower(search_.access.environment("AWS_EC2_METADATA_DISABLED").value_or("")) == "true")
    return fail(ErrorCode::NotFound, "AWS_EC2_METADATA_DISABLED is true");
  if (!token_.empty()) return token_;
  HttpRequest request = request_to(search_, HttpMethod::Put, "latest/api/token");
  request.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
  auto token = answer_of(search_, request, "no token");
  if (token) token_ = *token;
  return token;
}

Result<std::string> InstanceMetadata::get(std::string_view path) {
  const auto token_for_it = token();
  if (!token_for_it) return fail(token_for_it.error());
  HttpRequest request = request_to(search_, HttpMethod::Get, path);
  request.headers = {{"x-aws-ec2-metadata-token", *token_for_it}};
  return answer_of(search_, request, path);
}

Result<std::string> region_from_instance_metadata(const KeySearch& search) {
  auto region = InstanceMetadata(search).get("latest/meta-data/placement/region");
  if (!region || is_region(*region)) return region;
  return fail(ErrorCode::NotFound, fmt::format("\"{}\" is no region", beginning_of(*region)));
}

// Its keys may be over already while the service that makes them is in trouble; they are accepted
// longer than they say then, so they are used on.
Result<Found> keys_from_instance_metadata(const KeySearch& search) {
  const auto none = [&](const std::string& why) { return Found(NoKeys{kSource, why}); };
  InstanceMetadata metadata(search);
  auto role = metadata.get(kRoles);
  if (!role) return none("instance metadata: " + role.error().text());
  role->erase(std::min(role->find_first_of("\r\n"), role->size()));
  const auto document = metadata.get(std::string(kRoles) + *role);
  if (!document) return none("instance metadata: " + document.error().text());
  auto obtained = parse_endpoint_keys(*document);
  if (!obtained) {
    return none(fmt::format("instance metadata: role {}: {}", beginning_of(*role),
                            obtained.error().text()));
  }
  constexpr Duration kUsedOn = Duration::minutes(15);
  obtained->expires = std::max(obtained->expires, search.now + kUsedOn);
  obtained->source = kSource;
  obtained->detail = fmt::format("role {} of the instance", beginning_of(*role));
  return Found(*std::move(obtained));
}

}  // namespace hyperwright::client
