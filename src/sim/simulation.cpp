#include "sim/simulation.h"

#include <algorithm>

#include <boost/json.hpp>

#include "kube/json.h"
#include "sim/node_registration.h"

namespace hyperwright::sim {
namespace {

// More rounds at one instant than this is two inhabitants that answer each other for ever.
constexpr int kRoundsPerInstant = 10'000;

}  // namespace

Simulation::Simulation(SimulationSettings settings)
    : settings_(std::move(settings)),
      random_(settings_.seed),
      now_(settings_.start),
      kubernetes_(random_.fork(), now_, settings_.log_length),
      hyperpod_(settings_.hyperpod, settings_.types, random_.fork(), now_),
      cluster_(kubernetes_, random_.fork(), settings_.cluster),
      autoscaler_(new_autoscaler()) {}

std::unique_ptr<Autoscaler> Simulation::new_autoscaler() {
  return std::make_unique<Autoscaler>(kubernetes_, hyperpod_, settings_.autoscaler, settings_.types,
                                      random_.next(), settings_.latency, settings_.network,
                                      settings_.controllers);
}

void Simulation::stop_autoscaler() {
  if (autoscaler_ == nullptr) return;
  if (settings_.network != nullptr) autoscaler_->end(random_.fork(), now_);
  stopped_ = std::move(autoscaler_);
}

void Simulation::start_autoscaler() {
  autoscaler_ = new_autoscaler();
  if (stopped_ == nullptr) return;
  autoscaler_->on_effect = std::move(stopped_->on_effect);
  autoscaler_->on_arrival = std::move(stopped_->on_arrival);
  autoscaler_->on_answer = std::move(stopped_->on_answer);
  autoscaler_->after_turn = std::move(stopped_->after_turn);
  autoscaler_->journal = stopped_->journal;
  stopped_.reset();
}

void Simulation::restart_autoscaler() {
  stop_autoscaler();
  start_autoscaler();
}

bool Simulation::apply_outputs() {
  const std::vector<service::Output> outputs = hyperpod_.take_outputs();
  for (const service::Output& output : outputs) apply_to_kubernetes(kubernetes_, output, now_);
  return !outputs.empty();
}

void Simulation::settle() {
  for (int round = 0; round < kRoundsPerInstant; ++round) {
    const std::uint64_t before = kubernetes_.resource_version();
    hyperpod_.advance(now_);
    const bool had_outputs = apply_outputs();
    cluster_.step(now_);
    const bool did_something = has_autoscaler() && autoscaler_->step(now_);
    if (has_autoscaler() && autoscaler_->is_dead()) restart_autoscaler();
    if (!did_something && !had_outputs && kubernetes_.resource_version() == before) return;
  }
  check(false, "the world comes to rest at every instant");
}

Time Simulation::next_wake() const {
  return std::min({hyperpod_.next_wake(), cluster_.next_wake(),
                   has_autoscaler() ? autoscaler_->next_wake() : Time::max()});
}

void Simulation::advance_to(Time until) {
  settle();
  while (next_wake() <= until) {
    now_ = std::max(now_, next_wake());
    settle();
  }
  if (now_ >= until) return;
  now_ = until;
  settle();
}

}  // namespace hyperwright::sim
