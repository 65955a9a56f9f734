#include "bench/figures/snapshot.h"

#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "runtime/calls.h"

namespace hyperwright::bench {
namespace json = boost::json;
namespace {

constexpr std::size_t kPage = 500;

// What is kept of a Node, over all the rest that an API server has of it.
std::string full_node_text(const kube::Node& node, const hyperpod::Node& instance) {
  json::value full = json::parse(node_text(instance, node.meta.resource_version));
  const json::value kept = kube::encode(node);
  for (const auto& [key, value] : kept.at("metadata").as_object())
    full.at("metadata").as_object()[key] = value;
  full.as_object()["spec"] = kept.at("spec");
  full.at("status").as_object()["conditions"] = kept.at("status").at("conditions");
  return json::serialize(full);
}

}  // namespace

void write_snapshot(const World& world, const std::vector<PodShape>& pods,
                    const std::string& path) {
  std::ofstream file(path);
  std::map<std::string, const hyperpod::Node*> by_node;
  for (const auto& [id, instance] : world.instances()) {
    file << fmt::format("I {} {} {} {} {} {}\n", instance.logical_id, instance.instance_id,
                        instance.group, instance.instance_type, instance.zone, instance.zone_id);
    by_node["hyperpod-" + instance.instance_id] = &instance;
  }
  const state::ClusterState& state = world.state();
  for (const auto& [name, node_class] : state.node_classes())
    file << "4 " << json::serialize(kube::encode(node_class)) << '\n';
  for (const auto& [name, pool] : state.node_pools())
    file << "2 " << json::serialize(kube::encode(pool)) << '\n';
  for (const auto& [name, record] : state.nodes())
    file << "1 " << full_node_text(record.node, *by_node.at(name)) << '\n';
  for (const auto& [name, record] : state.claims())
    file << "3 " << json::serialize(kube::encode(record.claim)) << '\n';
  for (PodShape pod : pods) {
    const std::string space = fmt::format("team-{}", pod.workload % 8);
    const kube::Pod& known = state.pods().at({space, pod_name(pod)}).pod;
    pod.node = known.node_name;
    file << "0 " << pod_text(pod, known.meta.resource_version) << '\n';
  }
}

Snapshot::Snapshot(const std::string& path) : file_(path) {
  check(file_.good(), "the snapshot is there: `figures life FILE` writes it");
  while (file_.peek() == 'I') {
    std::string mark;
    hyperpod::Node node;
    file_ >> mark >> node.logical_id >> node.instance_id >> node.group >> node.instance_type >>
        node.zone >> node.zone_id;
    file_.ignore();
    node.status = hyperpod::InstanceStatus::Running;
    instances_.push_back(std::move(node));
  }
}

std::vector<state::Event> Snapshot::next_page() {
  std::vector<state::Event> page;
  for (std::string line; page.size() < kPage && std::getline(file_, line);) {
    const auto kind = static_cast<state::Kind>(line.at(0) - '0');
    auto event = runtime::changed_event(kind, json::parse(line.substr(2)));
    check(event.has_value(), "what the snapshot holds can be decoded");
    page.push_back(std::move(*event));
  }
  return page;
}

void list_snapshot(World& world, const std::string& path) {
  Snapshot snapshot(path);
  for (const hyperpod::Node& instance : snapshot.instances()) world.put_instance(instance);
  world.set_now(kStart + Duration::hours(2));
  for (auto page = snapshot.next_page(); !page.empty(); page = snapshot.next_page()) {
    for (state::Event& event : page) world.put(std::move(std::get<state::Changed>(event).object));
  }
  world.end_lists();
  world.settle();
}

}  // namespace hyperwright::bench
