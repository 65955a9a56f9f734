// The fields of PictureMemory (snapshot_memory.h).
#pragma once

#include "state/codec_hyperpod.h"
#include "state/codec_words.h"
#include "state/snapshot_memory.h"

namespace hyperwright::state {

template <>
struct Fields<kube::ObjectKey> {
  static void walk(auto& io, auto& key) {
    io("namespace", key.namespace_);
    io("name", key.name);
  }
};
template <>
struct Fields<Nomination> {
  static void walk(auto& io, auto& nomination) {
    io("node", nomination.node);
    io("claim", nomination.claim);
    io("at", nomination.at);
    io("ends", nomination.ends);
  }
};
template <>
struct Fields<Target> {
  static void walk(auto& io, auto& target) {
    io("of", target.of);
    io("name", target.name);
  }
};

// --- HyperPod ---

template <>
struct Fields<HyperPodMemory::Plan> {
  static void walk(auto& io, auto& plan) {
    io("name", plan.name);
    io("plan", plan.plan);
  }
};
template <>
struct Fields<HyperPodMemory::Instance> {
  static void walk(auto& io, auto& instance) {
    io("node", instance.node);
    io("seenAt", instance.seen_at);
  }
};
template <>
struct Fields<HyperPodMemory::EventToDescribe> {
  static void walk(auto& io, auto& event) {
    io("time", event.time);
    io("id", event.id);
    io("group", event.group);
  }
};
template <>
struct Fields<HyperPodMemory> {
  static void walk(auto& io, auto& memory) {
    io("cluster", memory.cluster);
    io("clusterReadAt", memory.cluster_read_at);
    io("clusterProblem", memory.cluster_problem);
    io("subnets", memory.subnets);
    io("subnetsProblem", memory.subnets_problem);
    io("trainingPlans", memory.training_plans);
    io("nodes", memory.nodes);
    io("logicalIds", memory.logical_ids);
    io("nodesListedAt", memory.nodes_listed_at);
    io("nodesReadAt", memory.nodes_read_at);
    io("listBegunAt", memory.list_begun_at);
    io("nextPage", memory.next_page);
    io("eventsAfter", memory.events_after);
    io("eventsReadAt", memory.events_read_at);
    io("newestEvent", memory.newest_event);
    io("nextEventsPage", memory.next_events_page);
    io("eventsSeen", memory.events_seen);
    io("eventsToDescribe", memory.events_to_describe);
    io("launchFailures", memory.launch_failures);
  }
};

// --- the picture ---

template <>
struct Fields<PictureMemory::Class> {
  static void walk(auto& io, auto& pod_class) {
    io("pod", pod_class.pod);
    io("buffer", pod_class.buffer);
    io("like", pod_class.like);
    io("claimNames", pod_class.claim_names);
  }
};
template <>
struct Fields<PictureMemory::PodMemory> {
  static void walk(auto& io, auto& pod) {
    io("namespace", pod.key.namespace_);
    io("name", pod.key.name);
    io("pending", pod.is_pending);
    io("pendingSince", pod.pending_since);
    io("nomination", pod.nomination);
    io("verdictVersion", pod.verdict_version);
    io("verdict", pod.verdict);
    io("verdictAt", pod.verdict_at);
  }
};
template <>
struct Fields<PictureMemory::NodeMemory> {
  static void walk(auto& io, auto& node) {
    io("name", node.name);
    io("claim", node.claim);
    io("firstSeenReady", node.first_seen_ready);
    io("deletingSince", node.deleting_since);
  }
};
template <>
struct Fields<PictureMemory::ClaimMemory> {
  static void walk(auto& io, auto& claim) {
    io("name", claim.name);
    io("launchProblem", claim.launch_problem);
    io("logicalId", claim.logical_id);
    io("creating", claim.is_being_created);
    io("deletingSince", claim.deleting_since);
    io("node", claim.node_name);
  }
};
template <>
struct Fields<PictureMemory::NamedTime> {
  static void walk(auto& io, auto& entry) {
    io("name", entry.name);
    io("at", entry.at);
  }
};
template <>
struct Fields<PictureMemory::NamedDeletion> {
  static void walk(auto& io, auto& entry) {
    io("id", entry.id);
    io("acceptedAt", entry.deletion.accepted_at);
    io("refusedAt", entry.deletion.refused_at);
    io("gone", entry.deletion.is_gone);
    io("problem", entry.deletion.problem);
  }
};
template <>
struct Fields<PictureMemory::NamedAnswer> {
  static void walk(auto& io, auto& entry) {
    io("batch", entry.batch);
    io("result", entry.answer.result);
    io("outcome", entry.answer.outcome);
    io("message", entry.answer.message);
    io("at", entry.answer.at);
  }
};
template <>
struct Fields<PictureMemory::Misfit> {
  static void walk(auto& io, auto& misfit) {
    io("class", misfit.pod_class);
    io("group", misfit.group);
    io("type", misfit.type);
  }
};
template <>
struct Fields<PictureMemory::Unavailable> {
  static void walk(auto& io, auto& entry) {
    io("offering", entry.offering);
    io("until", entry.until);
  }
};
template <>
struct Fields<PictureMemory::NamedBackOff> {
  static void walk(auto& io, auto& entry) {
    io("group", entry.group);
    io("until", entry.record.until);
    io("why", entry.record.why);
    io("streak", entry.record.streak);
  }
};
template <>
struct Fields<PictureMemory::NamedFailure> {
  static void walk(auto& io, auto& entry) {
    io("name", entry.pool);
    io("until", entry.failure.until);
    io("why", entry.failure.why);
    io("count", entry.failure.in_a_row);
  }
};
template <>
struct Fields<PictureMemory::Room> {
  static void walk(auto& io, auto& room) {
    io("buffer", room.buffer);
    io("there", room.is_there);
  }
};
template <>
struct Fields<PictureMemory::TargetWait> {
  static void walk(auto& io, auto& wait) {
    io("target", wait.target);
    io("until", wait.until);
    io("failures", wait.failures);
    io("newerThan", wait.newer_than);
  }
};
template <>
struct Fields<PictureMemory::TargetTime> {
  static void walk(auto& io, auto& entry) {
    io("target", entry.target);
    io("at", entry.at);
  }
};
template <>
struct Fields<PictureMemory> {
  static void walk(auto& io, auto& memory) {
    io("synced", memory.synced);
    io("hyperpod", memory.hyperpod);
    io("classes", memory.classes);
    io("pods", memory.pods);
    io("nodes", memory.nodes);
    io("claims", memory.claims);
    io("foreignClaims", memory.foreign_claims);
    io("claimsByLogicalId", memory.claims_by_logical_id);
    io("podEvents", memory.pod_events);
    io("deletions", memory.deletions);
    io("orphanedInstances", memory.orphaned_instances);
    io("launchAnswers", memory.launch_answers);
    io("uncalledBatches", memory.uncalled_batches);
    io("bufferInputs", memory.buffer_inputs);
    io("bufferPlanAt", memory.buffer_plan_at);
    io("changedSinceBufferPlan", memory.is_changed_since_buffer_plan);
    io("rooms", memory.rooms);
    io("roomClaims", memory.room_claims);
    io("nominationEnds", memory.nomination_ends);
    io("misfits", memory.misfits);
    io("uncertainClaims", memory.uncertain_claims);
    io("unavailable", memory.unavailable);
    io("backOffs", memory.back_offs);
    io("creationFailures", memory.creation_failures);
    io("inputsVersion", memory.inputs_version);
    io("offeringsVersion", memory.offerings_version);
    io("expectationsVersion", memory.expectations_version);
    io("inputsChangedAt", memory.inputs_changed_at);
    io("waits", memory.waits);
    io("lastEmitted", memory.last_emitted);
    io("recorded", memory.recorded);
    io("changed", memory.changed);
  }
};

}  // namespace hyperwright::state
