// The one picture of the cluster that everything reads. It folds events and the loop's own effects;
// it decides nothing.
//
//   1. Every object is the newest version that was seen, from a watch or from an answer of our own.
//   2. A claim is in the picture from the moment that its creation is emitted.
//   3. An effect that was emitted and not yet answered is pending: nothing else is emitted for its
//   target.
//   4. Every change marks the keys that it touches; the loop takes them and asks the controllers.
//   5. All orders are by name; nothing depends on who came first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/lookup.h"
#include "base/time.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/offering.h"
#include "state/change_log.h"
#include "state/claim_index.h"
#include "state/effect.h"
#include "state/event.h"
#include "state/hyperpod_view.h"
#include "state/key.h"
#include "state/launch.h"
#include "state/object_store.h"
#include "state/options.h"
#include "state/pod_classes.h"
#include "state/records.h"
#include "state/seen_capacity.h"

namespace hyperwright::state {

class ClusterState {
 public:
  ClusterState(Options options, hyperpod::InstanceTypes types);
  // Made once, in the .cpp: each file that holds a picture would make them anew for all its maps.
  ClusterState(ClusterState&&) noexcept;
  ClusterState& operator=(ClusterState&&) noexcept;
  ~ClusterState();

  // --- the way in ---
  void fold(const Event& event, Time now);
  // The loop hands this effect out now; its id is set.
  void fold_emitted(const Effect& effect, Time now);
  // Time passes: unavailabilities, back-offs and nominations run out. Before the events of each
  // turn.
  void fold_time(Time now);
  // A guard refused an effect: its target is left alone for a growing while.
  void fold_refused(const Effect& effect, Time now);
  // Keys that changed and were not taken yet, each once, sorted: at most so many.
  std::vector<Key> take_changed(std::size_t most = SIZE_MAX);
  [[nodiscard]] bool has_changed() const { return !changed_.empty(); }

  // --- reading ---
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const hyperpod::InstanceTypes& instance_types() const { return types_; }
  [[nodiscard]] const HyperPodView& hyperpod() const { return hyperpod_; }
  // Every kind was listed once, and the cluster was described: decisions may be made.
  [[nodiscard]] bool is_synced() const;

  [[nodiscard]] const std::map<kube::ObjectKey, PodRecord>& pods() const { return pods_; }
  [[nodiscard]] const std::map<std::string, NodeRecord, std::less<>>& nodes() const {
    return nodes_;
  }
  [[nodiscard]] const std::map<std::string, ClaimRecord, std::less<>>& claims() const {
    return claims_;
  }
  [[nodiscard]] const std::map<std::string, kube::NodePool, std::less<>>& node_pools() const {
    return pools_;
  }
  [[nodiscard]] const std::map<std::string, kube::HyperpodNodeClass, std::less<>>& node_classes()
      const {
    return classes_;
  }
  // Objects of the kinds that are only read, from kube::DaemonSet on in Kind; those of cluster-wide
  // kinds have the namespace "". A kind that is not watched has none.
  template <typename T>
  [[nodiscard]] const std::map<kube::ObjectKey, T>& objects() const {
    return objects_.of<T>();
  }
  template <typename T>
  [[nodiscard]] const T* find(std::string_view namespace_name, std::string_view name) const {
    return objects_.find<T>(namespace_name, name);
  }

  [[nodiscard]] const PodRecord* find_pod(std::string_view uid) const;
  [[nodiscard]] const NodeRecord* find_node(std::string_view name) const;
  [[nodiscard]] const ClaimRecord* find_claim(std::string_view name) const;
  // NodeClaims of another Karpenter's node classes: capacity on its way, never touched.
  [[nodiscard]] const std::map<std::string, kube::NodeClaim, std::less<>>& foreign_claims() const {
    return foreign_claims_;
  }
  // nullptr: its withdrawal was never asked for by this process.
  [[nodiscard]] const Deletion* find_deletion(std::string_view logical_id) const;
  [[nodiscard]] const ClaimRecord* find_claim_by_logical_id(std::string_view logical_id) const;
  // Logical ids that are ours and have no claim any more, of instances that HyperPod may still
  // have: somebody took the claim's finalizer.
  [[nodiscard]] const std::set<std::string, std::less<>>& orphaned_instances() const {
    return orphaned_instances_;
  }
  [[nodiscard]] const kube::NodePool* find_node_pool(std::string_view name) const;
  [[nodiscard]] const kube::HyperpodNodeClass* find_node_class(std::string_view name) const;
  // What the class's annotation says; nothing, where there is no such class.
  [[nodiscard]] const SeenCapacity& seen_capacity(std::string_view node_class) const;
  // An empty usage for a node without pods.
  [[nodiscard]] const NodeUsage& usage(std::string_view node) const;
  [[nodiscard]] const PodClasses& pod_classes() const { return pod_classes_; }

