#include "sim/bill.h"

#include <algorithm>
#include <optional>
#include <set>

#include <boost/json.hpp>

#include "hyperpod/price.h"
#include "kube/json.h"
#include "service/control_plane.h"

namespace hyperwright::sim {
namespace {

hyperpod::MicroDollars price_of(const hyperpod::InstanceTypes& types, std::string_view type,
                                hyperpod::CapacityType capacity_type) {
  const hyperpod::InstanceType* found = types.find(type);
  const auto price = found == nullptr ? std::nullopt : hyperpod::price_of(*found, capacity_type);
  return price ? price->per_hour : hyperpod::MicroDollars{};
}

hyperpod::CapacityType capacity_type_of(const service::ClusterRecord& cluster,
                                        const service::NodeRecord& node) {
  const service::GroupRecord* group = service::find_group(cluster, node.group);
  return group == nullptr ? hyperpod::CapacityType::OnDemand : group->capacity_type;
}

// micro-dollars per hour x microseconds, in micro-dollars; 128 bits between.
hyperpod::MicroDollars cost_of(hyperpod::MicroDollars per_hour, std::int64_t micros) {
  __extension__ using Wide = __int128;
  const Wide product = static_cast<Wide>(per_hour.micros()) * micros;
  return hyperpod::MicroDollars(static_cast<std::int64_t>(product / 3'600'000'000));
}

bool is_paid(const service::NodeRecord& node) {
  return node.has_instance() && node.phase != service::NodePhase::ShuttingDown;
}

}  // namespace

Bill::Bill(const Simulation& simulation, const hyperpod::InstanceTypes& types)
    : simulation_(simulation), types_(types), pods_(simulation.kubernetes(), "pods") {}

void Bill::pass(Time to) {
  const std::int64_t micros = (to - simulation_.now()).in_microseconds();
  if (micros <= 0) return;
  // Nodes with workload pods on them, by name.
  std::set<std::string, std::less<>> busy;
  const state::ClusterState& picture = simulation_.autoscaler().loop().state();
  for (const auto& [name, node] : picture.nodes()) {
    const auto& pods = picture.usage(name).pods;
    if (std::ranges::any_of(pods, [](const state::PodRecord* pod) {
          return !kube::is_owned_by_daemon_set(pod->pod);
        }))
      busy.insert(name);
  }
  for (const service::ClusterRecord& cluster : simulation_.hyperpod().state().clusters) {
    for (const service::NodeRecord& node : cluster.nodes) {
      if (!is_paid(node)) continue;
      node_micros_ += micros;
      auto& paid = busy.contains("hyperpod-" + node.instance_id) ? busy_micros_ : idle_micros_;
      paid[{node.instance_type, capacity_type_of(cluster, node)}] += micros;
    }
  }
}

void Bill::look() {
  for (const Change& change : pods_.take().changes) {
    const auto pod = kube::decode_pod(boost::json::value(*change.object));
    if (!pod || kube::is_owned_by_daemon_set(*pod)) continue;
    PodLife& life = lives_[pod->meta.uid];
    life.created = pod->meta.creation_time;
    life.is_gone = change.kind == ChangeKind::Deleted;
    life.is_running = !life.is_gone && pod->phase == kube::PodPhase::Running;
    if (life.is_running && !life.has_run) {
      life.has_run = true;
      life.wait = simulation_.now() - life.created;
    }
  }
}

Standing Bill::standing() const {
  Standing standing;
  for (const service::ClusterRecord& cluster : simulation_.hyperpod().state().clusters) {
    for (const service::NodeRecord& node : cluster.nodes) {
      if (node.phase == service::NodePhase::Running) ++standing.nodes_ready;
      if (node.phase != service::NodePhase::Running &&
          node.phase != service::NodePhase::ShuttingDown)
        ++standing.nodes_coming;
      if (is_paid(node))
        standing.per_hour += price_of(types_, node.instance_type, capacity_type_of(cluster, node));
    }
  }
  for (const auto& [uid, life] : lives_) {
    standing.pods_running += life.is_running ? 1 : 0;
    standing.pods_pending += !life.is_gone && !life.has_run ? 1 : 0;
  }
  return standing;
}

hyperpod::MicroDollars Bill::cost() const {
  hyperpod::MicroDollars sum;
  for (const auto* part : {&busy_micros_, &idle_micros_}) {
    for (const auto& [bought, micros] : *part)
      sum += cost_of(price_of(types_, bought.first, bought.second), micros);
  }
  return sum;
}

BillSummary Bill::summary() const {
  BillSummary summary;
  std::vector<Duration> waits;
  for (const auto& [uid, life] : lives_) {
    if (life.has_run) waits.push_back(life.wait);
    summary.pods_never_run += life.has_run ? 0 : 1;
  }
  std::ranges::sort(waits);
  summary.pods_run = static_cast<std::int64_t>(waits.size());
  if (!waits.empty()) {
    summary.median_wait = waits[waits.size() / 2];
    summary.worst_wait = waits.back();
  }
  summary.node_time = Duration::microseconds(node_micros_);
  summary.cost = cost();
  hyperpod::MicroDollars idle;
  for (const auto& [bought, micros] : idle_micros_)
    idle += cost_of(price_of(types_, bought.first, bought.second), micros);
  if (summary.cost.micros() > 0)
    summary.idle_percent = static_cast<std::int32_t>(idle.micros() * 100 / summary.cost.micros());
  return summary;
}

}  // namespace hyperwright::sim
