#include "scheduling/pool_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "kube/well_known.h"
#include "scheduling/min_values.h"

namespace hyperwright::scheduling {
namespace {

// Karpenter lists up to 600 types; nobody reads so many, and a claim is a Kubernetes object. More
// only where minValues asks for them.
constexpr std::size_t kCompatibleTypes = 60;

void add_to(Counts& pods, std::uint32_t id, std::int64_t count) {
  const auto it = std::ranges::lower_bound(pods, id, {}, &Counts::value_type::first);
  if (it != pods.end() && it->first == id) {
    it->second += count;
  } else {
    pods.insert(it, {id, count});
  }
}

// Candidates whose labels are what the requirements, as they have become, allow.
Bitset that_meet(const kube::Requirements& requirements, const OfferingCatalogue& catalogue) {
  Bitset among = catalogue.everything();
  for (const kube::Requirement& requirement : requirements) {
    Bitset met = catalogue.labels.with_value(requirement);
    met |= catalogue.labels.without_key(requirement.key());
    among &= met;
  }
  return among;
}

}  // namespace

std::uint32_t PoolPlan::kind_of(const Demand& demand, const Fit& fit, const HostRules* rules) {
  const auto [it, is_new] =
      kinds_.try_emplace({demand.size, fit.id, rules}, static_cast<std::uint32_t>(classes_.size()));
  if (is_new) {
    classes_.push_back({.pod = demand.pod,
                        .fit = &fit,
                        .rules = rules,
                        .size = demand.size,
                        .count = 0,
                        .open_values = open_values(catalogue_, fit.fitting)});
    portions_.emplace_back();
    settled_.push_back(0);
  }
  return it->second;
}

void PoolPlan::ask(const Portion& portion, const Demand& demand, const Fit& fit,
                   const HostRules* rules) {
  const std::uint32_t id = kind_of(demand, fit, rules);
  classes_[id].count += portion.asked;
  portions_[id].push_back(portion);
  open_.insert(id);
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
        keeps_min_values(catalogue_, classes_, pods, holders(catalogue_, classes_, pods)))
      break;
  }
  return room;
}

