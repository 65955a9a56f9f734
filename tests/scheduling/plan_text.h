// Who goes where, in words: plans that read the same are the same.
#pragma once

#include <string>

#include "scheduling/plan.h"

namespace hyperwright::scheduling {

// A line for each place that gets pods, and one for those that wait.
std::string text_of(const Plan& plan);

}  // namespace hyperwright::scheduling
