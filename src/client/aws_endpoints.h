// Where AWS's services answer.
//
//   an endpoint of one's own   AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services
//                              section, the profile's endpoint_url; the first that is set counts,
//                              and none where AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true
//   the region's endpoint      under the domain of its partition (aws, aws-cn, aws-us-gov, ...)
//
// The Price List service answers in a few regions, for all of its partition's.
//
// Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints"; botocore's partitions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "client/aws_profiles.h"
#include "client/environment.h"

namespace hyperwright::client {

enum class AwsService : std::uint8_t { SageMaker, Ec2, Sts, Pricing, Sso };
inline constexpr std::size_t kAwsServices = 5;

// What the signature names the service: "sagemaker".
std::string_view signing_name(AwsService service);

// "" where AWS does not offer the service in this partition.
std::string regional_endpoint(AwsService service, std::string_view region);
// Where the signature must be made for: the region itself but for Pricing; "" as above.
std::string signing_region(AwsService service, std::string_view region);

// "": none is configured. Without a slash at its end. Fails with Invalid where it is no URL, and
// names the variable or the file.
Result<std::string> configured_endpoint(AwsService service, const Environment& environment,
                                        const AwsProfiles& profiles);
// The variable for this service alone.
Result<std::string> configured_endpoint_of_service(AwsService service,
                                                   const Environment& environment);

// Fails with Invalid; `where` names what holds the URL. Slashes at its end are cut.
Result<std::string> checked_endpoint(const std::string& url, std::string_view where);

// Letters, digits and dashes: a region goes into host names.
bool is_region(std::string_view text);

}  // namespace hyperwright::client
