// Why a pool, or a group or type of a pool, offers nothing at the moment.
#pragma once

#include <string>

namespace hyperwright::scheduling {

struct NotOffered {
  std::string what;  // `NodePool "gpu"`
  std::string why;   // "is not Ready: NodeClassReady"
};

}  // namespace hyperwright::scheduling
