#include "scheduling/attach_limits.h"

#include <algorithm>

#include "kube/volumes.h"

namespace hyperwright::scheduling {
namespace {

// The Node of an entry, "" if there is none yet, and its claim, "" if it has none.
std::pair<std::string, std::string> names_of(const ExistingNode& entry,
                                             const state::ClusterState& state) {
  if (entry.node.empty()) {
    const state::ClaimRecord* claim = state.find_claim(entry.claim);
    return {claim == nullptr ? std::string{} : claim->node_name, std::string(entry.claim)};
  }
  const state::NodeRecord* node = state.find_node(entry.node);
  return {std::string(entry.node), node == nullptr ? std::string{} : node->claim};
}

}  // namespace

AttachLimits::AttachLimits(const state::ClusterState& state, const ExistingNodes& nodes,
                           std::span<const state::PodRecord* const> batch)
    : state_(state), batch_(batch.begin(), batch.end()) {
  std::ranges::sort(batch_);
  learn_limits(nodes);
  if (drivers_.empty()) return;
  learn_batch();
  std::size_t index = 0;
  for (const ExistingNode& entry : nodes.list()) {
    const auto [name, claim] = names_of(entry, state);
    if (!nodes_[index].empty()) learn_node(index, name, claim);
    ++index;
  }
}

void AttachLimits::learn_limits(const ExistingNodes& nodes) {
  if (state_.objects<kube::CsiNode>().empty()) return;
  for (const ExistingNode& entry : nodes.list()) {
    std::vector<Limited>& limited = nodes_.emplace_back();
    const auto* csi = state_.find<kube::CsiNode>("", names_of(entry, state_).first);
    if (csi == nullptr) continue;
    for (const auto& [driver, limit] : csi->limits) {
      const auto id = static_cast<std::uint32_t>(drivers_.size());
      limited.push_back(
          {.driver = drivers_.try_emplace(driver, id).first->second, .left = limit, .known = {}});
    }
  }
}

void AttachLimits::learn_batch() {
  for (const state::PodRecord* record : batch_) {
    if (record->pod.scheduling.volume_claims.empty()) continue;
    for (state::AttachedVolume& volume : state::attached_volumes(state_, record->pod)) {
      if (!drivers_.contains(volume.driver)) continue;
      const auto id = static_cast<std::uint32_t>(volumes_.size());
      const auto [it, is_new] = volumes_.try_emplace(std::move(volume), Volume{id, false});
      if (!is_new) it->second.is_shared = true;
    }
  }
}

void AttachLimits::learn_node(std::size_t node, const std::string& name, const std::string& claim) {
  std::vector<state::AttachedVolume> attached;
  const auto add = [&](const std::vector<const state::PodRecord*>& pods, bool is_nominated) {
    for (const state::PodRecord* pod : pods) {
      if (pod->pod.scheduling.volume_claims.empty()) continue;
      if (is_nominated && std::ranges::binary_search(batch_, pod)) continue;
      for (state::AttachedVolume& volume : state::attached_volumes(state_, pod->pod))
        attached.push_back(std::move(volume));
    }
  };
  if (!name.empty()) add(state_.usage(name).pods, false);
  if (!name.empty()) add(state_.nominated_to_node(name), true);
  if (!claim.empty()) add(state_.nominated_to_claim(claim), true);
  std::ranges::sort(attached);
  const auto same = std::ranges::unique(attached);
  attached.erase(same.begin(), same.end());
  for (const state::AttachedVolume& volume : attached) {
    const auto driver = drivers_.find(volume.driver);
    Limited* limited = driver == drivers_.end() ? nullptr : find(node, driver->second);
    if (limited == nullptr) continue;
    --limited->left;
    const auto wanted = volumes_.find(volume);
    if (wanted == volumes_.end()) continue;
    wanted->second.is_shared = true;
    limited->insert(wanted->second.id);
  }
}

std::vector<AttachedOfDriver> AttachLimits::attached_by(const kube::Pod& pod) const {
  std::vector<AttachedOfDriver> list;
  if (drivers_.empty()) return list;
  for (const state::AttachedVolume& volume : state::attached_volumes(state_, pod)) {
    const auto known = volumes_.find(volume);
    if (known == volumes_.end()) continue;
    const std::uint32_t driver = drivers_.find(volume.driver)->second;
    // They come driver by driver.
    if (list.empty() || list.back().driver != driver)
      list.push_back({.driver = driver, .own = 0, .shared = {}});
    if (known->second.is_shared) {
      list.back().shared.push_back(known->second.id);
    } else {
      ++list.back().own;
    }
  }
  for (AttachedOfDriver& each : list) std::ranges::sort(each.shared);
  return list;
}

AttachLimits::Limited* AttachLimits::find(std::size_t node, std::uint32_t driver) {
  if (node >= nodes_.size()) return nullptr;
  const auto it = std::ranges::find(nodes_[node], driver, &Limited::driver);
  return it == nodes_[node].end() ? nullptr : &*it;
}

const AttachLimits::Limited* AttachLimits::find(std::size_t node, std::uint32_t driver) const {
  if (node >= nodes_.size()) return nullptr;
  const auto it = std::ranges::find(nodes_[node], driver, &Limited::driver);
  return it == nodes_[node].end() ? nullptr : &*it;
}

void AttachLimits::Limited::insert(std::uint32_t volume) {
  known.insert(std::ranges::lower_bound(known, volume), volume);
}

std::int64_t AttachLimits::room_on(std::size_t node, const std::vector<AttachedOfDriver>& attached,
                                   std::int64_t wanted) const {
  for (const AttachedOfDriver& each : attached) {
    const Limited* limited = find(node, each.driver);
    if (limited == nullptr) continue;
    const std::int64_t more = std::ranges::count_if(each.shared, [&](std::uint32_t volume) {
      return !std::ranges::binary_search(limited->known, volume);
    });
    if (each.own == 0 && more == 0) continue;
    const std::int64_t left = limited->left - more;
    if (left < 0) return 0;
    if (each.own > 0) wanted = std::min(wanted, left / each.own);
  }
  return wanted;
}

void AttachLimits::attach(std::size_t node, const std::vector<AttachedOfDriver>& attached,
                          std::int64_t pods) {
  for (const AttachedOfDriver& each : attached) {
    Limited* limited = find(node, each.driver);
    if (limited == nullptr) continue;
    limited->left -= each.own * pods;
    for (const std::uint32_t volume : each.shared) {
      if (std::ranges::binary_search(limited->known, volume)) continue;
      --limited->left;
      limited->insert(volume);
    }
  }
}

}  // namespace hyperwright::scheduling
