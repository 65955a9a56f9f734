#include "scheduling/supply.h"

#include <optional>
#include <span>

#include "scheduling/templates.h"

namespace hyperwright::scheduling {

void Supply::follow(const state::ClusterState& state, Time now) {
  std::vector<Daemon> daemons = daemons_of(state);
  const bool is_other = state_ != &state || expectations_version_ != state.expectations_version() ||
                        daemons_ != daemons;
  if (is_other) {
    state_ = &state;
    expectations_version_ = state.expectations_version();
    read_ = state::ChangeLog::kUnknown;
    offerings_version_ = 0;
    daemons_ = std::move(daemons);
    overlays_ = NodeOverlays(state);
  }
  follow_nodes(state);
  if (offerings_version_ != state.offerings_version() || now >= offerings_end_)
    follow_offerings(state, now);
  reservations_ = Reservations(state);
  for (OfferingCatalogue& pool : pools_) look_at_reservations(pool, reservations_, state, now);
}

void Supply::follow_nodes(const state::ClusterState& state) {
  const auto changed = state.change_log().since(read_);
  read_ = state.change_log().end();
  if (!changed) {
    pending_.clear();
    usage_ = PoolUsage(state, overlays_);
    return nodes_.rebuild(state, daemons_);
  }
  ExistingNodes::Changes changes = std::exchange(pending_, {});
  changes.insert(changed->begin(), changed->end());
  if (changes.empty() && state.foreign_claims().empty()) return;
  usage_.update(state, overlays_, changes);
  nodes_.update(state, changes);
}

void Supply::follow_offerings(const state::ClusterState& state, Time now) {
  offerings_version_ = state.offerings_version();
  offerings_end_ = state.next_offer(now);
  Templates templates = templates_of(state, now);
  not_offered_ = std::move(templates.not_offered);
  pools_.clear();
  static_pools_.clear();
  for (PoolTemplates& pool : templates.pools)
    pools_.push_back(catalogue_of(std::move(pool), state, daemons_, now));
}

const OfferingCatalogue& Supply::static_pool(const kube::NodePool& pool, Time now) {
  const auto [it, is_new] = static_pools_.try_emplace(pool.meta.name);
  if (is_new) it->second = catalogue_of(templates_of_pool(pool, *state_, now), *state_, {}, now);
  look_at_reservations(it->second, reservations_, *state_, now);
  return it->second;
}

}  // namespace hyperwright::scheduling
