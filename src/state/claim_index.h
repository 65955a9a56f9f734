// Claims, Nodes and instances by what is asked of them again and again, so that nobody walks over
// all of them for it: what a turn costs follows what changed, not what is there. Each set is in the
// order of names, and holds at least those that are meant: who reads it looks closer.
//
// ClusterState keeps it (fold_index.cpp) and makes it anew from what it is restored to; it is no
// state of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "base/time.h"

namespace hyperwright::state {

class ClaimIndex {
 public:
  using Names = std::set<std::string, std::less<>>;
  enum class Of : std::uint8_t {
    // Deleted, not initialized, or without a logical id: their launch or their end may be open.
    Open,
    // Deleted, and HyperPod has not taken the withdrawal of their instance.
    Unwithdrawn,
    // HyperPod's lists do not name their logical id.
    Unlisted,
    // Initialized, and no pod on their Node would have to move; neither deleted nor marked to go,
    // and no effect on them is under way.
    Idle,
    // Marked to be disrupted, by their condition or their Node's taint, and not deleted.
    Marked,
    // The hash of their template is of another implementation, or of another version.
    OtherHash,
  };
  static constexpr std::size_t kSets = 6;

  // Where one claim stands; kept with the claim.
  struct Place {
    std::uint8_t sets = 0;  // a bit each
    Time registered;        // since when it is registered; zero: it is not
    void add(Of of, bool is_in) {
      if (is_in) sets |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(of));
    }
    bool operator==(const Place&) const = default;
  };

  // `known`: the claim's place so far, which becomes `place`. Of a claim that goes: an empty one.
  void put(const std::string& name, Place& known, const Place& place) {
    if (known == place) return;
    const unsigned changed = unsigned{known.sets} ^ unsigned { place.sets };
    for (std::size_t i = 0; i < kSets; ++i) {
      const unsigned bit = 1U << i;
      if ((changed & bit) == 0) continue;
      if ((unsigned{place.sets} & bit) != 0) {
        sets_[i].insert(name);
      } else {
        sets_[i].erase(name);
      }
    }
    if (known.registered != place.registered) {
      if (!known.registered.is_zero()) registered_.erase({known.registered, name});
      if (!place.registered.is_zero()) registered_.emplace(place.registered, name);
    }
    known = place;
  }

  [[nodiscard]] const Names& of(Of of) const { return sets_[static_cast<std::size_t>(of)]; }
  // Claims that are registered, with the time since when.
  [[nodiscard]] const std::set<std::pair<Time, std::string>>& registered() const {
    return registered_;
  }

  // Logical ids that HyperPod's lists name and no claim has.
  void put_unowned(const std::string& logical_id, bool is_in) { put(unowned_, logical_id, is_in); }
  [[nodiscard]] const Names& unowned_instances() const { return unowned_; }
  // Nodes that carry the mark of a claim of ours, and belong to none that is there.
  void put_orphan(const std::string& node, bool is_in) { put(orphans_, node, is_in); }
  [[nodiscard]] const Names& orphan_nodes() const { return orphans_; }

 private:
  static void put(Names& names, const std::string& name, bool is_in) {
    if (is_in) {
      names.insert(name);
    } else {
      names.erase(name);
    }
  }

  std::array<Names, kSets> sets_;
  std::set<std::pair<Time, std::string>> registered_;
  Names unowned_;
  Names orphans_;
};

}  // namespace hyperwright::state
