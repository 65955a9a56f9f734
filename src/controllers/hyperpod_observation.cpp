// Reads HyperPod: what the cluster is, which nodes it has, and what happened to launches. HyperPod
// sends nothing by itself, so everything is asked for, as seldom as serves.
//
//   DescribeCluster       once a minute
//   DescribeTrainingPlan  once a minute, for each plan that instance groups draw on
//   DescribeSubnets       for subnets whose zone is not known
//   ListClusterNodes      while launches or deletions are open: every 12 seconds, newest first,
//                         until all that is open was seen; else only if DescribeCluster counts
//                         other nodes than are known, or after 10 minutes
//   DescribeClusterNode   once for a new Node whose instance no list has named
//   ListClusterEvents     every 12 seconds while launches are open, else once a minute
//   DescribeClusterEvent  for errors of groups with open launches, newest first, at most 2 a second
//
// Failures are repeated with a growing delay, which the picture keeps for each call.
#include <algorithm>
#include <map>

#include "controllers/controllers.h"
#include "kube/condition.h"
#include "kube/well_known.h"
#include "state/open_launches.h"

namespace hyperwright::controllers {
namespace {

constexpr Duration kClusterEvery = Duration::seconds(60);
constexpr Duration kSubnetsEvery = Duration::seconds(60);
constexpr Duration kTrainingPlansEvery = Duration::seconds(60);
constexpr Duration kNodesEveryOpen = Duration::seconds(12);
constexpr Duration kNodesEvery = Duration::minutes(10);
constexpr Duration kEventsEveryOpen = Duration::seconds(12);
constexpr Duration kEventsEvery = Duration::seconds(60);
constexpr Duration kEventDetailsEvery = Duration::milliseconds(500);
// The pages of one list come within this of each other.
constexpr Duration kSameList = Duration::seconds(10);

Time last_read(const Context& context, std::string_view call) {
  return context.state.last_emitted({state::Target::Of::Reading, std::string(call)});
}

// Emits `action` once in `every`; between, asks to be woken.
void read_every(const Context& context, Duration every, state::Action action, Decision& decision) {
  const Time last = last_read(context, state::name_of(action));
  const Time due = last.is_zero() ? context.now : last + every;
  if (due > context.now) return decision.look_again(due);
  decision.emit(std::move(action), "observation");
}

// All of them at once, so that one time paces them.
void read_training_plans(const Context& context, Decision& decision) {
  const std::vector<std::string> plans = context.state.hyperpod().training_plans();
  if (plans.empty() || !context.state.options().gates.reserved_capacity) return;
  const Time last = last_read(context, "DescribeTrainingPlan");
  const Time due = last.is_zero() ? context.now : last + kTrainingPlansEvery;
  if (due > context.now) return decision.look_again(due);
  for (const std::string& plan : plans)
    decision.emit(state::DescribeTrainingPlan{plan}, "observation");
}

struct Open {
  bool launches =
      false;  // claims whose instance HyperPod has not named, or that have no logical id yet
  bool unseen = false;     // of those with an id, one that the list at hand has not shown yet
  bool deletions = false;  // withdrawn ids that HyperPod still has
};

// It was asked for, and no complete list has been without the id since.
bool is_deletion_open(const state::ClusterState& state, std::string_view logical_id) {
  const state::Deletion* deletion = state.find_deletion(logical_id);
  return deletion != nullptr && !deletion->answered_at().is_zero() && !deletion->is_gone;
}

Open what_is_open(const Context& context) {
  const state::HyperPodView& view = context.state.hyperpod();
  Open open;
  open.deletions = std::ranges::any_of(
      context.state.orphaned_instances(),
      [&](const std::string& id) { return is_deletion_open(context.state, id); });
  for (const std::string& name : context.state.claim_index().of(state::ClaimIndex::Of::Open)) {
    const state::ClaimRecord& claim = *context.state.find_claim(name);
    if (claim.is_deleting() && !claim.logical_id.empty()) {
      open.deletions = open.deletions || is_deletion_open(context.state, claim.logical_id);
      continue;
    }
    if (!state::is_launch_open(context.state, claim)) continue;
    open.launches = true;
    if (claim.logical_id.empty()) continue;
    const state::HyperPodView::NodeRecord* node = view.find_node(claim.logical_id);
    open.unseen = open.unseen || node == nullptr || node->seen_at + kSameList < context.now;
  }
  return open;
}

// DescribeCluster counts instances that are there: not those that are coming, failing or going.
bool is_counted(hyperpod::InstanceStatus status) {
  using Status = hyperpod::InstanceStatus;
  return status != Status::Pending && status != Status::Failure && status != Status::ShuttingDown &&
         status != Status::NotFound;
}

bool counts_disagree(const state::HyperPodView& view) {
  std::map<std::string, std::int32_t, std::less<>> known;
  for (const auto& [id, record] : view.nodes()) {
    if (is_counted(record.node.status)) ++known[record.node.group];
  }
  return std::ranges::any_of(view.cluster()->groups, [&](const hyperpod::InstanceGroup& group) {
    const auto it = known.find(group.name);
    return group.current_count != (it == known.end() ? 0 : it->second);
  });
}

void list_nodes(const Context& context, const Open& open, Decision& decision) {
  const state::HyperPodView& view = context.state.hyperpod();
  const Time listed = view.nodes_listed_at();
  const bool is_stale = listed.is_zero() || listed + kNodesEvery <= context.now;
  // A description is compared once: where the two count differently for good, one list a minute is
  // enough.
  const bool is_wrong =
      !is_stale && view.cluster() && view.cluster_read_at() > listed && counts_disagree(view);
  const bool wants_all =
      is_stale || is_wrong || (open.deletions && listed + kNodesEveryOpen <= context.now);
  const bool wants_some = open.launches && open.unseen;
  if (view.next_page() && !view.next_page()->empty() && (wants_all || wants_some)) {
    decision.emit(state::ListClusterNodes{*view.next_page()}, "observation");
    return;
  }
  const Time last = std::max(view.nodes_read_at(), last_read(context, "ListClusterNodes"));
  const Time due = last.is_zero() ? context.now : last + kNodesEveryOpen;
  if (wants_all || open.launches) {
    if (due > context.now) return decision.look_again(due);
    decision.emit(state::ListClusterNodes{}, "observation");
    return;
  }
  decision.look_again(open.deletions ? std::max(due, listed + kNodesEveryOpen)
                                     : listed + kNodesEvery);
}

void list_events(const Context& context, const Open& open, Decision& decision) {
  const state::HyperPodView& view = context.state.hyperpod();
  // The first look goes back to the oldest launch that may be open.
  Time after = view.events_after();
  if (after.is_zero()) {
    after = context.now;
    for (const std::string& name : context.state.claim_index().of(state::ClaimIndex::Of::Open)) {
      const state::ClaimRecord& claim = *context.state.find_claim(name);
      if (!claim.is_being_created &&
          !kube::is_true(claim.claim.conditions, kube::node_claim_condition::kInitialized)) {
        after = std::min(after, claim.claim.meta.creation_time);
      }
    }
    after = after - state::kClocksApart;
  }
  if (view.next_events_page()) {
    decision.emit(state::ListClusterEvents{after, *view.next_events_page()}, "observation");
  } else {
    read_every(context, open.launches ? kEventsEveryOpen : kEventsEvery,
               state::ListClusterEvents{after, {}}, decision);
  }
  if (open.launches && !view.events_to_describe().empty()) {
    read_every(context, kEventDetailsEvery,
               state::DescribeClusterEvent{view.events_to_describe().front()}, decision);
  }
}

// Only on a change of the Node: an instance that HyperPod cannot map is asked about again with its
// next change.
void look_at_node(const Context& context, const state::NodeRecord& node, Decision& decision) {
  const state::HyperPodView& view = context.state.hyperpod();
  if (!view.cluster() || !node.claim.empty() || node.node.meta.is_deleting()) return;
  // The first list names the nodes of a cluster that was there before us, all at once.
  if (view.nodes_listed_at().is_zero()) return decision.look_again(context.now + kNodesEveryOpen);
  const auto instance =
      hyperpod::instance_id_of(node.node.provider_id, hyperpod::cluster_id(view.cluster()->arn));
  if (!instance || !view.logical_id_of(*instance).empty()) return;
  decision.emit(state::DescribeClusterNode{std::string(*instance)}, "observation");
}

}  // namespace

void hyperpod_observation(const Context& context, const state::Key& key, Decision& decision) {
  const state::HyperPodView& view = context.state.hyperpod();
  if (key.of == state::Key::Of::Node) {
    const state::NodeRecord* node = context.state.find_node(key.name);
    if (node != nullptr) look_at_node(context, *node, decision);
    return;
  }
  if (view.cluster() && view.cluster_problem().empty()) {
    read_every(context, kClusterEvery, state::DescribeCluster{}, decision);
  } else {
    decision.emit(state::DescribeCluster{}, "observation");
  }
  if (!view.cluster()) return;
  if (auto unknown = view.unknown_subnets(); !unknown.empty()) {
    read_every(context, kSubnetsEvery, state::DescribeSubnets{std::move(unknown)}, decision);
  }
  read_training_plans(context, decision);
  const Open open = what_is_open(context);
  list_nodes(context, open, decision);
  // Which events matter is said by the claims.
  if (context.state.is_synced()) list_events(context, open, decision);
}

}  // namespace hyperwright::controllers
