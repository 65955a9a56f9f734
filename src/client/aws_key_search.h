// The search for keys in the real world: files, programs and an HTTP client of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/aws_credentials.h"
#include "client/aws_profiles.h"
#include "client/environment.h"
#include "client/http.h"

namespace hyperwright::client {

struct KeySearchSettings {
  Environment environment;
  std::string region;                                  // whose STS is asked
  std::shared_ptr<const HttpConnection> connection{};  // to AWS
};

// Keys by the chain (aws_key_chain.h), renewed before they end. The shared files are read anew at
// each search. Nothing is searched before the first get().
std::shared_ptr<AwsCredentialsProvider> default_credentials(KeySearchSettings settings,
                                                            std::uint64_t seed);

// Waits. NotFound: this is no EC2 instance, or its metadata may not be asked.
Result<std::string> region_of_this_instance(const Environment& environment,
                                            const AwsProfiles& profiles);

}  // namespace hyperwright::client
