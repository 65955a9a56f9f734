#include "bench/figures/world.h"

#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "controllers/controller.h"
#include "kube/well_known.h"
#include "runtime/calls.h"

namespace hyperwright::bench {
namespace {

constexpr std::size_t kNodesPerPage = 100;

state::Object decoded(state::Kind kind, const std::string& text) {
  auto event = runtime::changed_event(kind, boost::json::parse(text));
  check(event.has_value(), "the benchmark's objects can be decoded");
  return std::get<state::Changed>(std::move(*event)).object;
}

bool is_over(const kube::ObjectMeta& meta) { return meta.is_deleting() && meta.finalizers.empty(); }

void set_ready(kube::Node& node, Time now) {
  std::erase_if(node.taints,
                [](const kube::Taint& taint) { return taint.key == kube::kTaintNotReady; });
  std::erase_if(node.conditions, [](const kube::Condition& c) { return c.type == "Ready"; });
  node.conditions.push_back({.type = "Ready",
                             .status = kube::ConditionStatus::True,
                             .reason = "KubeletReady",
                             .message = "kubelet is posting ready status",
                             .last_transition_time = now});
}

}  // namespace

World::World(hyperpod::Cluster cluster, std::uint64_t seed)
    : cluster_(std::move(cluster)),
      loop_(state::ClusterState(state::Options{.cluster = std::string(kClusterName)},
                                hyperpod::InstanceTypes::shipped()),
            seed, controllers::all_controllers()) {}

void World::put(state::Object object) {
  if (const auto* claim = std::get_if<kube::NodeClaim>(&object)) claims_[claim->meta.name] = *claim;
  if (const auto* node = std::get_if<kube::Node>(&object)) nodes_[node->meta.name] = *node;
  if (const auto* pool = std::get_if<kube::NodePool>(&object)) pools_[pool->meta.name] = *pool;
  if (const auto* node_class = std::get_if<kube::HyperpodNodeClass>(&object))
    classes_[node_class->meta.name] = *node_class;
  version_ = std::max(version_, state::meta_of(object).resource_version);
  inbox_.emplace_back(state::Changed{std::move(object)});
}

void World::put_pod(const PodShape& shape) {
  put(decoded(state::Kind::Pod, pod_text(shape, next_version())));
}

void World::remove_pod(const kube::ObjectKey& key, const std::string& uid) {
  inbox_.emplace_back(state::Gone{state::Kind::Pod, key, uid, next_version()});
}

void World::end_lists() {
  for (std::size_t kind = 0; kind < state::kKindCount; ++kind)
    inbox_.emplace_back(state::Synced{static_cast<state::Kind>(kind)});
}

void World::put_instance(const hyperpod::Node& instance) {
  instances_[instance.logical_id] = instance;
  for (hyperpod::InstanceGroup& group : cluster_.groups) {
    if (group.name == instance.group) group.target_count = ++group.current_count;
  }
}

namespace {

// "500 events, 100 CreateNodeClaim of 110 effects"
std::string about(std::size_t events, const std::vector<state::Effect>& effects) {
  std::map<std::string_view, std::size_t> counts;
  for (const state::Effect& effect : effects) ++counts[state::name_of(effect.action)];
  std::string text = fmt::format("{} events", events);
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  if (most == counts.end()) return text + ", no effect";
  return fmt::format("{}, {} {} of {} effects", text, most->second, most->first, effects.size());
}

}  // namespace

std::vector<state::Effect> World::turn(std::size_t events_max) {
  if (inbox_.empty()) now_ = std::max(now_, loop_.next_wake());
  const std::size_t count = std::min(inbox_.size(), events_max);
  const auto end = inbox_.begin() + static_cast<std::ptrdiff_t>(count);
  const std::vector<state::Event> events(std::make_move_iterator(inbox_.begin()),
                                         std::make_move_iterator(end));
  inbox_.erase(inbox_.begin(), end);
  const double before = spent_.turns.milliseconds();
  spent_.turns.go();
  if (journal_ != nullptr) journal_->before_turn(loop_, events, now_);
  std::vector<state::Effect> effects = loop_.turn(events, now_);
  if (journal_ != nullptr) journal_->after_turn(loop_, effects);
  spent_.turns.stop();
  if (const double took = spent_.turns.milliseconds() - before; took > spent_.longest_turn_ms) {
    spent_.longest_turn_ms = took;
    spent_.longest_turn = about(events.size(), effects);
  }
  spent_.events += events.size();
  spent_.effects += effects.size();
  for (const runtime::Loop::Refusal& refusal : loop_.refused())
    fmt::print(stderr, "refused {}: {}\n", state::name_of(refusal.effect.action), refusal.why);
  return effects;
}

void World::step(std::size_t events_max) {
  for (const state::Effect& effect : turn(events_max)) {
    if (state::is_answered(effect.action)) answer(effect);
  }
}

void World::run_until(const std::string& what, const std::function<bool()>& is_so) {
  const Time deadline = now_ + Duration::hours(2);
  for (std::size_t steps = 0; !is_so(); ++steps) {
    step();
    if (steps % 16 == 0) {
      progress(fmt::format("{}: {} nodes, {} claims, {} pods pending, {} events, {:.1f} s", what,
                           state().nodes().size(), state().claims().size(),
                           state().pending_pods().size(), spent_.events, spent_.turns.seconds()));
    }
    if (now_ > deadline) {
      fmt::print(stderr, "error: two hours of virtual time in vain: {}\n", what);
      std::exit(1);
    }
  }
  end_progress();
}

void World::settle() {
  do {
    step();
  } while (!inbox_.empty() || !state().pending().empty() || loop_.next_wake() <= now_);
}

void World::answer(const state::Effect& effect) {
  std::visit([&](const auto& action) { carry_out(effect, action); }, effect.action);
}

void World::done(const state::Effect& effect, state::Payload payload) {
  inbox_.emplace_back(state::Answered{.effect = effect.id,
                                      .outcome = state::Outcome::Done,
                                      .message = {},
                                      .payload = std::move(payload)});
}

// The object is the newest version now: it comes back with the answer, and by the watch.
template <typename Object>
void World::written(const state::Effect& effect, Object object) {
  object.meta.resource_version = next_version();
  done(effect, state::Object(object));
  put(state::Object(std::move(object)));
}

template <typename Action>
void World::carry_out(const state::Effect& effect, const Action& /*action*/) {
  done(effect);
}

// --- claims ---

void World::carry_out(const state::Effect& effect, const state::CreateNodeClaim& create) {
  kube::NodeClaim claim = create.claim;
  claim.meta.uid = fmt::format("claim-{:08x}-4f6e-9c1d-0123456789ab", version_);
  claim.meta.creation_time = now_;
  claim.meta.generation = 1;
  written(effect, std::move(claim));
}

void World::carry_out(const state::Effect& effect, const state::PatchNodeClaim& patch) {
  const auto it = claims_.find(patch.name);
  if (it == claims_.end()) return done(effect);
  kube::NodeClaim claim = it->second;
  claim.meta.labels.merge(patch.set_labels);
  claim.meta.annotations.merge(patch.set_annotations);
  if (patch.finalizers) claim.meta.finalizers = *patch.finalizers;
  if (!is_over(claim.meta)) return written(effect, std::move(claim));
  done(effect);
  inbox_.emplace_back(
      state::Gone{state::Kind::NodeClaim, {{}, patch.name}, claim.meta.uid, next_version()});
  claims_.erase(it);
}

void World::carry_out(const state::Effect& effect, const state::UpdateNodeClaimStatus& update) {
  const auto it = claims_.find(update.claim.meta.name);
  if (it == claims_.end()) return done(effect);
  kube::NodeClaim claim = update.claim;
  claim.meta = it->second.meta;
  const bool is_new = !kube::is_true(it->second.conditions, "Initialized") &&
                      kube::is_true(claim.conditions, "Initialized");
  const std::string name = claim.meta.name;
  const std::string node = claim.node_name;
  written(effect, std::move(claim));
  if (is_new) bind_nominated(name, node);
}

void World::carry_out(const state::Effect& effect, const state::DeleteNodeClaim& deletion) {
  const auto it = claims_.find(deletion.name);
  if (it == claims_.end()) return done(effect);
  kube::NodeClaim claim = it->second;
  claim.meta.deletion_time = now_;
  written(effect, std::move(claim));
}

// --- nodes ---

void World::carry_out(const state::Effect& effect, const state::PatchNode& patch) {
  const auto it = nodes_.find(patch.name);
  if (it == nodes_.end()) return done(effect);
  kube::Node node = it->second;
  const bool was_registered = node.meta.labels.contains(kube::kRegistered);
  node.meta.labels.merge(patch.set_labels);
  node.meta.annotations.merge(patch.set_annotations);
  if (patch.taints) node.taints = *patch.taints;
  if (patch.finalizers) node.meta.finalizers = *patch.finalizers;
  if (patch.owner_references) node.meta.owner_references = *patch.owner_references;
  if (!is_over(node.meta)) {
    written(effect, std::move(node));
    if (!was_registered && patch.set_labels.contains(kube::kRegistered)) make_ready(patch.name);
    return;
  }
  done(effect);
  inbox_.emplace_back(
      state::Gone{state::Kind::Node, {{}, patch.name}, node.meta.uid, next_version()});
  nodes_.erase(it);
}

void World::carry_out(const state::Effect& effect, const state::DeleteNode& deletion) {
  const auto it = nodes_.find(deletion.name);
  if (it == nodes_.end()) return done(effect);
  kube::Node node = it->second;
  node.meta.deletion_time = now_;
  done(effect);
  node.meta.resource_version = next_version();
  put(state::Object(std::move(node)));
}

void World::make_ready(const std::string& name) {
  kube::Node node = nodes_.at(name);
  set_ready(node, now_);
  node.meta.resource_version = next_version();
  put(state::Object(std::move(node)));
}

// As the scheduler and the kubelet do it: bound, then running.
void World::bind_nominated(const std::string& claim, const std::string& node) {
  for (const state::PodRecord* record : state().nominated_to_claim(claim)) {
    kube::Pod pod = record->pod;
    pod.node_name = node;
    pod.scheduled_reason.clear();
    pod.meta.resource_version = next_version();
    put(state::Object(pod));
    pod.phase = kube::PodPhase::Running;
    pod.start_time = now_;
    pod.is_ready = true;
    pod.meta.resource_version = next_version();
    put(state::Object(std::move(pod)));
  }
}

// --- pools and classes ---

void World::carry_out(const state::Effect& effect, const state::PatchNodePool& patch) {
  kube::NodePool pool = pools_.at(patch.name);
  pool.meta.annotations.merge(patch.set_annotations);
  written(effect, std::move(pool));
}
void World::carry_out(const state::Effect& effect, const state::UpdateNodePoolStatus& update) {
  kube::NodePool pool = update.pool;
  pool.meta = pools_.at(pool.meta.name).meta;
  written(effect, std::move(pool));
}
void World::carry_out(const state::Effect& effect, const state::PatchNodeClass& patch) {
  kube::HyperpodNodeClass node_class = classes_.at(patch.name);
  node_class.meta.annotations.merge(patch.set_annotations);
  written(effect, std::move(node_class));
}
void World::carry_out(const state::Effect& effect, const state::UpdateNodeClassStatus& update) {
  kube::HyperpodNodeClass node_class = update.node_class;
  node_class.meta = classes_.at(node_class.meta.name).meta;
  written(effect, std::move(node_class));
}

// --- HyperPod ---

void World::launch(const hyperpod::AddSpecification& specification, hyperpod::AddResult& result) {
  const hyperpod::InstanceGroup& group = *cluster_.find_group(specification.group);
  const auto all_subnets = subnets();
  const auto subnet = std::ranges::find_if(all_subnets, [&](const hyperpod::Subnet& each) {
    return specification.zones.empty() ? each.id == group.subnets.front()
                                       : each.zone == specification.zones.front();
  });
  for (std::int32_t i = 0; i < specification.count; ++i) {
    hyperpod::Node instance;
    instance.group = group.name;
    instance.logical_id = fmt::format("node-logical-{:08}", ++launched_);
    instance.instance_id = fmt::format("i-{:017x}", launched_ + 0xabc'0000);
    instance.instance_type =
        specification.types.empty() ? group.instance_types.front() : specification.types.front();
    instance.status = hyperpod::InstanceStatus::Running;
    instance.launch_time = now_;
    instance.zone = subnet->zone;
    instance.zone_id = subnet->zone_id;
    result.successful.push_back({.logical_id = instance.logical_id,
                                 .group = instance.group,
                                 .status = hyperpod::InstanceStatus::Pending,
                                 .zones = {},
                                 .types = {}});
    put_instance(instance);
    put(decoded(state::Kind::Node, node_text(instance, next_version())));
  }
}

void World::carry_out(const state::Effect& effect, const state::BatchAddClusterNodes& call) {
  hyperpod::AddResult result;
  std::deque<state::Event> before;
  before.swap(inbox_);
  for (const hyperpod::AddSpecification& each : call.specifications) launch(each, result);
  before.swap(inbox_);  // the answer comes before the Nodes do
  done(effect, std::move(result));
  for (state::Event& event : before) inbox_.push_back(std::move(event));
}

void World::carry_out(const state::Effect& effect, const state::BatchDeleteClusterNodes& call) {
  hyperpod::DeleteResult result;
  for (const std::string& id : call.logical_ids) {
    const auto it = instances_.find(id);
    if (it == instances_.end()) {
      result.failed.push_back({id, "NodeIdNotFound", "no such node"});
      continue;
    }
    for (hyperpod::InstanceGroup& group : cluster_.groups) {
      if (group.name == it->second.group) group.target_count = --group.current_count;
    }
    instances_.erase(it);
    result.successful.push_back(id);
  }
  done(effect, std::move(result));
}

void World::carry_out(const state::Effect& effect, const state::DescribeCluster& /*call*/) {
  done(effect, cluster_);
}
void World::carry_out(const state::Effect& effect, const state::DescribeSubnets& /*call*/) {
  done(effect, subnets());
}

void World::carry_out(const state::Effect& effect, const state::ListClusterNodes& call) {
  hyperpod::Page<hyperpod::Node> page;
  auto it = call.next_token.empty() ? instances_.begin() : instances_.lower_bound(call.next_token);
  for (; it != instances_.end() && page.items.size() < kNodesPerPage; ++it) {
    hyperpod::Node summary = it->second;  // a list names neither zone nor capacity type
    summary.zone.clear();
    summary.zone_id.clear();
    page.items.push_back(std::move(summary));
  }
  if (it != instances_.end()) page.next_token = it->first;
  done(effect, std::move(page));
}
void World::carry_out(const state::Effect& effect, const state::ListClusterEvents& /*call*/) {
  done(effect, hyperpod::Page<hyperpod::ClusterEvent>{});
}

}  // namespace hyperwright::bench
