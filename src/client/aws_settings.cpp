#include "client/aws_settings.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "client/aws_key_search.h"
#include "client/aws_profiles.h"
#include "client/file_text.h"

namespace hyperwright::client {
namespace {

Result<std::string> region_of(const std::string& named, bool may_be_absent,
                              const Environment& environment, const AwsProfiles& profiles) {
  if (!named.empty()) return named;
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = environment(variable); region && !region->empty()) return *std::move(region);
  }
  if (auto region = value_at(profiles.find(profiles.selected()), "region"); !region.empty())
    return region;
  if (may_be_absent) return std::string("us-east-1");
  auto region = region_of_this_instance(environment, profiles);
  if (region) return region;
  return fail(ErrorCode::Invalid,
              fmt::format("no AWS region: AWS_REGION and AWS_DEFAULT_REGION are not set, profile "
                          "\"{}\" has no region, and instance metadata: {}",
                          profiles.selected(), region.error().text()),
              "give --region, such as --region us-west-2, or set AWS_REGION");
}

constexpr std::pair<AwsService, std::string AwsSettings::*> kEndpoints[] = {
    {AwsService::SageMaker, &AwsSettings::sagemaker_endpoint},
    {AwsService::Ec2, &AwsSettings::ec2_endpoint},
    {AwsService::Sts, &AwsSettings::sts_endpoint},
    {AwsService::Pricing, &AwsSettings::pricing_endpoint}};

Status set_own_endpoint(AwsSettings& settings, const std::string& endpoint,
                        const Environment& environment) {
  const auto own = checked_endpoint(endpoint, "endpoint");
  if (!own) return fail(own.error());
  for (const auto& [service, into] : kEndpoints) {
    // The variable of a service is more particular than an endpoint for all; but what is told to
    // be SageMaker is SageMaker.
    const auto configured = configured_endpoint_of_service(service, environment);
    if (!configured) return fail(configured.error());
    const bool is_own = service == AwsService::SageMaker || configured->empty();
    settings.*into = is_own ? *own : *configured;
  }
  return {};
}

Status set_endpoints(AwsSettings& settings, const Environment& environment,
                     const AwsProfiles& profiles) {
  for (const auto& [service, into] : kEndpoints) {
    const auto configured = configured_endpoint(service, environment, profiles);
    if (!configured) return fail(configured.error());
    settings.*into =
        configured->empty() ? regional_endpoint(service, settings.region) : *configured;
  }
  return {};
}

Result<std::shared_ptr<const HttpConnection>> connection_of(const Environment& environment,
                                                            const AwsProfiles& profiles) {
  std::string bundle = environment("AWS_CA_BUNDLE").value_or("");
  const char* where = "AWS_CA_BUNDLE";
  if (bundle.empty()) {
    bundle = home_path(value_at(profiles.find(profiles.selected()), "ca_bundle"), environment);
    where = "ca_bundle of the profile";
  }
  if (bundle.empty()) return std::shared_ptr<const HttpConnection>();
  if (const auto text = read_file_text(bundle); !text) return fail(text.error(), where);
  HttpConnection connection;
  connection.ca_file = bundle;
  return std::make_shared<const HttpConnection>(std::move(connection));
}

}  // namespace

const std::string& endpoint_of(const AwsSettings& settings, AwsService service) {
  const auto* const found =
      std::ranges::find(kEndpoints, service, [](const auto& each) { return each.first; });
  check(found != std::end(kEndpoints), "the service is called with these settings");
  return settings.*found->second;
}

Result<AwsSettings> aws_settings(const std::string& region, const std::string& endpoint,
                                 const Environment& environment) {
  const auto profiles = AwsProfiles::load(environment, read_file_text);
  if (!profiles) return fail(profiles.error());
  const auto found = region_of(region, !endpoint.empty(), environment, *profiles);
  if (!found) return fail(found.error());
  if (!is_region(*found)) {
    return fail(ErrorCode::Invalid, fmt::format("region \"{}\" is no AWS region", *found),
                "write it as us-west-2");
  }
  AwsSettings settings;
  settings.region = *found;
  const Status set = endpoint.empty() ? set_endpoints(settings, environment, *profiles)
                                      : set_own_endpoint(settings, endpoint, environment);
  if (!set) return fail(set.error());
  const auto connection = connection_of(environment, *profiles);
  if (!connection) return fail(connection.error());
  settings.connection = *connection;
  std::random_device entropy;
  settings.credentials = default_credentials(
      {.environment = environment, .region = settings.region, .connection = settings.connection},
      entropy());
  return settings;
}

}  // namespace hyperwright::client
