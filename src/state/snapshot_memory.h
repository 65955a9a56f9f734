// What a picture remembers beside its objects, as plain values: the middle between ClusterState and
// its JSON. Each list is in the order of the container that it is taken of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/cluster_state.h"

namespace hyperwright::state {

struct HyperPodMemory {
  struct Plan {
    std::string name;
    std::optional<hyperpod::TrainingPlan> plan;  // absent: we may not read it
  };
  struct Instance {
    hyperpod::Node node;
    Time seen_at;
  };
  struct EventToDescribe {
    Time time;
    std::string id;
    std::string group;
  };
  std::optional<hyperpod::Cluster> cluster;
  Time cluster_read_at;
  std::string cluster_problem;
  std::vector<hyperpod::Subnet> subnets;
  std::string subnets_problem;
  std::vector<Plan> training_plans;
  std::vector<Instance> nodes;
  kube::StringMap logical_ids;  // by instance id
  Time nodes_listed_at, nodes_read_at, list_begun_at;
  std::optional<std::string> next_page;
  Time events_after, events_read_at, newest_event;
  std::optional<std::string> next_events_page;
  std::vector<std::string> events_seen;
  std::vector<EventToDescribe> events_to_describe;
  kube::StringMap launch_failures;

  static HyperPodMemory of(const HyperPodView& view);
  [[nodiscard]] HyperPodView view() const;
};

struct PictureMemory {
  // A class of pods, in the order in which they were met: the one of a pod that is there, or of a
  // buffer's virtual pods; else the class itself, as a pod, and the names of the claims it mounts.
  struct Class {
    std::optional<kube::ObjectKey> pod;
    std::optional<kube::ObjectKey> buffer;
    std::optional<Object> like;
    std::vector<std::string> claim_names;
  };
  struct PodMemory {
    kube::ObjectKey key;
    bool is_pending = false;
    Time pending_since;
    std::optional<Nomination> nomination;
    std::uint64_t verdict_version = 0;
    std::string verdict;
    Time verdict_at;
  };
  struct NodeMemory {
    std::string name;
    std::string claim;
    bool first_seen_ready = false;
    Time deleting_since;
  };
  struct ClaimMemory {
    std::string name;
    std::string launch_problem;
    std::string logical_id;
    bool is_being_created = false;
    Time deleting_since;
    std::string node_name;
  };
  struct NamedTime {
    std::string name;
    Time at;
  };
  struct NamedDeletion {
    std::string id;
    Deletion deletion;
  };
  struct NamedAnswer {
    std::string batch;
    LaunchAnswer answer;
  };
  struct Misfit {
    std::uint64_t pod_class = 0;  // its place in `classes`
    std::string group;
    std::string type;
  };
  struct Unavailable {
    hyperpod::OfferingKey offering;
    Time until;
  };
  struct NamedBackOff {
    std::string group;
    BackOffRecord record;
  };
  struct NamedFailure {
    std::string pool;
    CreationFailure failure;
  };
  struct Room {
    kube::ObjectKey buffer;
    bool is_there = false;
  };
  struct TargetWait {
    Target target;
    Time until;
    std::int32_t failures = 0;
    std::uint64_t newer_than = 0;
  };
  struct TargetTime {
    Target target;
    Time at;
  };

  std::vector<std::string> synced;  // kinds
  HyperPodMemory hyperpod;
  std::vector<Class> classes;
  std::vector<PodMemory> pods;  // of which anything is remembered
  std::vector<NodeMemory> nodes;
  std::vector<ClaimMemory> claims;          // all of them
  std::vector<std::string> foreign_claims;  // all of them
  kube::StringMap claims_by_logical_id;
  std::vector<NamedTime> pod_events;  // the last one, by node
  std::vector<NamedDeletion> deletions;
  std::vector<std::string> orphaned_instances;
  std::vector<NamedAnswer> launch_answers;
  std::vector<std::string> uncalled_batches;
  std::uint64_t buffer_inputs = 0;
  Time buffer_plan_at;
  bool is_changed_since_buffer_plan = false;
  std::vector<Room> rooms;
  std::vector<std::string> room_claims;
  std::vector<NamedTime> nomination_ends;
  std::vector<Misfit> misfits;
  std::vector<NamedTime> uncertain_claims;
  std::vector<Unavailable> unavailable;
  std::vector<NamedBackOff> back_offs;
  std::vector<NamedFailure> creation_failures;
  std::uint64_t inputs_version = 0, offerings_version = 0, expectations_version = 0;
  Time inputs_changed_at;
  std::vector<TargetWait> waits;
  std::vector<TargetTime> last_emitted;
  std::vector<NamedTime> recorded;
  std::vector<Key> changed;

  // All but the effects under way, which have a codec of their own.
  static PictureMemory of(const ClusterState& state);
  // Into a picture that has its objects, its classes, and nothing else.
  void put_into(ClusterState& state) const;

 private:
  void take_classes(const ClusterState& state);
};

}  // namespace hyperwright::state
