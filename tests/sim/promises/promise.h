// A promise of the design, as something that can be seen to be broken: told of everything that
// happens in the world, it says when, and why, it does not hold. Each has a file of its own in this
// folder.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "state/effect.h"
#include "tests/sim/harness/world.h"

namespace hyperwright::swarm {

class Promise {
 public:
  explicit Promise(std::string name) : name_(std::move(name)) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  virtual ~Promise() = default;

  // A claim is new (`before` is null), changed, or gone (`after` is null).
  virtual void claim_changed(const World&, const Claim* /*before*/, const Claim* /*after*/) {}
  // A call of the autoscaler reaches Kubernetes or HyperPod, which have not carried it out yet.
  virtual void call_arrives(const World&, const state::Effect&) {}
  // Another autoscaler acts from now on: it knows nothing of what the one before it planned.
  virtual void autoscaler_began() {}
  // All that was due at this instant has happened.
  virtual void instant_is_over(const World&) {}
  // No fault any more, for long enough: what was begun is finished.
  virtual void at_rest(const World&) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  // Why it did not hold, each time; and forgets it.
  std::vector<std::string> take_broken() { return std::exchange(broken_, {}); }

 protected:
  void broken(std::string why) { broken_.push_back(std::move(why)); }

 private:
  std::string name_;
  std::vector<std::string> broken_;
};

using Promises = std::vector<std::unique_ptr<Promise>>;

std::unique_ptr<Promise> limits();
std::unique_ptr<Promise> disruption_budgets();
std::unique_ptr<Promise> pod_disruption_budgets();
std::unique_ptr<Promise> nothing_launched_twice();
std::unique_ptr<Promise> no_leak();
std::unique_ptr<Promise> evictions_have_a_cause();
std::unique_ptr<Promise> one_claim_a_need();
std::unique_ptr<Promise> foreign_things_untouched();
std::unique_ptr<Promise> quiet();
std::unique_ptr<Promise> every_pod_runs();

inline Promises all_promises() {
  Promises promises;
  promises.push_back(limits());
  promises.push_back(disruption_budgets());
  promises.push_back(pod_disruption_budgets());
  promises.push_back(nothing_launched_twice());
  promises.push_back(no_leak());
  promises.push_back(evictions_have_a_cause());
  promises.push_back(one_claim_a_need());
  promises.push_back(foreign_things_untouched());
  promises.push_back(every_pod_runs());
  promises.push_back(quiet());  // last: it makes the loop look at everything
  return promises;
}

}  // namespace hyperwright::swarm