  // Pods that wait for a place: provisionable now, sorted by (namespace, name).
  [[nodiscard]] const std::set<kube::ObjectKey>& pending_pods() const { return pending_pods_; }
  // Those of them that are planned nowhere.
  [[nodiscard]] const std::map<kube::ObjectKey, const PodRecord*>& unplaced_pods() const {
    return unplaced_pods_;
  }
  // Pods nominated to a claim or a node, sorted by UID.
  [[nodiscard]] std::vector<const PodRecord*> nominated_to_claim(std::string_view claim) const;
  [[nodiscard]] std::vector<const PodRecord*> nominated_to_node(std::string_view node) const;
  [[nodiscard]] const ClaimIndex& claim_index() const { return claim_index_; }
  // Sorted by name.
  [[nodiscard]] std::vector<const NodeRecord*> nodes_of_claim(std::string_view claim) const;
  [[nodiscard]] std::vector<const NodeRecord*> nodes_of_instance(std::string_view id) const;
  // Names of the claims that have a deletion time.
  [[nodiscard]] const std::set<std::string, std::less<>>& deleting_claims() const {
    return deleting_claims_;
  }

  // Virtual pods, by CapacityBuffer, of those that have any: room is kept for them
  // (state/capacity_buffers.h). They are nominated nowhere and never bound.
  [[nodiscard]] const std::map<kube::ObjectKey, std::vector<PodRecord>>& buffer_pods() const {
    return buffer_pods_;
  }
  [[nodiscard]] const BufferPlan& buffer_plan() const { return buffer_plan_; }
  // Room for virtual pods is kept on this claim's node; on any, until the first plan says where.
  [[nodiscard]] bool is_room_kept(std::string_view claim) const;

  // Claims of one launch call, sorted by name; those being created count.
  [[nodiscard]] std::vector<const ClaimRecord*> claims_of_launch(std::string_view batch) const;
  [[nodiscard]] const LaunchAnswer* launch_answer(std::string_view batch) const;
  // This process made the batch, and no call of it that was answered had an effect: nothing can
  // have been launched by it, unless a call is under way.
  [[nodiscard]] bool is_surely_uncalled(std::string_view batch) const {
    return uncalled_batches_.contains(batch);
  }

  // An effect that makes some claim one of this batch is under way.
  [[nodiscard]] bool is_being_stamped(std::string_view batch) const {
    return stamps_under_way_.contains(batch);
  }

  [[nodiscard]] bool is_unavailable(const hyperpod::OfferingKey& offering, Time now) const;
  // When the next unavailability, back-off or nomination runs out; max: none is.
  [[nodiscard]] Time next_time() const;
  // Pods of this class were planned onto a node of this group and type, and it did not take them:
  // that shape is not bought for them again.
  [[nodiscard]] bool is_misfit(PodClassId pod_class, std::string_view group,
                               std::string_view type) const;
  [[nodiscard]] bool has_misfits() const { return !misfits_.empty(); }
  [[nodiscard]] const BackOffRecord* back_off(std::string_view group,
                                              Time now) const;  // "": the cluster's
  // Why this NodePool gets no new claims now; nullptr: it may.
  [[nodiscard]] const CreationFailure* creation_failure(std::string_view pool, Time now) const;
  // The newest pod of a DaemonSet, by the set's UID, that has not ended; nullptr: there is none.
  [[nodiscard]] const kube::Pod* newest_daemon_pod(std::string_view uid) const;

  // For what is kept from plan to plan (scheduling/supply.h): Nodes and claims that changed, the
  // pods on them and promised to them included; and how often what offerings are made of changed
  // (NodePools, NodeClasses, overlays, the cluster's description, prices, what is unavailable), or
  // what is expected of nodes to come (NodeClasses, DaemonSets, overlays, the cluster's
  // description).
  [[nodiscard]] const ChangeLog& change_log() const { return change_log_; }
  [[nodiscard]] std::uint64_t offerings_version() const { return offerings_version_; }
  [[nodiscard]] std::uint64_t expectations_version() const { return expectations_version_; }
  // When the next unavailability, or back-off of a group or a NodePool, ends; max: none is.
  [[nodiscard]] Time next_offer(Time now) const;
  // Counts how often what the solver looks at changed.
  [[nodiscard]] std::uint64_t solver_inputs_version() const { return inputs_version_; }
  [[nodiscard]] Time solver_inputs_changed_at() const { return inputs_changed_at_; }

