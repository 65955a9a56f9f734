#include "scheduling/static_nodes.h"

#include <algorithm>

#include <fmt/format.h>

#include "scheduling/offering_catalogue.h"
#include "scheduling/reservations.h"

namespace hyperwright::scheduling {
namespace {

NewNode node_of(const OfferingCatalogue& catalogue, CandidateId id) {
  const Candidate& candidate = catalogue.candidates[id];
  const Template& made = catalogue.template_of(id);
  NewNode node;
  node.node_pool = catalogue.pool->meta.name;
  node.offering = candidate.offering;
  node.is_flexible = made.group->is_flexible;
  node.has_price_overlay = candidate.has_price_overlay;
  node.has_capacity_overlay = candidate.has_capacity_overlay;
  node.requirements = Shared(kube::Requirements::from(catalogue.pool->template_spec.requirements));
  kube::StringMap labels = labels_of(catalogue, candidate);
  for (const kube::Requirement& choice : made.open) {
    if (choice.allows_absence()) continue;
    if (const auto value = choice.any_value()) labels.set(choice.key(), *value);
  }
  node.labels = Shared(std::move(labels));
  return node;
}

std::string why_none_is_offered(const OfferingCatalogue& catalogue) {
  if (!catalogue.not_offered.empty()) {
    const NotOffered& first = catalogue.not_offered.front();
    return fmt::format("{} {}", first.what, first.why);
  }
  return catalogue.candidates.empty()
             ? "its requirements leave no instance type of its instance groups"
             : "none of its offerings has capacity now";
}

}  // namespace

StaticNodes static_nodes(Supply& supply, const kube::NodePool& pool, std::int64_t count, Time now) {
  StaticNodes found;
  Reservations reservations = supply.reservations();
  const OfferingCatalogue& catalogue = supply.static_pool(pool, now);
  for (CandidateId id = 0; id < catalogue.candidates.size() && count > 0; ++id) {
    if (!catalogue.available.contains(id)) continue;
    const Reservations::Id reservation = catalogue.reservation_of(id, reservations);
    const std::int64_t taken = std::min(count, reservations.left(reservation));
    if (taken <= 0) continue;
    reservations.take(reservation, taken);
    found.nodes.insert(found.nodes.end(), static_cast<std::size_t>(taken), node_of(catalogue, id));
    count -= taken;
  }
  if (count > 0) found.why_not_more = why_none_is_offered(catalogue);
  return found;
}

}  // namespace hyperwright::scheduling
