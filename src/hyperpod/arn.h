// What stands in an ARN: arn:<partition>:<service>:<region>:<account>:<resource>.
#pragma once

#include <string_view>

namespace hyperwright::hyperpod {

// "us-west-2" of arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl; "" if there is
// none.
std::string_view region_of(std::string_view arn);

}  // namespace hyperwright::hyperpod
