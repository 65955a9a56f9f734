// What lies between the autoscaler and the two models: how long calls, answers and changes are on
// their way, and what becomes of them on it.
//
// A call is carried out, or is not; and its answer comes back, or another one, or the word that
// nobody knows. The changes of one kind come in order, each after its time; a watch breaks and goes
// on where it was, or it is forgotten (410 Gone), and what happened meanwhile is seen by a list
// alone. So no network can do what Kubernetes and its clients cannot.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "base/time.h"
#include "state/effect.h"
#include "state/kind.h"

namespace hyperwright::sim {

struct CallFate {
  Duration until_carried_out;  // from the moment that it is sent
  Duration until_answered;     // from the moment that it is, or would have been, carried out
  bool is_carried_out = true;
  // What the caller hears instead of the answer. Of Kubernetes, a status of HTTP where it is not 0.
  struct Failure {
    ErrorCode code = ErrorCode::Unknown;
    int status = 0;
  };
  std::optional<Failure> failure{};
};

struct ChangeFate {
  enum class Way : std::uint8_t { Comes, ComesTwice, Breaks, IsForgotten };
  Way way = Way::Comes;
  Duration late;  // Comes, ComesTwice: on its way; else: until the watch is begun again
};

// Whose call it is: HyperPod's (EC2's DescribeSubnets with it), or Kubernetes'.
bool is_for_hyperpod(const state::Action& action);

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;
  virtual CallFate fate_of(const state::Effect& effect, Time now) = 0;
  virtual ChangeFate fate_of(state::Kind kind, Time now) = 0;
};

}  // namespace hyperwright::sim