  // --- effects under way ---
  [[nodiscard]] const std::map<EffectId, Pending>& pending() const { return pending_; }
  // nullptr: none is.
  [[nodiscard]] const Pending* pending_on(const Target& target) const;
  // When an effect on this target may be emitted: zero: now; max: one is pending, its answer will
  // mark the key; else: it failed or conflicted, and waits.
  [[nodiscard]] Time next_try(const Target& target) const;
  // When an effect on this NodePool, or this reading of HyperPod ("DescribeClusterEvent": any of
  // them), was last emitted; zero: never by this process. Paces what is done at a rate.
  [[nodiscard]] Time last_emitted(const Target& target) const;
  // Whether this event was recorded within its quiet time.
  [[nodiscard]] bool was_recorded(const RecordEvent& event, Time now) const;

 private:
  // snapshot.h
  friend struct PictureMemory;
  friend class Restoration;

  struct Wait {
    Time until;
    std::int32_t failures = 0;
    std::uint64_t newer_than = 0;  // a conflict: until a version above this one is in the picture
  };

  // fold_kinds.cpp, fold_objects.cpp, fold_pods.cpp, nominations.cpp, node_matching.cpp
  void fold_changed(const Object& object, Time now);
  void fold_gone(const Gone& gone, Time now);
  void put(const kube::Pod& pod, Time now);
  void put(const kube::Node& node, Time now);
  void put(const kube::NodeClaim& claim, Time now);
  void put(const kube::NodePool& pool, Time now);
  void put(const kube::HyperpodNodeClass& node_class, Time now);
  template <typename T>
  void put(const T& object, Time now);  // of the kinds that are only read
  template <typename T>
  void erase(const Gone& gone, Time now);
  template <typename T>
  void object_changed(const T& object, bool matters, Time now);
  void remake_buffer_pods(const kube::ObjectKey& buffer);
  void keep_room(const KeepRoom& keep, Time now);
  void put_foreign(const kube::NodeClaim& claim, Time now);
  void erase_pod(const kube::ObjectKey& key, Time now);
  void note_pod_event(const std::string& node, Time now);
  void forget_usage(const std::string& node);
  void erase_node(const std::string& name, Time now);
  void erase_claim(const std::string& name, Time now);
  void unbind(const PodRecord& record);
  void bind(const PodRecord& record);
  void set_pending(PodRecord& record, Time now);
  void clear_nomination(PodRecord& record);
  void nominate(std::string_view uid, Nomination nomination);
  void end_nomination(PodRecord& record, Time since);
  // Which claim a node belongs to, and which node stands behind a claim.
  using NodeIndex = std::set<std::pair<std::string, std::string>>;  // key, name of the Node
  void match_every_node();
  void match_nodes_of(std::string_view claim_uid, std::string_view logical_id);
  void match_indexed(const NodeIndex& index, const std::string& key);
  void match_node(NodeRecord& record);
  void index_node(const kube::Node& node);
  void unindex_node(const kube::Node& node);
  // fold_index.cpp
  [[nodiscard]] ClaimIndex::Place place_of(const ClaimRecord& record) const;
  void index_claim(std::string_view name);
  void index_claim_of_node(std::string_view node);
  void index_instance(const std::string& logical_id);
  void index_orphan(const NodeRecord& record);
  void index_unplaced(const PodRecord& record);
  void index_everything();
  void note_stamp(const Action& action, int change);
  [[nodiscard]] std::vector<const NodeRecord*> nodes_in(const NodeIndex& index,
                                                        std::string_view key) const;
  void expire_nominations(Time now);
  void trade_places(const PodRecord& bound, PodClassId waited_as, Time now);
  [[nodiscard]] bool does_not_suit(const ClaimRecord& claim, const kube::Pod& pod) const;
  void forget_misfit(const PodRecord& record, PodClassId waited_as, Time now);
  void forget_batch(const std::string& batch, const std::string& claim);
  void forget_answer(const std::string& batch);
  void keep_orphan(const std::string& logical_id);
  void note_gone(const std::string& logical_id, Deletion& deletion);
  void remember_recorded(const RecordEvent& event, Time now);

