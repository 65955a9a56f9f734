#include "client/aws_endpoints.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

struct ServiceNames {
  std::string_view signing;
  std::string_view host;      // before the region
  std::string_view variable;  // behind AWS_ENDPOINT_URL_
  std::string_view section;   // in a services section
};

constexpr std::array<ServiceNames, kAwsServices> kNames = {{
    {"sagemaker", "api.sagemaker", "SAGEMAKER", "sagemaker"},
    {"ec2", "ec2", "EC2", "ec2"},
    {"sts", "sts", "STS", "sts"},
    {"pricing", "api.pricing", "PRICING", "pricing"},
    {"awsssoportal", "portal.sso", "SSO", "sso"},
}};

const ServiceNames& names_of(AwsService service) {
  return kNames[static_cast<std::size_t>(service)];
}

struct Partition {
  std::string_view prefix;  // of its regions
  std::string_view domain;
  bool has_price_list;
};

// The last one has every other region.
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn", true},    {"us-gov-", "amazonaws.com", false},
    {"us-isob-", "sc2s.sgov.gov", false}, {"us-isof-", "csp.hci.ic.gov", false},
    {"us-iso-", "c2s.ic.gov", false},     {"eu-isoe-", "cloud.adc-e.uk", false},
    {"eusc-", "amazonaws.eu", false},     {"", "amazonaws.com", true},
};

const Partition& partition_of(std::string_view region) {
  return *std::ranges::find_if(
      kPartitions, [&](const Partition& each) { return region.starts_with(each.prefix); });
}

std::string price_list_region(std::string_view region) {
  if (!partition_of(region).has_price_list) return {};
  if (region.starts_with("cn-")) return "cn-northwest-1";
  if (region.starts_with("ap-")) return "ap-south-1";
  for (const char* nearer_to_europe : {"eu-", "af-", "il-", "me-"}) {
    if (region.starts_with(nearer_to_europe)) return "eu-central-1";
  }
  return "us-east-1";
}

bool is_true(const std::string& text) { return text == "true" || text == "True" || text == "TRUE"; }

}  // namespace

std::string_view signing_name(AwsService service) { return names_of(service).signing; }

std::string signing_region(AwsService service, std::string_view region) {
  return service == AwsService::Pricing ? price_list_region(region) : std::string(region);
}

std::string regional_endpoint(AwsService service, std::string_view region) {
  const std::string where = signing_region(service, region);
  if (where.empty()) return {};
  return fmt::format("https://{}.{}.{}", names_of(service).host, where, partition_of(where).domain);
}

Result<std::string> checked_endpoint(const std::string& url, std::string_view where) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return fail(ErrorCode::Invalid, fmt::format("{} \"{}\" is no URL", where, url),
                "write it as http://host:port or https://host:port");
  }
  return url.substr(0, url.find_last_not_of('/') + 1);
}

Result<std::string> configured_endpoint_of_service(AwsService service,
                                                   const Environment& environment) {
  if (is_true(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("")))
    return std::string();
  const std::string variable = fmt::format("AWS_ENDPOINT_URL_{}", names_of(service).variable);
  const std::string url = environment(variable).value_or("");
  return url.empty() ? Result<std::string>(url) : checked_endpoint(url, variable);
}

Result<std::string> configured_endpoint(AwsService service, const Environment& environment,
                                        const AwsProfiles& profiles) {
  const IniSection* const profile = profiles.find(profiles.selected());
  const std::string ignored = environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
                                  .value_or(value_at(profile, "ignore_configured_endpoint_urls"));
  if (is_true(ignored)) return std::string();
  auto of_service = configured_endpoint_of_service(service, environment);
  if (!of_service || !of_service->empty()) return of_service;
  const std::string everywhere = environment("AWS_ENDPOINT_URL").value_or("");
  if (!everywhere.empty()) return checked_endpoint(everywhere, "AWS_ENDPOINT_URL");

  const std::string where =
      fmt::format("{}: profile \"{}\"", profiles.config_file(), profiles.selected());
  if (const std::string name = value_at(profile, "services"); !name.empty()) {
    const IniSection* const services = profiles.find_services(name);
    if (services == nullptr) {
      return fail(ErrorCode::Invalid,
                  fmt::format("{}: services \"{}\": there is no [services {}]", where, name, name),
                  "add that section, or remove the key");
    }
    const std::string url =
        value_at(services, fmt::format("{}/endpoint_url", names_of(service).section));
    if (!url.empty())
      return checked_endpoint(url, fmt::format("{}: [services {}]: endpoint_url", where, name));
  }
  const std::string url = value_at(profile, "endpoint_url");
  return url.empty() ? Result<std::string>(url) : checked_endpoint(url, where + ": endpoint_url");
}

bool is_region(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace hyperwright::client
