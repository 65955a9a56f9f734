#include "tests/sim/harness/trouble.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::swarm {
namespace json = boost::json;
namespace {

constexpr std::string_view kClaims = "nodeclaims.karpenter.sh";
constexpr std::string_view kPools = "nodepools.karpenter.sh";

// "": the map is empty.
template <typename Map>
std::string pick(const Map& map, Random& random) {
  if (map.empty()) return {};
  const auto place = static_cast<std::ptrdiff_t>(random.below(map.size()));
  return std::next(map.begin(), place)->first;
}

const service::NodeRecord* pick_instance(const World& world, Random& random, bool is_ours) {
  std::vector<const service::NodeRecord*> list;
  for (const service::NodeRecord& node : world.cluster().nodes) {
    if (node.counts() && (!is_ours || !world.token_of(node.logical_id).empty()))
      list.push_back(&node);
  }
  return list.empty() ? nullptr : list[random.below(list.size())];
}

std::string pick_group(const World& world, Random& random) {
  const auto& groups = world.cluster().groups;
  return groups[random.below(groups.size())].name;
}

sim::KubernetesApi& api(const World& world) { return world.simulation().kubernetes(); }

void patch(const World& world, std::string_view resource, const std::string& name,
           const json::value& body) {
  const auto ignored =
      api(world).patch(resource, "", name, sim::PatchType::Merge, body, world.now());
  static_cast<void>(ignored);  // what is gone, or may not be changed so, stays as it is
}

std::string remove(const World& world, std::string_view resource, std::string_view ns,
                   const std::string& name) {
  if (name.empty()) return {};
  const auto ignored = api(world).remove(resource, ns, name, world.now());
  static_cast<void>(ignored);
  return fmt::format("{} {} is deleted", resource, name);
}

std::string call(const World& world, std::string_view operation, const json::value& body) {
  const auto answer = world.simulation().hyperpod().call(operation, body, world.now());
  return fmt::format("{} {}: {}", operation, json::serialize(body),
                     answer.is_success() ? "done" : answer.error_message());
}

bool is_known_with_id(const World& world, const std::string& claim) {
  const state::ClusterState& state = world.simulation().autoscaler().loop().state();
  const state::ClaimRecord* known = state.find_claim(claim);
  return known != nullptr && !known->logical_id.empty();
}

std::string edit(const World& world, Random& random) {
  const std::string node = pick(world.nodes(), random);
  const std::string claim = pick(world.claims(), random);
  const std::string pool = pick(world.pools(), random);
  const json::object label{{"edited", random.name_suffix()}};
  switch (random.below(6)) {
    case 0:
      if (node.empty()) return {};
      patch(world, "nodes", node, {{"metadata", {{"labels", label}}}});
      return fmt::format("Node {} gets a label", node);
    case 1:
      if (claim.empty()) return {};
      patch(world, kClaims, claim, {{"metadata", {{"annotations", label}}}});
      return fmt::format("NodeClaim {} gets an annotation", claim);
    case 2: {
      // Of a claim that the autoscaler has seen with its id: of another, nobody could find the
      // instance again.
      if (claim.empty() || !is_known_with_id(world, claim)) return {};
      patch(world, kClaims, claim, {{"metadata", {{"finalizers", json::array()}}}});
      return fmt::format("NodeClaim {} loses its finalizers", claim);
    }
    case 3:
      if (pool.empty()) return {};
      patch(world, kPools, pool,
            {{"spec", {{"limits", {{"nodes", std::to_string(random.below(8))}}}}}});
      return fmt::format("NodePool {} gets another limit", pool);
    case 4: {
      if (pool.empty()) return {};
      json::array budgets;
      budgets.push_back(json::object{{"nodes", random.below(2) == 0 ? "1" : "50%"}});
      patch(world, kPools, pool, {{"spec", {{"disruption", {{"budgets", budgets}}}}}});
      return fmt::format("NodePool {} gets another budget", pool);
    }
    default:
      if (pool.empty()) return {};
      patch(world, kPools, pool,
            {{"spec", {{"weight", static_cast<std::int64_t>(random.below(100)) + 1}}}});
      return fmt::format("NodePool {} gets another weight", pool);
  }
}

// A group that is asked for one node more, at least, takes no others until that one runs.
std::string make_busy(const World& world, const Swarm& swarm, const std::string& name) {
  json::value body{{"ClusterName", kClusterName}};
  json::array groups;
  for (const json::value& group : swarm.cluster.at("InstanceGroups").as_array()) {
    if (group.at("InstanceGroupName").as_string() != json::string_view(name)) continue;
    json::object changed = group.as_object();
    changed["InstanceCount"] = service::target_count(world.cluster(), name) + 1;
    changed["MinInstanceCount"] = service::current_count(world.cluster(), name) + 1;
    groups.push_back(std::move(changed));
  }
  body.as_object()["InstanceGroups"] = std::move(groups);
  return call(world, "UpdateCluster", body);
}

}  // namespace

