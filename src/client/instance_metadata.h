// The EC2 instance metadata service, version 2: a token first (PUT), then what is asked for.
// Version 1, which gives keys to anybody who can make a process fetch a URL, is not used.
//
//   AWS_EC2_METADATA_DISABLED=true         it is not asked
//   AWS_EC2_METADATA_SERVICE_ENDPOINT      where it answers; also ec2_metadata_service_endpoint
//   AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE IPv6: its address in IPv6
//   AWS_METADATA_SERVICE_TIMEOUT, _NUM_ATTEMPTS   seconds of an attempt (1), attempts (2)
//
// Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata"; AWS SDKs
// and Tools Reference Guide, "IMDS credential provider".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "client/aws_key_sources.h"

namespace hyperwright::client {

// NotFound: there is no such service, it is switched off, or it does not know the path.
class InstanceMetadata {
 public:
  explicit InstanceMetadata(const KeySearch& search) : search_(search) {}
  // "latest/meta-data/placement/region"
  Result<std::string> get(std::string_view path);

 private:
  Result<std::string> token();

  const KeySearch& search_;
  std::string token_;
};

// The region of the instance.
Result<std::string> region_from_instance_metadata(const KeySearch& search);

}  // namespace hyperwright::client
