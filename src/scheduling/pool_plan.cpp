#include "scheduling/pool_plan.h"

#include <algorithm>

#include "kube/well_known.h"

namespace hyperwright::scheduling {
namespace {

// Karpenter lists up to 600 types; nobody reads so many, and a claim is a Kubernetes object.
constexpr std::size_t kCompatibleTypesMax = 60;

void add_to(Counts& pods, std::uint32_t id, std::int64_t count) {
  const auto it = std::ranges::lower_bound(pods, id, {}, &Counts::value_type::first);
  if (it != pods.end() && it->first == id) {
    it->second += count;
  } else {
    pods.insert(it, {id, count});
  }
}

// Candidates whose labels are what the requirements, as they have become, allow.
Bitset that_meet(const kube::Requirements& requirements, const OfferingCatalogue& catalogue,
                 Bitset among) {
  for (const kube::Requirement& requirement : requirements) {
    Bitset met = catalogue.labels.with_value(requirement);
    met |= catalogue.labels.without_key(requirement.key());
    among &= met;
  }
  return among;
}

std::vector<std::string> types_of(const OfferingCatalogue& catalogue, const Bitset& candidates) {
  std::vector<std::string> types;
  candidates.for_each([&](std::size_t id) {
    const std::string& type = catalogue.candidates[id].offering.key.type;
    if (types.size() < kCompatibleTypesMax && std::ranges::find(types, type) == types.end())
      types.push_back(type);
  });
  return types;
}

}  // namespace

void PoolPlan::ask(std::size_t demand, const kube::Scheduling& pod, Fit fit, std::int64_t count) {
  fits_.push_back(std::move(fit));
  classes_.push_back({&pod, &fits_.back(), count});
  demand_of_.push_back(demand);
  asked_.push_back(count);
}

std::int64_t PoolPlan::room_on(const PackedNode& node, std::uint32_t id) const {
  const PackingClass& packed = classes_[id];
  if (packed.count == 0 || !packed.fit->fitting.contains(node.candidate)) return 0;
  kube::Resources free = catalogue_.shape_of(node.candidate).free;
  free -= total_requests(classes_, node.pods);
  std::int64_t room = std::min(packed.count, fit_count(packed.pod->requests, free));
  for (; room > 0; room /= 2) {
    Counts pods = node.pods;
    add_to(pods, id, room);
    if (!can_share(catalogue_, classes_, pods, node.candidate)) continue;
    if (catalogue_.min_values.empty() ||
        catalogue_.has_min_values(holders(catalogue_, classes_, pods)))
      break;
  }
  return room;
}

void PoolPlan::top_up() {
  for (auto id = static_cast<std::uint32_t>(round_begin_); id < classes_.size(); ++id) {
    for (std::size_t n = 0; n < nodes_.size() && classes_[id].count > 0; ++n) {
      while (const std::int64_t room = room_on(nodes_[n], id)) {
        const std::int64_t copies = std::min(nodes_[n].copies, classes_[id].count / room);
        PackedNode fuller{nodes_[n].candidate, copies, nodes_[n].pods};
        add_to(fuller.pods, id, room);
        classes_[id].count -= room * copies;
        nodes_[n].copies -= copies;
        if (nodes_[n].copies == 0) {
          nodes_[n] = std::move(fuller);
          break;
        }
        nodes_.push_back(std::move(fuller));
      }
    }
  }
}

void PoolPlan::buy() {
  for (PackedNode& node : pack(catalogue_, classes_, limits_)) nodes_.push_back(std::move(node));
}

std::vector<std::pair<std::size_t, std::int64_t>> PoolPlan::take_placed() {
  std::vector<std::pair<std::size_t, std::int64_t>> placed;
  for (std::size_t id = round_begin_; id < classes_.size(); ++id) {
    placed.emplace_back(demand_of_[id], asked_[id] - classes_[id].count);
    classes_[id].count = 0;
  }
  round_begin_ = classes_.size();
  return placed;
}

NewNode PoolPlan::make_node(const PackedNode& packed) const {
  const Candidate& candidate = catalogue_.candidates[packed.candidate];
  const Shape& shape = catalogue_.shapes[candidate.shape];
  const Template& made = catalogue_.templates[candidate.template_index];
  NewNode node;
  node.node_pool = catalogue_.pool->meta.name;
  node.offering = candidate.offering;
  node.is_flexible = made.group->is_flexible;
  node.requests = total_requests(classes_, packed.pods) + shape.daemon_requests;
  node.requirements =
      narrowed(catalogue_, classes_, packed.pods, packed.candidate).value_or(made.requirements);

  const Bitset compatible =
      that_meet(node.requirements, catalogue_, holders(catalogue_, classes_, packed.pods));
  node.compatible_types = types_of(catalogue_, compatible);
  node.requirements.add(kube::Requirement::in(kube::kInstanceType, node.compatible_types));
  node.requirements.add(kube::Requirement::in(
      kube::kCapacityType, catalogue_.labels.values(kube::kCapacityType, compatible)));

  node.labels = labels_of(catalogue_, candidate);
  // A key that need not be there is left out. Differs from Karpenter, which gives it a random
  // number.
  for (const kube::Requirement& choice : made.open) {
    const kube::Requirement* chosen = node.requirements.find(choice.key());
    if (chosen->allows_absence()) continue;
    if (const auto value = chosen->any_value()) node.labels.set(choice.key(), *value);
  }
  return node;
}

std::vector<NewNode> PoolPlan::new_nodes(std::vector<Demand>& demands) const {
  std::vector<NewNode> list;
  for (const PackedNode& packed : nodes_) {
    const NewNode made = make_node(packed);
    for (std::int64_t copy = 0; copy < packed.copies; ++copy) {
      NewNode& node = list.emplace_back(made);
      for (const auto& [id, count] : packed.pods)
        demands[demand_of_[id]].name_pods(count, node.pods);
    }
  }
  return list;
}

}  // namespace hyperwright::scheduling
