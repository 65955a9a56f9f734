// Promise 3, of launches: nothing is launched twice for one claim.
//
//   1. A claim gets one logical id, for life, and no other claim gets it.
//   2. A call that launches has a claim for each node that it asks for, and none of them has a node
//      by another call.
//   3. A call names no more nodes than there are claims that wait for them.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tests/sim/promises/promise.h"

namespace hyperwright::swarm {
namespace {

class NothingLaunchedTwice : public Promise {
 public:
  NothingLaunchedTwice() : Promise("nothing launched twice") {}

  void claim_changed(const World&, const Claim*, const Claim* after) override {
    if (after == nullptr || after->logical_id.empty()) return;
    const auto [id, is_new_claim] = id_of_.try_emplace(after->uid(), after->logical_id);
    if (id->second != after->logical_id) {
      broken(fmt::format("NodeClaim {} had node {} and gets node {}", after->name(), id->second,
                         after->logical_id));
    }
    const auto [claim, is_new_id] = claim_of_.try_emplace(after->logical_id, after->uid());
    if (claim->second != after->uid())
      broken(fmt::format("node {} is given to a second NodeClaim, {}", after->logical_id,
                         after->name()));
  }

  void call_arrives(const World& world, const state::Effect& effect) override {
    const auto* add = std::get_if<state::BatchAddClusterNodes>(&effect.action);
    if (add == nullptr) return;
    const auto& calls = world.cluster().add_calls;
    if (std::ranges::find(calls, add->client_token, &service::AddCall::token) != calls.end())
      return;  // a repetition: HyperPod answers with the same nodes
    std::int32_t asked = 0;
    for (const hyperpod::AddSpecification& wanted : add->specifications) asked += wanted.count;
    std::int32_t waiting = 0;
    for (const auto& [name, claim] : world.claims()) {
      if (!claim.launch || claim.launch->call.batch != add->client_token) continue;
      if (claim.logical_id.empty()) {
        ++waiting;
      } else {
        broken(fmt::format("NodeClaim {} has node {}, and call {} launches another", name,
                           claim.logical_id, add->client_token));
      }
    }
    if (asked > waiting) {
      broken(fmt::format("call {} launches {} nodes for {} NodeClaims that wait", add->client_token,
                         asked, waiting));
    }
  }

  void instant_is_over(const World& world) override {
    std::map<std::string_view, std::int32_t> free;  // nodes that no claim has, by token
    for (const service::NodeRecord& node : world.cluster().nodes) {
      const std::string_view token = world.token_of(node.logical_id);
      if (node.counts() && !token.empty() && world.find_claim_of(node.logical_id) == nullptr)
        ++free[token];
    }
    for (const auto& [token, nodes] : free) {
      const auto waiting = std::ranges::count_if(world.claims(), [&](const auto& entry) {
        const Claim& claim = entry.second;
        return claim.launch && claim.launch->call.batch == token && claim.logical_id.empty();
      });
      if (waiting > 0 && nodes > waiting)
        broken(fmt::format("call {} launched {} nodes that {} NodeClaims wait for", token, nodes,
                           waiting));
    }
  }

 private:
  std::map<std::string, std::string> id_of_;     // by claim's UID
  std::map<std::string, std::string> claim_of_;  // UID, by logical id
};

}  // namespace

std::unique_ptr<Promise> nothing_launched_twice() {
  return std::make_unique<NothingLaunchedTwice>();
}

}  // namespace hyperwright::swarm
