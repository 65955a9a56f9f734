#include "controllers/purchase.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "controllers/launch_stamp.h"
#include "controllers/new_claim.h"
#include "controllers/pool_usage.h"

namespace hyperwright::controllers {
namespace {

// Kubernetes cuts the base of generated names here, so that a name with its suffix is a DNS label.
constexpr std::size_t kNameBaseMax = 57;

std::string free_name(const Context& context, const std::string& pool,
                      std::set<std::string>& taken) {
  const std::string base = pool.substr(0, kNameBaseMax);
  while (true) {
    std::string name = fmt::format("{}-{}", base, context.random.name_suffix());
    if (context.state.find_claim(name) == nullptr && taken.insert(name).second) return name;
  }
}

}  // namespace

std::vector<std::string> real_pods(const state::ClusterState& state,
                                   const std::vector<std::string>& uids) {
  std::vector<std::string> real;
  real.reserve(uids.size());
  std::ranges::copy_if(uids, std::back_inserter(real),
                       [&](const std::string& uid) { return state.find_pod(uid) != nullptr; });
  return real;
}

std::vector<std::string> Purchase::buy(std::span<const scheduling::NewNode> nodes,
                                       std::string_view reason) {
  std::vector<std::string> names(nodes.size());
  std::vector<std::size_t> bought;
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!fits_limits(nodes[i])) continue;
    bought.push_back(i);
    wanted.push_back({nodes[i].offering.key, nodes[i].is_flexible});
  }
  const std::vector<state::Launch> launches =
      group_into_calls(wanted, hyperpod::kAddSpecificationsMax, context_.random);
  for (std::size_t i = 0; i < bought.size(); ++i)
    names[bought[i]] = create(nodes[bought[i]], launches[i], reason);
  return names;
}

// The solver keeps the limits; this is the second lock on the same door. (The supply is the one
// that the plan was made on.)
bool Purchase::fits_limits(const scheduling::NewNode& node) {
  const kube::NodePool* pool = context_.state.find_node_pool(node.node_pool);
  if (pool == nullptr) return false;
  if (!pool->limits) return true;
  const auto [it, is_new] = usage_.try_emplace(node.node_pool);
  if (is_new) it->second = context_.supply.usage(node.node_pool);
  const kube::Resources after =
      it->second + promised_capacity(context_.state, *node.labels, context_.supply.overlays());
  if (pool->limits->exceeded_by(after)) return false;
  it->second = after;
  return true;
}

std::string Purchase::create(const scheduling::NewNode& node, const state::Launch& launch,
                             std::string_view reason) {
  const kube::NodePool& pool = *context_.state.find_node_pool(node.node_pool);
  const hyperpod::InstanceType* type = context_.state.instance_types().find(node.offering.key.type);
  std::string name = free_name(context_, node.node_pool, names_);
  kube::NodeClaim claim =
      new_claim(name, pool, node, *context_.state.hyperpod().cluster(), launch,
                type == nullptr ? std::string_view{} : std::string_view(type->arch));
  decision_.emit(state::CreateNodeClaim{std::move(claim), real_pods(context_.state, node.pods)},
                 std::string(reason));
  return name;
}

}  // namespace hyperwright::controllers
