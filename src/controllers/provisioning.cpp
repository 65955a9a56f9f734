// Provisioning: pending pods get a place, on a node that exists, on one that is coming, or on a new
// one.
//
// Pods are taken in batches (batch_window.h). To the pending ones come those of nodes that are
// going: their new place is made before they are evicted. The plan sticks: a pod that is nominated
// is not planned again while its place stands.
//
// Tens of thousands of pods may come at once: one look plans, places and buys for so many and no
// more, and the rest follows in the next turns. Those come first that were never looked at, then
// those whose last look is longest ago, and of these the more important ones.
//
// Virtual pods of CapacityBuffers are planned with them, from the start each time: nothing of them
// sticks, so that real pods find the room that was kept. Of what is bought for them, only that it
// is not empty is remembered.
//
// Source: Karpenter v1, controller "provisioner"; events Nominated, FailedScheduling.
#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "controllers/batch_window.h"
#include "controllers/controllers.h"
#include "controllers/going_pods.h"
#include "controllers/purchase.h"
#include "controllers/record.h"
#include "kube/well_known.h"
#include "scheduling/plan.h"

namespace hyperwright::controllers {
namespace {

using Pods = std::vector<const state::PodRecord*>;

// As Karpenter's bursts: with hundreds of pods the rest would drown what matters.
constexpr std::size_t kNominatedEventsMax = 10;
constexpr std::size_t kFailedEventsMax = 100;
constexpr std::size_t kPodsPerLook = 5'000;
constexpr std::size_t kPlacesPerLook = 200;  // nodes that get pods
constexpr std::size_t kNewNodesPerLook = 100;
// As Karpenter's buffers: pods that are bound without ever waiting take room, too.
constexpr Duration kBuffersAgain = Duration::seconds(30);

void add_going(const Context& context, const state::ClaimRecord& claim, BatchWindow& window,
               Pods& pods) {
  for (const state::PodRecord* pod : going_pods(context.state, claim, context.now)) {
    if (add_to(window, context.state, *pod, claim.deleting_since)) pods.push_back(pod);
  }
}

// Virtual pods are planned with every batch, and for themselves when what the solver looks at has
// changed, or (what is no such change) pods came to the nodes that room was kept on.
bool add_buffers(const Context& context, BatchWindow& window, Decision& decision) {
  const state::ClusterState& state = context.state;
  const state::BufferPlan& last = state.buffer_plan();
  if (state.buffer_pods().empty() && last.rooms.empty()) return false;
  if (last.inputs_version == 0) {
    window.add_new(state.solver_inputs_changed_at());
  } else if (last.inputs_version != state.solver_inputs_version()) {
    window.add_failed(last.at, state.solver_inputs_changed_at());
  } else if (context.now < last.at + kBuffersAgain) {
    decision.look_again(last.at + kBuffersAgain);
  } else if (last.changes == state.change_log().end()) {
    decision.look_again(context.now + kBuffersAgain);
  } else {
    window.add_failed(last.at, last.at);
  }
  return true;
}

// --- the plan becomes effects ---

class Emission {
 public:
  Emission(const Context& context, Decision& decision)
      : context_(context), decision_(decision), purchase_(context, decision) {}

  void place(const std::vector<scheduling::PlacedOnNode>& places) {
    for (const scheduling::PlacedOnNode& placed : part_of(places, kPlacesPerLook)) place(placed);
  }

  void place(const scheduling::PlacedOnNode& placed) {
    const std::vector<std::string> pods = real_pods(context_.state, placed.pods);
    if (pods.empty()) return;
    decision_.emit(state::NominatePods{.node = placed.node, .claim = placed.claim, .pods = pods},
                   "provisioned");
    std::string where;
    if (!placed.claim.empty()) where = fmt::format("nodeclaim/{}", placed.claim);
    if (!placed.node.empty())
      where += fmt::format("{}node/{}", where.empty() ? "" : ", ", placed.node);
    tell_nominated(pods, where);
  }

  // The claims' names, in the order of `nodes`; "": none.
  std::vector<std::string> buy(const std::vector<scheduling::NewNode>& nodes) {
    std::vector<std::string> claims =
        purchase_.buy(part_of(nodes, kNewNodesPerLook), "provisioned");
    claims.resize(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!claims[i].empty()) tell_nominated(nodes[i].pods, fmt::format("nodeclaim/{}", claims[i]));
    }
    return claims;
  }

  void refuse(const scheduling::Unplaced& unplaced, std::uint64_t inputs_version) {
    const std::vector<std::string> pods = real_pods(context_.state, unplaced.pods);
    if (pods.empty()) return;
    const std::string verdict = unplaced.verdict();
    decision_.emit(state::MarkUnschedulable{pods, inputs_version, verdict}, "unschedulable");
    for (const std::string& uid : pods) {
      const state::PodRecord* pod = context_.state.find_pod(uid);
      // Pods on nodes that are going have a place still.
      if (!pod->pod.node_name.empty() || failed_told_ == kFailedEventsMax) continue;
      const std::string message = fmt::format("Failed to schedule pod, {}", verdict);
      if (decision_.emit(warning(pod->pod, "FailedScheduling", message, Duration::minutes(5)),
                         "unschedulable"))
        ++failed_told_;
    }
  }

