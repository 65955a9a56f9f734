// A world around the loop that costs next to nothing: it answers every effect at once and as the
// real one would (the object that comes back, and the watch's echo of it), launches instances,
// registers their Nodes, makes them ready, and binds pods where they are nominated. Time is
// virtual and jumps to the next wake; what the stopwatch counts is the loop's turns alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench/figures/objects.h"
#include "bench/figures/table.h"
#include "runtime/inbox.h"
#include "runtime/journal.h"
#include "runtime/loop.h"

namespace hyperwright::bench {

class World {
 public:
  explicit World(hyperpod::Cluster cluster, std::uint64_t seed = 1);

  // --- what happens ---
  void put(state::Event event) { inbox_.push_back(std::move(event)); }
  void put(state::Object object);       // new, or changed: a watch event
  void put_pod(const PodShape& shape);  // decoded from its text
  void remove_pod(const kube::ObjectKey& key, const std::string& uid);
  // Everything that was put so far was the first list of its kind.
  void end_lists();
  // An instance that HyperPod has had before this process was there.
  void put_instance(const hyperpod::Node& instance);

  // --- time ---
  // One turn with what is in the inbox, or at the next wake if nothing is.
  std::vector<state::Effect> turn(std::size_t events_max = runtime::kEventsPerTurn);
  // The same, and every effect is answered.
  void step(std::size_t events_max = runtime::kEventsPerTurn);
  // Steps until the world is as wanted; stops the program after an hour of virtual time.
  void run_until(const std::string& what, const std::function<bool()>& is_so);
  // Steps until nothing is under way and nothing is in the inbox.
  void settle();
  void answer(const state::Effect& effect);

  // Its turns are written there from now on, and that counts as theirs.
  void set_journal(runtime::Journal* journal) { journal_ = journal; }

  [[nodiscard]] runtime::Loop& loop() { return loop_; }
  [[nodiscard]] const state::ClusterState& state() const { return loop_.state(); }
  [[nodiscard]] Time now() const { return now_; }
  void set_now(Time now) { now_ = now; }
  [[nodiscard]] std::uint64_t next_version() { return ++version_; }
  [[nodiscard]] const std::map<std::string, hyperpod::Node>& instances() const {
    return instances_;
  }

  // --- what it cost ---
  struct Spent {
    Stopwatch turns;
    std::size_t events = 0;
    std::size_t effects = 0;
    double longest_turn_ms = 0;
    std::string longest_turn;  // what it was about
  };
  [[nodiscard]] const Spent& spent() const { return spent_; }
  void reset_spent() { spent_ = {}; }

 private:
  void done(const state::Effect& effect, state::Payload payload = {});
  template <typename Object>
  void written(const state::Effect& effect, Object object);
  void carry_out(const state::Effect& effect, const state::CreateNodeClaim& create);
  void carry_out(const state::Effect& effect, const state::PatchNodeClaim& patch);
  void carry_out(const state::Effect& effect, const state::UpdateNodeClaimStatus& update);
  void carry_out(const state::Effect& effect, const state::DeleteNodeClaim& deletion);
  void carry_out(const state::Effect& effect, const state::PatchNode& patch);
  void carry_out(const state::Effect& effect, const state::DeleteNode& deletion);
  void carry_out(const state::Effect& effect, const state::PatchNodePool& patch);
  void carry_out(const state::Effect& effect, const state::UpdateNodePoolStatus& update);
  void carry_out(const state::Effect& effect, const state::PatchNodeClass& patch);
  void carry_out(const state::Effect& effect, const state::UpdateNodeClassStatus& update);
  void carry_out(const state::Effect& effect, const state::BatchAddClusterNodes& call);
  void carry_out(const state::Effect& effect, const state::BatchDeleteClusterNodes& call);
  void carry_out(const state::Effect& effect, const state::DescribeCluster& call);
  void carry_out(const state::Effect& effect, const state::DescribeSubnets& call);
  void carry_out(const state::Effect& effect, const state::ListClusterNodes& call);
  void carry_out(const state::Effect& effect, const state::ListClusterEvents& call);
  template <typename Action>
  void carry_out(const state::Effect& effect, const Action& action);  // evictions, events
  void launch(const hyperpod::AddSpecification& specification, hyperpod::AddResult& result);
  void make_ready(const std::string& node);
  void bind_nominated(const std::string& claim, const std::string& node);

  hyperpod::Cluster cluster_;
  runtime::Loop loop_;
  Time now_ = kStart;
  std::uint64_t version_ = 1;
  std::deque<state::Event> inbox_;
  std::map<std::string, kube::NodeClaim> claims_;
  std::map<std::string, kube::Node> nodes_;
  std::map<std::string, kube::NodePool> pools_;
  std::map<std::string, kube::HyperpodNodeClass> classes_;
  std::map<std::string, hyperpod::Node> instances_;  // by logical id
  std::size_t launched_ = 0;
  runtime::Journal* journal_ = nullptr;
  Spent spent_;
};

}  // namespace hyperwright::bench
