// A small cluster for tests of controllers: the picture, filled by short builders, and a stand-in
// for both APIs that answers what the controllers emit.
//
//   Picture p;
//   p.put(pool("gpu"));
//   p.put(claim("gpu-1", "gpu"));
//   const Effects effects = p.look("termination", {Key::Of::NodeClaim, "gpu-1"});
//
// `look` asks one controller about one key, and its effects are under way then; `accept` carries
// one out, as the API would; `settle` lets all controllers go on until nobody has anything to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controllers/controller.h"
#include "controllers/guards.h"
#include "state/cluster_state.h"
#include "tests/controllers/builders.h"

namespace hyperwright::controllers::test {

using state::Effect;
using state::Key;
using state::Outcome;
using Effects = std::vector<Effect>;

// --- what is said of effects ---

template <typename Action>
std::vector<Action> all(const Effects& effects) {
  std::vector<Action> found;
  for (const Effect& effect : effects) {
    if (const auto* action = std::get_if<Action>(&effect.action)) found.push_back(*action);
  }
  return found;
}

// The only effect of this kind; the test fails where there is none, or more than one.
template <typename Action>
Action only(const Effects& effects) {
  const auto found = all<Action>(effects);
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? Action{} : found.front();
}

std::vector<std::string> names(const Effects& effects);

std::string reasons(const Effects& effects, std::string_view action);

// "Warning PriceUnknown: No price is ..." of each recorded event.
std::vector<std::string> told(const Effects& effects);

std::string text_of(const kube::Conditions& conditions, std::string_view type);

// --- the cluster ---

// What is heavy to compile stays in picture.cpp.
class Picture {
 public:
  explicit Picture(state::Options options = {.cluster = "hp1"});
  ~Picture();

  state::ClusterState state;
  Time now = kStart;
  hyperpod::Cluster cluster;
  std::vector<hyperpod::Subnet> subnets;
  std::vector<hyperpod::Node> instances;  // what ListClusterNodes will say
  Random random{7};

  void fold(const state::Event& event) { state.fold(event, now); }
  template <typename Object>
  Object put(Object object);
  void remove(state::Kind kind, const kube::ObjectMeta& meta);
  void wait(Duration duration);

  // A complete list of HyperPod's nodes, begun now and answered a moment later.
  void list_instances();
  void read(state::Action call, state::Payload payload);
  // A claim that this process created.
  void create(kube::NodeClaim claim);
  state::EffectId emit(Effect effect);
  void answer(state::EffectId id, Outcome outcome, state::Payload payload = {},
              std::string message = {});

  // Asks one controller about one key. Its effects are under way afterwards. Guards must not refuse
  // any.
  Effects look(std::string_view controller, const Key& key);
  Time next_look;

  // Carries effects out, as the two APIs would. Readings, and launches without an answer in
  // `launch`, stay open.
  void accept(const Effects& effects);
  void accept(const Effect& effect);

  // All controllers, about everything that changed, until nobody has anything to say. Returns what
  // they said.
  Effects settle();

  const state::ClaimRecord& at_claim(std::string_view name) const;
  std::string claim_text(std::string_view name, std::string_view type) const;

  // A claim with its instance and its Node, registered and initialized since `since`.
  kube::NodeClaim put_running(const std::string& name, const std::string& pool_name,
                              Time since = kStart);
  // Hexadecimal, as HyperPod's are.
  static std::string instance_id(const std::string& name);

 private:
  friend struct Apis;  // what carries effects out, in picture.cpp
  std::uint64_t version_ = 100;
  state::EffectId effect_ = 0;
};

}  // namespace hyperwright::controllers::test
