// How what HyperPod answers is folded into the picture: launches, withdrawals, and readings.
#include <algorithm>

#include "state/cluster_state.h"
#include "state/open_launches.h"

namespace hyperwright::state {

void ClusterState::fold_hyperpod(const Action& action, const Answered& answered, Time now) {
  if (const auto* launch = std::get_if<BatchAddClusterNodes>(&action)) {
    LaunchAnswer& answer = launch_answers_[launch->client_token];
    answer.outcome = answered.outcome;
    answer.message = answered.message;
    answer.at = now;
    if (const auto* result = std::get_if<hyperpod::AddResult>(&answered.payload))
      answer.result = *result;
    const bool had_no_effect =
        answered.outcome == Outcome::Forbidden || answered.outcome == Outcome::Retry;
    if (!had_no_effect) uncalled_batches_.erase(launch->client_token);
    // Its claims went while it was under way: nobody is left to look at the answer.
    if (!claims_by_batch_.contains(launch->client_token)) forget_answer(launch->client_token);
    // Its claims tell why they wait.
    if (answered.outcome != Outcome::Done) {
      for (const ClaimRecord* claim : claims_of_launch(launch->client_token))
        mark(Key::Of::NodeClaim, claim->claim.meta.name);
    }
    return mark(Key::Of::HyperPod);
  }
  if (const auto* deletion = std::get_if<BatchDeleteClusterNodes>(&action))
    return fold_deletion(*deletion, answered, now);
  if (std::holds_alternative<DescribeCluster>(action)) return fold_description(answered, now);
  if (std::holds_alternative<DescribeSubnets>(action)) return fold_subnets(answered, now);
  if (std::holds_alternative<ListClusterNodes>(action)) {
    if (const auto* page = std::get_if<hyperpod::Page<hyperpod::Node>>(&answered.payload)) {
      return fold_changed_instances(hyperpod_.fold_nodes(*page, now));
    }
    return hyperpod_.abandon_list(now);
  }
  if (const auto* description = std::get_if<DescribeClusterNode>(&action)) {
    if (const auto* node = std::get_if<hyperpod::Node>(&answered.payload)) {
      fold_changed_instances(hyperpod_.fold_node(*node, now));
    } else if (answered.outcome == Outcome::NotFound) {
      fold_changed_instances(hyperpod_.lose_instance(description->instance_id, now));
    }
    return;
  }
  if (const auto* description = std::get_if<DescribeTrainingPlan>(&action))
    return fold_training_plan(description->name, answered, now);
  if (const auto* list = std::get_if<ListClusterEvents>(&action)) {
    if (const auto* page = std::get_if<hyperpod::Page<hyperpod::ClusterEvent>>(&answered.payload)) {
      hyperpod_.fold_events(*page, list->after, open_launches(*this), now);
    } else {
      hyperpod_.abandon_events();
    }
    return;
  }
  if (const auto* description = std::get_if<DescribeClusterEvent>(&action)) {
    const auto* event = std::get_if<hyperpod::ClusterEvent>(&answered.payload);
    if (event == nullptr) {
      if (answered.outcome == Outcome::NotFound || answered.outcome == Outcome::Rejected)
        hyperpod_.forget_event(description->event_id);
      return;
    }
    const auto claim = claims_by_logical_id_.find(hyperpod_.fold_event(*event));
    if (claim != claims_by_logical_id_.end()) mark(Key::Of::NodeClaim, claim->second);
  }
}

void ClusterState::fold_description(const Answered& answered, Time now) {
  const bool had_problem = !hyperpod_.cluster_problem().empty();
  const auto* cluster = std::get_if<hyperpod::Cluster>(&answered.payload);
  if (cluster == nullptr) {
    hyperpod_.fold_cluster_problem(answered.message, now);
    if (!had_problem) mark_node_classes();
    return;
  }
  const bool was_synced = is_synced();
  const bool changed = hyperpod_.cluster() != *cluster;
  hyperpod_.fold_cluster(*cluster, now);
  if (changed) match_every_node();
  if (!was_synced && is_synced()) return mark_everything(now);
  if (changed || had_problem) mark_node_classes();
  if (changed) expectations_changed(now);
}

void ClusterState::fold_subnets(const Answered& answered, Time now) {
  mark_node_classes();
  const auto* subnets = std::get_if<std::vector<hyperpod::Subnet>>(&answered.payload);
  if (subnets == nullptr) return hyperpod_.fold_subnets_problem(answered.message);
  const std::vector<hyperpod::Subnet> known = hyperpod_.subnets();
  hyperpod_.fold_subnets(*subnets);
  if (hyperpod_.subnets() != known) offerings_changed(now);
}

void ClusterState::fold_training_plan(const std::string& name, const Answered& answered, Time now) {
  bool changed = false;
  if (const auto* plan = std::get_if<hyperpod::TrainingPlan>(&answered.payload)) {
    changed = hyperpod_.fold_training_plan(*plan);
  } else if (answered.outcome != Outcome::Retry && answered.outcome != Outcome::Unknown) {
    changed = hyperpod_.fold_hidden_training_plan(name);
  }
  if (changed) offerings_changed(now);
}

void ClusterState::fold_changed_instances(const std::vector<std::string>& logical_ids) {
  for (auto& [logical_id, deletion] : deletions_) {
    const bool is_listed = hyperpod_.find_node(logical_id) != nullptr;
    if (deletion.is_gone || is_listed || deletion.answered_at().is_zero() ||
        hyperpod_.nodes_listed_at() <= deletion.answered_at())
      continue;
    note_gone(logical_id, deletion);
    index_instance(logical_id);
    mark_target({Target::Of::Instance, logical_id});
  }
  for (const std::string& logical_id : logical_ids) {
    index_instance(logical_id);
    mark_target({Target::Of::Instance, logical_id});
    match_nodes_of({}, logical_id);
  }
}

// The record stays: a Node of it, or the answer that named it, may be asked about it again.
void ClusterState::note_gone(const std::string& logical_id, Deletion& deletion) {
  deletion.is_gone = true;
  orphaned_instances_.erase(logical_id);
}

void ClusterState::fold_deletion(const BatchDeleteClusterNodes& call, const Answered& answered,
                                 Time now) {
  const auto* result = std::get_if<hyperpod::DeleteResult>(&answered.payload);
  if (result == nullptr) {
    for (const std::string& id : call.logical_ids) {
      Deletion& deletion = deletions_[id];
      deletion.problem = answered.message;
      // A call of which no id is known fails as a whole, and its message is for people.
      if (answered.outcome == Outcome::Rejected) deletion.refused_at = now;
    }
    return;
  }
  std::map<std::string_view, std::string> problems;  // by id; "": none
  for (const std::string& id : call.logical_ids) problems[id] = "the answer does not name it";
  for (const std::string& id : result->successful) {
    deletions_[id].accepted_at = now;
    problems[id].clear();
  }
  for (const hyperpod::DeleteFailure& failure : result->failed) {
    const bool is_gone = failure.code == "NodeIdNotFound";
    if (is_gone) {
      note_gone(failure.id, deletions_[failure.id]);
      hyperpod_.erase_node(failure.id);
    }
    if (is_gone) {
      problems[failure.id].clear();
    } else {
      problems[failure.id] =
          failure.message.empty() ? failure.code : failure.code + ": " + failure.message;
    }
  }
  for (auto& [id, problem] : problems) {
    const Target target{Target::Of::Instance, std::string(id)};
    if (problem.empty()) {
      waits_.erase(target);
    } else {
      wait(target, Outcome::Retry, 0, now);
    }
    deletions_[target.name].problem = std::move(problem);
    index_instance(target.name);
  }
}

}  // namespace hyperwright::state