void PoolPlan::top_up() {
  for (const std::uint32_t id : open_) {
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

bool PoolPlan::is_anybody_left() const {
  return std::ranges::any_of(open_, [&](std::uint32_t id) { return classes_[id].count > 0; });
}

// Bought nodes are packed closer in the end, after a limit has refused some pods: what that gives
// back of the limit, and the room that it makes, is theirs.
void PoolPlan::find_places() {
  for (;;) {
    top_up();
    std::vector<PackedNode> bought = pack(catalogue_, classes_, limits_, reservations_);
    const bool has_bought = !bought.empty();
    std::ranges::move(bought, std::back_inserter(nodes_));
    if (!has_bought || !limits_.is_limited() || !is_anybody_left()) return;
  }
}

void PoolPlan::take(CandidateId candidate, std::int64_t nodes) {
  limits_.take(catalogue_.shape_of(candidate).capacity, nodes);
  reservations_.take(catalogue_.reservation_of(candidate, reservations_), nodes);
}

void PoolPlan::join(const Portion& portion, const Demand& demand, const Fit& fit,
                    const HostRules* rules, const std::vector<bool>& company) {
  const std::uint32_t id = kind_of(demand, fit, rules);
  portions_[id].push_back(portion);
  open_.insert(id);
  std::int64_t left = portion.asked;
  const auto has_company = [&](const PackedNode& node) {
    return std::ranges::any_of(node.pods, [&](const auto& entry) {
      return std::ranges::any_of(portions_[entry.first], [&](const Portion& each) {
        return each.placed > 0 && company[each.demand];
      });
    });
  };
  for (std::size_t n = 0; n < nodes_.size() && left > 0; ++n) {
    if (!has_company(nodes_[n])) continue;
    if (nodes_[n].copies > 1) {
      nodes_.push_back({nodes_[n].candidate, nodes_[n].copies - 1, nodes_[n].pods});
      nodes_[n].copies = 1;
    }
    for (std::int64_t more = left; more > 0; more /= 2) {
      Counts pods = nodes_[n].pods;
      add_to(pods, id, more);
      take(nodes_[n].candidate, -1);
      const auto holder =
          cheapest_holder(catalogue_, classes_, pods, limits_, /*from=*/0, &reservations_);
      take(holder.value_or(nodes_[n].candidate), 1);
      if (!holder) continue;
      nodes_[n] = {*holder, 1, std::move(pods)};
      left -= more;
      more = left + 1;  // halved to what is left at most
      if (left == 0) break;
    }
  }
  classes_[id].count = left;
}

std::vector<Portion> PoolPlan::take_placed() {
  std::vector<Portion> placed;
  for (const std::uint32_t id : std::exchange(open_, {})) {
    std::int64_t asked = 0;
    for (std::size_t i = settled_[id]; i < portions_[id].size(); ++i)
      asked += portions_[id][i].asked;
    std::int64_t found = asked - classes_[id].count;
    for (; settled_[id] < portions_[id].size(); ++settled_[id]) {
      Portion& portion = portions_[id][settled_[id]];
      portion.placed = std::min(found, portion.asked);
      found -= portion.placed;
      placed.push_back(portion);
    }
    classes_[id].count = 0;
  }
  return placed;
}

PoolPlan::Narrowed& PoolPlan::narrowed_for(const PackedNode& packed, NarrowedBy& known) const {
  std::vector<std::uint32_t> asked;
  bool has_choice = false;
  for (const auto& [id, count] : packed.pods) {
    const Fit& fit = *classes_[id].fit;
    if (std::ranges::find(asked, fit.labels) == asked.end()) asked.push_back(fit.labels);
    has_choice |= fit.alternatives.size() > 1;
  }
  std::ranges::sort(asked);
  const std::uint32_t made = catalogue_.candidates[packed.candidate].template_index;
  const auto [it, is_new] = known.try_emplace(
      {made, has_choice ? packed.candidate : CandidateId{UINT32_MAX}, std::move(asked)});
  if (is_new) {
    it->second.requirements = narrowed(catalogue_, classes_, packed.pods, packed.candidate)
                                  .value_or(catalogue_.templates[made].requirements);
    it->second.meeting = that_meet(it->second.requirements, catalogue_);
  }
  return it->second;
}

PoolPlan::Choice PoolPlan::make_choice(const Narrowed& narrow, const Bitset& compatible) const {
  Choice choice;
  std::vector<std::string> types = types_for_claim(catalogue_, compatible, kCompatibleTypes);
  kube::Requirements requirements = narrow.requirements;
  choice.is_min_values_relaxed = write_min_values(catalogue_, compatible, requirements);
  requirements.add(kube::Requirement::in(kube::kInstanceType, types));
  requirements.add(kube::Requirement::in(
      kube::kCapacityType, catalogue_.labels.values(kube::kCapacityType, compatible)));
  choice.types = Shared(std::move(types));
  choice.requirements = Shared(std::move(requirements));
  return choice;
}

kube::StringMap PoolPlan::labels_for(const Candidate& candidate,
                                     const kube::Requirements& requirements) const {
  kube::StringMap labels = labels_of(catalogue_, candidate);
  // A key that need not be there is left out. Differs from Karpenter, which gives it a random
  // number.
  for (const kube::Requirement& choice : catalogue_.templates[candidate.template_index].open) {
    const kube::Requirement* chosen = requirements.find(choice.key());
    if (chosen->allows_absence()) continue;
    if (const auto value = chosen->any_value()) labels.set(choice.key(), *value);
  }
  return labels;
}

NewNode PoolPlan::make_node(const PackedNode& packed, NarrowedBy& known) const {
  const Candidate& candidate = catalogue_.candidates[packed.candidate];
  const Shape& shape = catalogue_.shapes[candidate.shape];
  const Template& made = catalogue_.templates[candidate.template_index];
  Narrowed& narrow = narrowed_for(packed, known);
  NewNode node;
  node.node_pool = catalogue_.pool->meta.name;
  node.offering = candidate.offering;
  node.is_flexible = made.group->is_flexible;
  node.has_price_overlay = candidate.has_price_overlay;
  node.has_capacity_overlay = candidate.has_capacity_overlay;
  node.requests = total_requests(classes_, packed.pods) + shape.daemon_requests;
  Bitset compatible = holders(catalogue_, classes_, packed.pods);
  // What minValues keeps open is a choice among all groups.
  if (catalogue_.min_values.empty()) compatible &= narrow.meeting;
  const auto [it, is_new] = narrow.choices.try_emplace(compatible.words());
  Choice& choice = it->second;
  if (is_new) choice = make_choice(narrow, compatible);
  node.requirements = choice.requirements;
  node.compatible_types = choice.types;
  node.is_min_values_relaxed = choice.is_min_values_relaxed;
  const auto [labels, is_first] = choice.labels.try_emplace(packed.candidate);
  if (is_first) labels->second = Shared(labels_for(candidate, *choice.requirements));
  node.labels = labels->second;
  return node;
}

std::vector<NewNode> PoolPlan::new_nodes(std::vector<Demand>& demands) const {
  struct Place {
    std::size_t portion = 0;
    std::int64_t used = 0;
  };
  std::vector<Place> places(classes_.size());
  const auto name = [&](std::uint32_t id, std::int64_t count, std::vector<std::string>& to) {
    while (count > 0) {
      Place& place = places[id];
      const Portion& portion = portions_[id][place.portion];
      const std::int64_t now = std::min(count, portion.placed - place.used);
      demands[portion.demand].name_pods(now, to);
      place.used += now;
      count -= now;
      if (place.used == portion.placed) place = {place.portion + 1, 0};
    }
  };
  std::int64_t nodes = 0;
  for (const PackedNode& packed : nodes_) nodes += packed.copies;
  std::vector<NewNode> list;
  list.reserve(static_cast<std::size_t>(nodes));
  NarrowedBy known;
  for (const PackedNode& packed : nodes_) {
    const NewNode made = make_node(packed, known);
    std::int64_t pods = 0;
    for (const auto& [id, count] : packed.pods) pods += count;
    for (std::int64_t copy = 0; copy < packed.copies; ++copy) {
      std::vector<std::string>& named = list.emplace_back(made).pods;
      named.reserve(static_cast<std::size_t>(pods));
      for (const auto& [id, count] : packed.pods) name(id, count, named);
    }
  }
  return list;
}

}  // namespace hyperwright::scheduling
