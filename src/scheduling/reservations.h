// Reserved capacity: how many instances of each reservation may still be taken.
//
//   left = instances of the training plan that are healthy
//        - claims that hold one, those being created and those being deleted included
//        - nodes of its instance groups that no claim owns
//        - what other clusters have of it, as the plan counts what is in use
//
// A reservation is one count, whichever groups and NodePools draw on it. Within one pass it is
// exact: a new node is planned as one offering, so that it takes one instance of one reservation.
// (Karpenter plans a node as many offerings at once; it holds an instance of every reservation that
// it might use, and the next pods wait for the next batch.)
//
// A plan that was not read yet, or is not Active, has none left; one that may not be read has no
// end: then HyperPod says when there is no more, as it does for other capacity.
//
// Source: Karpenter, pkg/controllers/provisioning/scheduling, ReservationManager.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/cluster_state.h"

namespace hyperwright::scheduling {

class Reservations {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = UINT32_MAX;  // of what is not reserved
  static constexpr std::int64_t kNoEnd = INT64_MAX;

  Reservations() = default;
  explicit Reservations(const state::ClusterState& state);
  // Of one that is told twice the smaller count holds.
  void add(std::string_view name, std::int64_t left);

  // kNone: there is no such reservation.
  [[nodiscard]] Id find(std::string_view name) const;
  [[nodiscard]] bool empty() const { return list_.empty(); }
  // kNoEnd: not known, or not reserved; never below 0.
  [[nodiscard]] std::int64_t left(Id id) const;
  void take(Id id, std::int64_t instances);
  void give_back(Id id, std::int64_t instances) { take(id, -instances); }

 private:
  struct Reservation {
    std::string name;
    std::int64_t left = 0;
  };
  std::vector<Reservation> list_;  // in the order of the cluster's groups; there are few
};

// The reservation that the claim's instance is of; "": none.
std::string reservation_of(const state::ClaimRecord& claim, const state::ClusterState& state);

}  // namespace hyperwright::scheduling
