// A launch batch: the claims that are launched by one call of BatchAddClusterNodes, and what is
// known of that call. Everything that concerns "was it called, and what came of it" is answered
// here.
//
//   gathering     a claim of the batch is being created or stamped: it is not complete yet
//   never called  it is short of claims and none has an id; or this process never sent its call
//   called        else: it was called, or may have been by an earlier life of this process
//
// Why a short batch was never called: the call goes out only when all claims exist, and none of
// them goes, or gets another batch, before the ids of all are stored.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "state/cluster_state.h"

namespace hyperwright::controllers {

// The client token lives for 8 hours at HyperPod: a call is not repeated after this.
inline constexpr Duration kRepeatFor = Duration::minutes(450);

class LaunchBatch {
 public:
  LaunchBatch(const state::ClusterState& state, std::string_view batch);

  [[nodiscard]] bool empty() const { return claims_.empty(); }
  [[nodiscard]] const std::vector<const state::ClaimRecord*>& claims() const {
    return claims_;
  }  // by name
  // Requires: not empty.
  [[nodiscard]] const state::LaunchCall& call() const { return claims_.front()->launch->call; }
  [[nodiscard]] const state::LaunchAnswer* answer() const { return answer_; }
  [[nodiscard]] bool is_gathering() const { return is_gathering_; }
  [[nodiscard]] bool is_calling() const { return is_calling_; }
  [[nodiscard]] bool was_never_called() const;
  [[nodiscard]] bool is_short() const { return is_short_; }
  // Its id, or the one that is on its way to it; "": none.
  [[nodiscard]] std::string id_of(const state::ClaimRecord& claim) const;
  // Claims without an id, those that are not deleted first, then by name.
  [[nodiscard]] std::vector<const state::ClaimRecord*> without_id(std::size_t specification) const;
  // Ids of the answer to this specification that no claim has, and that are not being withdrawn;
  // sorted.
  [[nodiscard]] std::vector<std::string> free_ids(std::size_t specification) const;
  // Ids of the answer that no claim is left for, and whose withdrawal HyperPod has not taken yet;
  // sorted. They are ours by the token.
  [[nodiscard]] std::vector<std::string> surplus_ids() const;
  // Every id of the answer that a claim is left for is in that claim. Until then no claim may leave
  // the batch: a crash in between would leave it short and without ids, as if never called.
  [[nodiscard]] bool has_stored_ids() const;
  [[nodiscard]] bool may_repeat(Time now) const;

 private:
  [[nodiscard]] bool has_claim(std::string_view logical_id) const;
  [[nodiscard]] std::size_t specification_of(const hyperpod::NodeAddition& addition) const;

  const state::ClusterState& state_;
  std::vector<const state::ClaimRecord*> claims_;
  const state::LaunchAnswer* answer_ = nullptr;
  bool is_gathering_ = false;
  bool is_calling_ = false;
  bool is_short_ = false;
  bool has_ids_ = false;
  std::map<std::string, std::string, std::less<>> ids_on_their_way_;  // by claim
};

// A deleted claim without an id may go: it is certain that no instance was asked for it, or that
// none came.
bool is_launch_settled(const state::ClusterState& state, const state::ClaimRecord& claim, Time now);
// Another claim of its batch still waits for its id: this one, which has one, must stay, or the
// batch would look never called.
bool is_needed_by_batch(const state::ClusterState& state, const state::ClaimRecord& claim);

}  // namespace hyperwright::controllers