  // fold_effects.cpp, fold_hyperpod.cpp
  void fold_answered(const Answered& answered, Time now);
  void fold_priced(const Priced& priced, Time now);
  void fold_payload(const Action& action, const Answered& answered, Time now);
  void fold_hyperpod(const Action& action, const Answered& answered, Time now);
  void fold_description(const Answered& answered, Time now);
  void fold_subnets(const Answered& answered, Time now);
  void fold_training_plan(const std::string& name, const Answered& answered, Time now);
  void fold_changed_instances(const std::vector<std::string>& logical_ids);
  void fold_deletion(const BatchDeleteClusterNodes& call, const Answered& answered, Time now);
  void mark_everything(Time now);
  void wait(const Target& target, Outcome outcome, std::uint64_t version, Time now);
  // A newer version of the target is in the picture: what it conflicted with is seen.
  void release(const Target& target, std::uint64_t version);
  [[nodiscard]] std::uint64_t version_of_target(const Target& target) const;
  [[nodiscard]] bool is_known(const Object& object) const;
  void fold_creation(const kube::NodeClaim& claim, const Answered& answered, Time now);
  void fold_creation_failure(const kube::NodeClaim& claim, const Answered& answered, Time now);
  void mark_node_classes();
  void remember_emitted(const Action& action, Time now);

  void mark(Key::Of of, std::string_view name = {});
  void mark_target(const Target& target);
  void solver_inputs_changed(Time now);
  void offerings_changed(Time now);
  void expectations_changed(Time now);
  void index_daemon_pod(const kube::Pod& pod, bool is_there);

  Options options_;
  hyperpod::InstanceTypes types_;
  HyperPodView hyperpod_;
  std::array<bool, kKindCount> synced_{};
  std::map<kube::ObjectKey, PodRecord> pods_;
  std::map<std::string, NodeRecord, std::less<>> nodes_;
  NodeIndex nodes_by_claim_, nodes_by_claim_uid_, nodes_by_instance_;
  std::map<std::string, ClaimRecord, std::less<>> claims_;
  std::set<std::string, std::less<>> deleting_claims_;
  ClaimIndex claim_index_;
  std::map<std::string, kube::NodeClaim, std::less<>> foreign_claims_;
  std::map<std::string, Deletion, std::less<>> deletions_;  // by logical id
  std::set<std::string, std::less<>> orphaned_instances_;
  std::map<std::string, kube::NodePool, std::less<>> pools_;
  std::map<std::string, kube::HyperpodNodeClass, std::less<>> classes_;
  std::map<std::string, SeenCapacity, std::less<>> seen_capacity_;  // by NodeClass
  ObjectStore objects_;
  TextLookup<const kube::ObjectKey*> pods_by_uid_;
  std::map<std::string, NodeUsage, std::less<>> usage_;
  std::map<std::string, std::string, std::less<>> claims_by_uid_;
  std::map<std::string, std::string, std::less<>> claims_by_logical_id_;
  std::map<std::string, std::set<std::string>, std::less<>> claims_by_batch_;
  std::map<std::string, std::set<std::string>, std::less<>> nominated_to_claim_,
      nominated_to_node_;  // UIDs
  std::map<std::string, LaunchAnswer, std::less<>> launch_answers_;
  std::set<std::string, std::less<>> uncalled_batches_;
  PodClasses pod_classes_;
  std::map<kube::ObjectKey, std::vector<PodRecord>> buffer_pods_;
  BufferPlan buffer_plan_;
  std::set<kube::ObjectKey> pending_pods_;
  std::map<kube::ObjectKey, const PodRecord*> unplaced_pods_;
  std::set<std::pair<Time, std::string>> nomination_ends_;              // UIDs
  std::set<std::tuple<PodClassId, std::string, std::string>> misfits_;  // class, group, type
  std::set<std::pair<Time, std::string>>
      uncertain_claims_;  // creations of unknown outcome, until then
  std::map<hyperpod::OfferingKey, Time> unavailable_;
  std::map<std::string, BackOffRecord, std::less<>> back_offs_;
  std::map<std::string, CreationFailure, std::less<>> creation_failures_;  // by NodePool
  std::uint64_t inputs_version_ = 1;
  std::uint64_t offerings_version_ = 1;
  std::uint64_t expectations_version_ = 1;
  ChangeLog change_log_;
  // By the DaemonSet's UID, oldest first.
  std::map<std::string, std::set<std::tuple<Time, std::string, kube::ObjectKey>>, std::less<>>
      daemon_pods_;
  Time inputs_changed_at_;

  std::map<EffectId, Pending> pending_;
  std::map<Target, EffectId> pending_targets_;
  std::map<std::string, int, std::less<>> stamps_under_way_;  // effects, by batch
  std::map<Target, Wait> waits_;
  std::map<Target, Time> last_emitted_;
  std::map<std::string, Time, std::less<>> recorded_;  // events said, by their text
  std::set<Key> changed_;
};

}  // namespace hyperwright::state
