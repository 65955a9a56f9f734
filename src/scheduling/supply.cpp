#include "scheduling/supply.h"

#include <optional>
#include <span>
#include <utility>

#include "scheduling/templates.h"

namespace hyperwright::scheduling {

void Supply::follow(const state::ClusterState& state, Time now) {
  follow_expectations(state);
  follow_changes(state);
  look_at(state, std::exchange(pending_, {}));
  if (offerings_version_ != state.offerings_version() || now >= offerings_end_)
    follow_offerings(state, now);
  reservations_ = Reservations(state);
  for (OfferingCatalogue& pool : pools_) look_at_reservations(pool, reservations_, state, now);
}

bool Supply::prepare(const state::ClusterState& state, std::size_t most) {
  const bool is_other = state_ != &state || expectations_version_ != state.expectations_version();
  const auto changed = state.change_log().since(read_);
  if (!is_other && changed && changed->size() + pending_.size() < most) return false;
  follow_expectations(state);
  follow_changes(state);
  ExistingNodes::Changes part;
  while (!pending_.empty() && part.size() < most)
    part.insert(part.end(), pending_.extract(pending_.begin()));
  look_at(state, part);
  return pending_.size() >= most;
}

void Supply::follow_expectations(const state::ClusterState& state) {
  std::vector<Daemon> daemons = daemons_of(state);
  const bool is_same = state_ == &state && expectations_version_ == state.expectations_version() &&
                       daemons_ == daemons;
  if (is_same) return;
  state_ = &state;
  expectations_version_ = state.expectations_version();
  read_ = state::ChangeLog::kUnknown;
  offerings_version_ = 0;
  daemons_ = std::move(daemons);
  overlays_ = NodeOverlays(state);
}

void Supply::follow_changes(const state::ClusterState& state) {
  const auto changed = state.change_log().since(read_);
  read_ = state.change_log().end();
  if (changed) {
    pending_.insert(changed->begin(), changed->end());
  } else {
    usage_ = {};
    pending_ = nodes_.begin_anew(state, daemons_);
  }
}

void Supply::look_at(const state::ClusterState& state, const ExistingNodes::Changes& changes) {
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
