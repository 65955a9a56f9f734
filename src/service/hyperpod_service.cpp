#include "service/hyperpod_service.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "service/control_plane.h"
#include "service/event_log.h"
#include "service/instance_groups.h"
#include "service/operations.h"
#include "service/provisioning.h"
#include "service/rows.h"
#include "service/throttle.h"
#include "service/touched.h"
#include "service/turn.h"
#include "service/zones.h"

namespace hyperwright::service {
namespace {

void advance_cluster(Turn& turn, ClusterRecord& cluster) {
  set_due(turn, cluster, Time::max());
  if (cluster.status != hyperpod::ClusterStatus::Creating) return;
  cluster.status = hyperpod::ClusterStatus::InService;
  record_cluster_event(turn, cluster, hyperpod::EventLevel::Info,
                       fmt::format("Creation of Cluster {} is completed", cluster.name));
}

// Wakes one record. Records are found by their sequence numbers, because earlier wakes may have
// moved them.
void wake(Turn& turn, const Wake& due) {
  const auto cluster =
      std::ranges::find(turn.state.clusters, due.cluster, &ClusterRecord::sequence);
  check(cluster != turn.state.clusters.end(), "a wake's cluster is there");
  if (due.item == 0) {
    advance_cluster(turn, *cluster);
    return;
  }
  const auto node = std::ranges::lower_bound(cluster->nodes, due.item, {}, &NodeRecord::sequence);
  if (node != cluster->nodes.end() && node->sequence == due.item) {
    advance_node(turn, *cluster, *node);
    return;
  }
  const auto group = std::ranges::find(cluster->groups, due.item, &GroupRecord::sequence);
  check(group != cluster->groups.end(), "a wake's group or node is there");
  give_up_minimum(turn, *cluster, *group);
}

void settle(Turn& turn) {
  for (ClusterRecord& cluster : turn.state.clusters) settle_groups(turn, cluster);
  std::erase_if(turn.state.clusters, [&turn](const ClusterRecord& cluster) {
    const bool is_gone = cluster.status == hyperpod::ClusterStatus::Deleting &&
                         cluster.due == Time::max() && cluster.groups.empty();
    if (is_gone) turn.touched.touch(cluster);
    return is_gone;
  });
}

}  // namespace

HyperPodService::HyperPodService(ServiceOptions options, hyperpod::InstanceTypes types,
                                 Random random, Time start)
    : options_(std::move(options)),
      types_(std::move(types)),
      state_(std::make_unique<ControlPlane>()),
      touched_(std::make_unique<Touched>(options_.is_kept)) {
  state_->region = options_.region;
  state_->account = options_.account;
  state_->start = state_->latest = start;
  state_->random = random;
  place_scenario_subnets(*state_, options_.scenario);
}

Result<HyperPodService> HyperPodService::restore(ServiceOptions options,
                                                 hyperpod::InstanceTypes types,
                                                 std::span<const Row> rows) {
  auto state = control_plane_of(rows, types);
  if (!state) return fail(state.error());
  if (state->region != options.region || state->account != options.account) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("the clusters in it are of region {} and account {}, and this service is "
                    "of region {} and account {}",
                    state->region, state->account, options.region, options.account),
        fmt::format("start it for region {}, or with another file", state->region));
  }
  HyperPodService service(std::move(options), std::move(types), state->random, state->start);
  *service.state_ = std::move(*state);
  place_scenario_subnets(*service.state_, service.options_.scenario);
  return service;
}

HyperPodService::HyperPodService(HyperPodService&&) noexcept = default;
HyperPodService& HyperPodService::operator=(HyperPodService&&) noexcept = default;
HyperPodService::~HyperPodService() = default;

Answer HyperPodService::call(std::string_view operation, const boost::json::value& body, Time now) {
  advance(now);
  Turn turn{*state_, options_, types_, *touched_, now};
  const Operation run = find_operation(operation);
  if (run == nullptr) return unknown_operation(operation);
  if (!take_token(turn, operation)) return throttled();
  RequestProblems problems;
  const RequestReader request(body, problems);
  Answer answer = run(turn, request, problems);
  settle(turn);
  return answer;
}

Time HyperPodService::next_wake() const {
  return state_->wakes.empty() ? Time::max() : state_->wakes.begin()->at;
}

void HyperPodService::advance(Time now) {
  // Each wake happens at its own time, whatever steps the caller takes.
  while (!state_->wakes.empty() && state_->wakes.begin()->at <= now) {
    const Wake due = *state_->wakes.begin();
    Turn turn{*state_, options_, types_, *touched_, due.at};
    wake(turn, due);
    settle(turn);
  }
  state_->latest = std::max(state_->latest, now);
}

std::vector<Output> HyperPodService::take_outputs() {
  std::vector<Output> outputs;
  for (NumberedOutput& output : hand_out()) {
    outputs.push_back(std::move(output.output));
    confirm(output.number);
  }
  return outputs;
}

std::vector<NumberedOutput> HyperPodService::hand_out() {
  std::vector<NumberedOutput> outputs;
  for (auto record =
           std::ranges::upper_bound(state_->outputs, handed_out_, {}, &OutputRecord::sequence);
       record != state_->outputs.end(); ++record) {
    outputs.push_back({record->sequence, record->output});
    handed_out_ = record->sequence;
  }
  return outputs;
}

void HyperPodService::confirm(std::uint64_t number) {
  const auto record =
      std::ranges::lower_bound(state_->outputs, number, {}, &OutputRecord::sequence);
  if (record == state_->outputs.end() || record->sequence != number) return;
  touched_->touch(*record);
  state_->outputs.erase(record);
}

Changes HyperPodService::take_changes() {
  check(options_.is_kept, "changes are asked for where they are remembered");
  Changes changes = changes_of(*state_, *touched_);
  touched_->clear();
  return changes;
}

Time HyperPodService::latest() const { return state_->latest; }

Status HyperPodService::replace_instance(std::string_view cluster_name, std::string_view logical_id,
                                         Time now) {
  advance(now);
  ClusterRecord* cluster = find_cluster(*state_, cluster_name);
  if (cluster == nullptr) {
    return fail(ErrorCode::NotFound, fmt::format("cluster {} does not exist", cluster_name),
                "name a cluster of this service");
  }
  NodeRecord* node = find_node(*cluster, logical_id);
  if (node == nullptr || !node->has_instance() || !node->counts()) {
    return fail(
        ErrorCode::NotFound,
        fmt::format("node {} of cluster {} has no living instance", logical_id, cluster->name),
        "name the logical id of a node that runs");
  }
  Turn turn{*state_, options_, types_, *touched_, now};
  replace_node(turn, *cluster, *node);
  return {};
}

}  // namespace hyperwright::service
