// What AWS's error names mean to us: the code that decides whether to ask again, and what a person
// can do.
//
// Sources: SageMaker API Reference, "Common Errors" and each operation's "Errors"; EC2 API
// Reference, "Error codes".
#pragma once

#include <string_view>

#include "base/error.h"

namespace hyperwright::client {

// `name` as the service says it ("ResourceNotFound"); empty: the answer has none, the status
// decides. `operation` is for the sentence: "DescribeCluster: ResourceNotFound: Cluster gpu not
// found".
Error aws_error(std::string_view operation, int status, std::string_view name,
                std::string_view message);

}  // namespace hyperwright::client
