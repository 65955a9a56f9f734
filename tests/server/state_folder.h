// A state file in a folder of its own.
#pragma once

#include <string>

#include "tests/client/scratch_folder.h"

namespace hyperwright::server {

class StateFolder {
 public:
  [[nodiscard]] std::string file() const { return (folder_.path() / "state.db").string(); }

 private:
  client::ScratchFolder folder_;
};

}  // namespace hyperwright::server
