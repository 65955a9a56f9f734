// What the flags of a command, and the files that they name, tell of the cluster.
#pragma once

#include "base/error.h"
#include "cli/controller_options.h"
#include "client/subnet_zones.h"
#include "hyperpod/instance_type.h"
#include "state/options.h"

namespace hyperwright::cli {

struct Facts {
  state::Options core;
  hyperpod::InstanceTypes types;
  std::string own_prices;  // the text of --prices, which `types` has
  client::SubnetZones zones;
};
// Fails with Invalid, and the flag or the line of the file.
Result<Facts> facts_of(const ControllerOptions& options);

}  // namespace hyperwright::cli