  // `claims`: of the plan's new nodes.
  void keep_room(const scheduling::Plan& plan, const std::vector<std::string>& claims) {
    const state::ClusterState& state = context_.state;
    std::map<std::string_view, const kube::ObjectKey*> buffer_of;  // by UID of the virtual pod
    std::map<kube::ObjectKey, std::int64_t> missing;               // pods without room, by buffer
    for (const auto& [key, pods] : state.buffer_pods()) {
      missing[key] = static_cast<std::int64_t>(pods.size());
      for (const state::PodRecord& pod : pods) buffer_of[pod.pod.meta.uid] = &key;
    }
    const auto has_virtual = [&](const std::vector<std::string>& uids) {
      return std::ranges::any_of(uids,
                                 [&](const std::string& uid) { return buffer_of.contains(uid); });
    };
    state::KeepRoom keep{
        .inputs_version = state.solver_inputs_version(), .rooms = {}, .claims = {}};
    for (const scheduling::PlacedOnNode& placed : plan.placed) {
      for (const std::string& uid : placed.pods) {
        if (const auto it = buffer_of.find(uid); it != buffer_of.end()) --missing[*it->second];
      }
      const state::NodeRecord* node = state.find_node(placed.node);
      const std::string& claim = node == nullptr ? placed.claim : node->claim;
      if (!claim.empty() && has_virtual(placed.pods)) keep.claims.push_back(claim);
    }
    for (std::size_t i = 0; i < plan.new_nodes.size(); ++i) {
      if (!claims[i].empty() && has_virtual(plan.new_nodes[i].pods))
        keep.claims.push_back(claims[i]);
    }
    for (const auto& [key, count] : missing) keep.rooms.push_back({key, count == 0});
    decision_.emit(std::move(keep), "buffered");
    decision_.look_again(context_.now + kBuffersAgain);
  }

 private:
  // What is beyond is planned again, in the next turn.
  template <typename T>
  std::span<const T> part_of(const std::vector<T>& all, std::size_t most) {
    if (all.size() <= most) return all;
    decision_.look_again(context_.now);
    return std::span(all).first(most);
  }

  void tell_nominated(const std::vector<std::string>& pods, const std::string& where) {
    for (const std::string& uid : pods) {
      const state::PodRecord* pod = context_.state.find_pod(uid);
      if (pod == nullptr || !pod->pod.node_name.empty() || nominated_told_ == kNominatedEventsMax)
        continue;
      const std::string message = fmt::format("Pod should schedule on: {}", where);
      if (decision_.emit(normal(pod->pod, "Nominated", message), "provisioned")) ++nominated_told_;
    }
  }

  const Context& context_;
  Decision& decision_;
  Purchase purchase_;
  std::size_t nominated_told_ = 0;
  std::size_t failed_told_ = 0;
};

// Says whether it is a part only.
bool cut_to_one_look(Pods& pods) {
  if (pods.size() <= kPodsPerLook) return false;
  using Rank = std::tuple<Time, std::int64_t, std::size_t>;  // the last: its place among them
  std::vector<Rank> ranks;
  ranks.reserve(pods.size());
  for (const state::PodRecord* pod : pods)
    ranks.emplace_back(pod->verdict_at, -std::int64_t{pod->pod.scheduling.priority}, ranks.size());
  std::ranges::nth_element(ranks, ranks.begin() + kPodsPerLook);
  ranks.resize(kPodsPerLook);
  std::ranges::sort(ranks);
  Pods first;
  for (const Rank& rank : ranks) first.push_back(pods[std::get<2>(rank)]);
  pods = std::move(first);
  return true;
}

}  // namespace

void provisioning(const Context& context, const state::Key& key, Decision& decision) {
  const state::ClusterState& state = context.state;
  BatchWindow window(state.options().batch_idle, state.options().batch_max);
  Pods pods;
  if (key.of == state::Key::Of::Node) {
    const state::NodeRecord* node = state.find_node(key.name);
    const state::ClaimRecord* claim = node == nullptr ? nullptr : state.find_claim(node->claim);
    if (claim == nullptr) return;
    add_going(context, *claim, window, pods);
    if (pods.empty()) return;
    pods.clear();
    window = BatchWindow(state.options().batch_idle, state.options().batch_max);
  }
  for (const auto& [pod_key, pod] : state.unplaced_pods()) {
    if (add_to(window, state, *pod, pod->pending_since)) pods.push_back(pod);
  }
  for (const std::string& name : state.deleting_claims())
    add_going(context, *state.find_claim(name), window, pods);
  const bool has_buffers = add_buffers(context, window, decision);
  const auto closes = window.closes();
  if (!closes) return;
  if (!state.is_synced()) return decision.look_again(context.now + Duration::seconds(1));
  if (context.now < *closes) return decision.look_again(*closes);

  if (cut_to_one_look(pods)) decision.look_again(context.now);
  for (const auto& [buffer, virtual_pods] : state.buffer_pods()) {
    for (const state::PodRecord& pod : virtual_pods) pods.push_back(&pod);
  }
  const scheduling::Plan plan = scheduling::solve(context.supply, state, pods, context.now);
  Emission emission(context, decision);
  emission.place(plan.placed);
  const std::vector<std::string> claims = emission.buy(plan.new_nodes);
  for (const scheduling::Unplaced& unplaced : plan.unplaced)
    emission.refuse(unplaced, state.solver_inputs_version());
  if (has_buffers) emission.keep_room(plan, claims);
}

}  // namespace hyperwright::controllers
