// A cluster that is told by hand: a ClusterState, a clock that the test moves, and one line for
// each thing that happens. Objects get the next resource version when they come without one, as
// from an API server.
#pragma once

#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kube/well_known.h"
#include "state/cluster_state.h"

namespace hyperwright::state {

inline constexpr std::string_view kClusterArn =
    "arn:aws:sagemaker:us-west-2:111122223333:cluster/abcdefghijkl";
inline constexpr Time kStart = Time::from_unix_seconds(1'800'000'000);

kube::Resources cpu(std::int64_t millis);

struct PodShape {
  std::string node{};
  std::int64_t cpu_millis = 100;
  std::string uid{};  // "": uid-<name>
  kube::PodPhase phase = kube::PodPhase::Running;
  bool is_deleting = false;
  bool is_of_daemon_set = false;
  kube::StringMap labels{};
  std::uint64_t version = 0;
};
kube::Pod pod(std::string name, const PodShape& shape = {});
// Pending, and the scheduler found no place for it.
kube::Pod waiting_pod(std::string name, PodShape shape = {});

// A Node of an instance: its provider id ends in it.
kube::Node node(std::string name, std::string_view instance = {}, std::string uid = {});

Launch launch(std::string batch, std::string group = "gpu", std::string type = "ml.g5.xlarge");
// As it is created: its uid is the API server's, and comes later.
kube::NodeClaim new_claim(std::string name, const Launch& of = launch("batch"));
// As it is in the API server, with the logical id of its node, if that is known.
kube::NodeClaim claim(std::string name, std::string_view logical_id = {},
                      const Launch& of = launch("batch"));
kube::NodeClaim initialized(kube::NodeClaim claim);
kube::NodeClaim deleting(kube::NodeClaim claim);
kube::NodeClaim of_another_karpenter(kube::NodeClaim claim);

kube::NodePool node_pool(std::string name, std::int64_t generation = 1);
kube::HyperpodNodeClass node_class(std::string name);
kube::DaemonSet daemon_set(std::string name, std::int64_t cpu_millis = 100);

hyperpod::Cluster cluster();
hyperpod::Node instance(std::string logical_id, std::string instance_id,
                        hyperpod::InstanceStatus status = hyperpod::InstanceStatus::Running);

class Picture {
 public:
  ClusterState state;
  Time now = kStart;

  // What is heavy to compile (events of every kind) stays in picture.cpp.
  Picture();

  // --- what happens ---
  template <typename T>
  void comes(T object);
  void goes(Kind kind, kube::ObjectKey key, std::string uid);
  void goes(const kube::Pod& pod);
  void goes(const kube::Node& node);
  void goes(const kube::NodeClaim& claim);
  void passes(Duration duration);
  EffectId emits(Action action);
  void answers(EffectId effect, Outcome outcome, Payload payload = {}, std::string message = {});
  void asks(Action action, Payload payload);
  void is_described(const hyperpod::Cluster& described = cluster());
  // A complete list of one page.
  void lists(std::vector<hyperpod::Node> nodes);
  void everything_is_listed();
  // Synced, and nothing marked.
  void is_ready();
  std::uint64_t next_version() { return ++version_; }
  std::uint64_t version() const { return version_; }

  // --- what is seen ---
  // The keys that changed since the last call.
  std::set<Key> keys();
  const PodRecord* find(const kube::Pod& pod) const;
  // Where a pod is nominated to: "node n", "claim c", or "".
  std::string place_of(std::string_view pod) const;
  bool is_pending(std::string_view pod) const;
  // How long an effect on this target has to wait; Duration::max(): one is under way.
  Duration wait_of(const Target& target) const;
  // Whether `happens` changes what the solver looks at.
  template <typename Happens>
  bool changes_inputs(Happens&& happens) {
    const std::uint64_t before = state.solver_inputs_version();
    happens();
    return state.solver_inputs_version() != before;
  }

 private:
  std::uint64_t version_ = 100;
  EffectId effects_ = 0;
};

using Of = Key::Of;
using Keys = std::set<Key>;

// For messages of failed tests.
void PrintTo(const Key& key, std::ostream* out);

}  // namespace hyperwright::state

namespace hyperwright {

void PrintTo(const Duration& duration, std::ostream* out);

}  // namespace hyperwright
