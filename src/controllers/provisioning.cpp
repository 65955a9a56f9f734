// Provisioning: pending pods get a place, on a node that exists, on one that is coming, or on a new
// one.
//
// Pods are taken in batches (batch_window.h). To the pending ones come those of nodes that are
// going: their new place is made before they are evicted. The plan sticks: a pod that is nominated
// is not planned again while its place stands.
//
// Source: Karpenter v1, controller "provisioner"; events Nominated, FailedScheduling.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controllers/batch_window.h"
#include "controllers/controllers.h"
#include "controllers/launch_stamp.h"
#include "controllers/new_claim.h"
#include "controllers/pool_usage.h"
#include "controllers/record.h"
#include "kube/well_known.h"
#include "scheduling/plan.h"

namespace hyperwright::controllers {
namespace {

using Pods = std::vector<const state::PodRecord*>;

// As Karpenter's bursts: with hundreds of pods the rest would drown what matters.
constexpr std::size_t kNominatedEventsMax = 10;
constexpr std::size_t kFailedEventsMax = 100;
// Kubernetes cuts the base of generated names here, so that a name with its suffix is a DNS label.
constexpr std::size_t kNameBaseMax = 57;

// No eviction of it will be allowed: a place made for it would stay empty.
bool may_move(const state::ClusterState& state, const kube::Pod& pod, Time now) {
  if (!kube::is_reschedulable(pod) || kube::is_do_not_disrupt_active(pod, now)) return false;
  return std::ranges::none_of(state.pod_disruption_budgets(), [&](const auto& entry) {
    return kube::is_fully_blocking(entry.second) && kube::covers(entry.second, pod);
  });
}

// A claim that is only marked may be kept, as when pods come to a node that was empty.
void add_going(const Context& context, const state::ClaimRecord& claim, BatchWindow& window,
               Pods& pods) {
  if (claim.node_name.empty() || !claim.is_deleting()) return;
  for (const state::PodRecord* pod : context.state.usage(claim.node_name).pods) {
    if (may_move(context.state, pod->pod, context.now) &&
        add_to(window, context.state, *pod, *claim.claim.meta.deletion_time))
      pods.push_back(pod);
  }
}

// --- the plan becomes effects ---

std::string free_name(const Context& context, const std::string& pool,
                      std::set<std::string>& taken) {
  const std::string base = pool.substr(0, kNameBaseMax);
  while (true) {
    std::string name = fmt::format("{}-{}", base, context.random.name_suffix());
    if (context.state.find_claim(name) == nullptr && taken.insert(name).second) return name;
  }
}

class Emission {
 public:
  Emission(const Context& context, Decision& decision) : context_(context), decision_(decision) {}

  void place(const scheduling::PlacedOnNode& placed) {
    decision_.emit(
        state::NominatePods{.node = placed.node, .claim = placed.claim, .pods = placed.pods},
        "provisioned");
    std::string where;
    if (!placed.claim.empty()) where = fmt::format("nodeclaim/{}", placed.claim);
    if (!placed.node.empty())
      where += fmt::format("{}node/{}", where.empty() ? "" : ", ", placed.node);
    tell_nominated(placed.pods, where);
  }

  void buy(const std::vector<scheduling::NewNode>& nodes) {
    std::vector<const scheduling::NewNode*> bought;
    std::vector<Wanted> wanted;
    for (const scheduling::NewNode& node : nodes) {
      if (!fits_limits(node)) continue;
      bought.push_back(&node);
      wanted.push_back({node.offering.key, node.is_flexible});
    }
    const std::vector<state::Launch> launches =
        group_into_calls(wanted, hyperpod::kAddSpecificationsMax, context_.random);
    for (std::size_t i = 0; i < bought.size(); ++i) create(*bought[i], launches[i]);
  }

  void refuse(const scheduling::Unplaced& unplaced, std::uint64_t inputs_version) {
    decision_.emit(state::MarkUnschedulable{unplaced.pods, inputs_version, unplaced.verdict},
                   "unschedulable");
    for (const std::string& uid : unplaced.pods) {
      const state::PodRecord* pod = context_.state.find_pod(uid);
      // Pods on nodes that are going have a place still.
      if (pod == nullptr || !pod->pod.node_name.empty() || failed_told_ == kFailedEventsMax)
        continue;
      const std::string message = fmt::format("Failed to schedule pod, {}", unplaced.verdict);
      if (decision_.emit(warning(pod->pod, "FailedScheduling", message, Duration::minutes(5)),
                         "unschedulable"))
        ++failed_told_;
    }
  }

 private:
  // The solver keeps the limits; this is the second lock on the same door.
  bool fits_limits(const scheduling::NewNode& node) {
    const kube::NodePool* pool = context_.state.find_node_pool(node.node_pool);
    if (pool == nullptr) return false;
    if (!pool->limits) return true;
    const auto [it, is_new] = usage_.try_emplace(node.node_pool);
    if (is_new) it->second = pool_usage(context_.state, node.node_pool);
    const kube::Resources after =
        it->second + capacity_of_type(context_.state, node.offering.key.type);
    if (pool->limits->exceeded_by(after)) return false;
    it->second = after;
    return true;
  }

  void create(const scheduling::NewNode& node, const state::Launch& launch) {
    const kube::NodePool& pool = *context_.state.find_node_pool(node.node_pool);
    const hyperpod::InstanceType* type =
        context_.state.instance_types().find(node.offering.key.type);
    const std::string name = free_name(context_, node.node_pool, names_);
    kube::NodeClaim claim =
        new_claim(name, pool, node, *context_.state.hyperpod().cluster(), launch,
                  type == nullptr ? std::string_view{} : std::string_view(type->arch));
    decision_.emit(state::CreateNodeClaim{std::move(claim), node.pods}, "provisioned");
    tell_nominated(node.pods, fmt::format("nodeclaim/{}", name));
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
  std::set<std::string> names_;
  std::map<std::string, kube::Resources, std::less<>> usage_;
  std::size_t nominated_told_ = 0;
  std::size_t failed_told_ = 0;
};

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
  for (const kube::ObjectKey& pod_key : state.pending_pods()) {
    const state::PodRecord& pod = state.pods().at(pod_key);
    if (add_to(window, state, pod, pod.pending_since)) pods.push_back(&pod);
  }
  for (const auto& [name, claim] : state.claims()) add_going(context, claim, window, pods);
  const auto closes = window.closes();
  if (!closes) return;
  if (!state.is_synced()) return decision.look_again(context.now + Duration::seconds(1));
  if (context.now < *closes) return decision.look_again(*closes);

  const scheduling::Plan plan = scheduling::solve(state, pods, context.now);
  Emission emission(context, decision);
  for (const scheduling::PlacedOnNode& placed : plan.placed) emission.place(placed);
  emission.buy(plan.new_nodes);
  for (const scheduling::Unplaced& unplaced : plan.unplaced)
    emission.refuse(unplaced, state.solver_inputs_version());
}

}  // namespace hyperwright::controllers