std::string_view to_string(Trouble trouble) {
  switch (trouble) {
    case Trouble::Crash:
      return "crash";
    case Trouble::LeaderChange:
      return "leader change";
    case Trouble::DeletedClaim:
      return "deleted claim";
    case Trouble::DeletedNode:
      return "deleted node";
    case Trouble::EditedObject:
      return "edited object";
    case Trouble::DeletedPod:
      return "deleted pod";
    case Trouble::DeadNode:
      return "dead node";
    case Trouble::ReplacedNode:
      return "replaced node";
    case Trouble::WithdrawnNode:
      return "withdrawn node";
    case Trouble::ForeignNode:
      return "foreign node";
    case Trouble::BusyGroup:
      return "busy group";
    case Trouble::DeletedNewClaim:
      return "deleted new claim";
  }
  return {};
}

std::vector<std::pair<Duration, Trouble>> draw_troubles(const Swarm& swarm, Random& random) {
  std::vector<std::pair<Duration, Trouble>> list;
  const auto add = [&](Trouble trouble, int times) {
    for (int i = 0; i < times; ++i) {
      const auto last = static_cast<std::uint64_t>(swarm.faults_until.in_milliseconds());
      list.emplace_back(Duration::milliseconds(static_cast<std::int64_t>(random.below(last))),
                        trouble);
    }
  };
  add(Trouble::Crash, swarm.troubles.crashes);
  add(Trouble::LeaderChange, swarm.troubles.leader_changes);
  add(Trouble::DeletedClaim, swarm.troubles.deleted_claims);
  add(Trouble::DeletedNode, swarm.troubles.deleted_nodes);
  add(Trouble::EditedObject, swarm.troubles.edited_objects);
  add(Trouble::DeletedPod, swarm.troubles.deleted_pods);
  add(Trouble::DeadNode, swarm.troubles.dead_nodes);
  add(Trouble::ReplacedNode, swarm.troubles.replaced_nodes);
  add(Trouble::WithdrawnNode, swarm.troubles.withdrawn_nodes);
  add(Trouble::ForeignNode, swarm.troubles.foreign_nodes);
  add(Trouble::BusyGroup, swarm.troubles.busy_groups);
  add(Trouble::DeletedNewClaim, swarm.troubles.deleted_new_claims);
  std::ranges::sort(list);
  return list;
}

std::string cause(Trouble trouble, const World& world, const Swarm& swarm, Random& random) {
  switch (trouble) {
    case Trouble::Crash:
    case Trouble::LeaderChange:
    case Trouble::DeletedNewClaim:
      return {};
    case Trouble::DeletedClaim:
      return remove(world, kClaims, "", pick(world.claims(), random));
    case Trouble::DeletedNode:
      return remove(world, "nodes", "", pick(world.nodes(), random));
    case Trouble::EditedObject:
      return edit(world, random);
    case Trouble::DeletedPod: {
      const auto pods = api(world).list("pods");
      if (pods.empty()) return {};
      const auto& pod = pods[random.below(pods.size())]->at("metadata");
      return remove(world, "pods", "default", std::string(pod.at("name").as_string()));
    }
    case Trouble::DeadNode: {
      const std::string node = pick(world.nodes(), random);
      if (node.empty() || !world.simulation().cluster().kubelets().kill(node, world.now()))
        return {};
      return fmt::format("Node {} falls silent", node);
    }
    case Trouble::ReplacedNode: {
      const auto* node = pick_instance(world, random, /*is_ours=*/false);
      if (node == nullptr || !node->has_instance()) return {};
      const std::string id = node->logical_id;
      const auto replaced =
          world.simulation().hyperpod().replace_instance(kClusterName, id, world.now());
      return replaced ? fmt::format("the instance of node {} is replaced", id) : std::string{};
    }
    case Trouble::WithdrawnNode: {
      const auto* node = pick_instance(world, random, /*is_ours=*/true);
      if (node == nullptr) return {};
      json::array ids;
      ids.push_back(json::string(node->logical_id));
      return call(world, "BatchDeleteClusterNodes",
                  {{"ClusterName", kClusterName}, {"NodeLogicalIds", ids}});
    }
    case Trouble::ForeignNode: {
      json::array nodes;
      nodes.push_back(json::object{{"InstanceGroupName", pick_group(world, random)},
                                   {"IncrementTargetCountBy", 1}});
      return call(world, "BatchAddClusterNodes",
                  {{"ClusterName", kClusterName},
                   {"ClientToken", fmt::format("{}{}", kHumanToken, random.name_suffix())},
                   {"NodesToAdd", nodes}});
    }
    case Trouble::BusyGroup:
      return make_busy(world, swarm, pick_group(world, random));
  }
  return {};
}

void revive_everything(const World& world) {
  for (const auto& [name, node] : world.nodes())
    world.simulation().cluster().kubelets().revive(name, world.now());
}

}  // namespace hyperwright::swarm
