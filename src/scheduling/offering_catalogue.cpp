#include "scheduling/offering_catalogue.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "hyperpod/mig.h"
#include "kube/well_known.h"
#include "scheduling/node_overlay.h"
#include "state/seen_capacity.h"

namespace hyperwright::scheduling {
namespace {

kube::StringMap fixed_labels(const hyperpod::Offering& offering,
                             const hyperpod::InstanceType& type) {
  kube::StringMap labels;
  labels.set(kube::kInstanceType, offering.key.type);
  labels.set(kube::kArch, type.arch);
  // Without a promised zone there is no label to count on.
  if (!offering.key.zone.empty()) labels.set(kube::kZone, offering.key.zone);
  if (!offering.key.zone.empty() && !offering.zone_id.empty())
    labels.set(kube::kZoneId, offering.zone_id);
  return labels;
}

// What the template demands of type, zone and architecture.
bool is_allowed_by(const Template& made, const kube::StringMap& fixed) {
  return std::ranges::all_of(made.requirements, [&](const kube::Requirement& requirement) {
    if (!is_fixed_by_offering(requirement.key())) return true;
    const std::string* value = fixed.find(requirement.key());
    return value == nullptr ? requirement.allows_absence() : requirement.has(*value);
  });
}

Shape make_shape(const hyperpod::InstanceType& type, kube::Resources capacity,
                 kube::Resources allocatable, std::span<const Daemon* const> daemons) {
  Shape shape{.type = &type,
              .capacity = std::move(capacity),
              .free = std::move(allocatable),
              .daemon_requests = {},
              .daemon_ports = {}};
  shape.capacity.set(kube::Resource::Nodes, 1);
  for (const Daemon* daemon : daemons) {
    shape.daemon_requests += daemon->requests;
    shape.daemon_ports.insert(shape.daemon_ports.end(), daemon->host_ports.begin(),
                              daemon->host_ports.end());
  }
  shape.free -= shape.daemon_requests;
  return shape;
}

auto rank(const Candidate& candidate) {
  const hyperpod::Offering& o = candidate.offering;
  const bool is_bought = !candidate.is_reserved();
  return std::tuple(is_bought, is_bought ? o.price.per_hour : candidate.worth,
                    std::tie(o.key.type, o.key.zone, o.capacity_type, o.key.group));
}

std::vector<MinValues> min_values_of(const kube::NodePool& pool) {
  std::vector<MinValues> list;
  for (const kube::Requirement& requirement :
       kube::Requirements::from(pool.template_spec.requirements)) {
    if (requirement.min_values()) list.push_back({requirement.key(), *requirement.min_values()});
  }
  return list;
}

class Builder {
 public:
  Builder(PoolTemplates templates, const state::ClusterState& state,
          std::span<const Daemon> daemons)
      : state_(state), daemons_(daemons), overlays_(state) {
    made_.pool = templates.pool;
    made_.templates = std::move(templates.templates);
    made_.not_offered = std::move(templates.not_offered);
    made_.min_values = min_values_of(*made_.pool);
    made_.min_values_policy = state.options().min_values_policy;
    const kube::HyperpodNodeClass* node_class =
        state.find_node_class(made_.pool->template_spec.node_class_ref.name);
    if (node_class != nullptr) seen_ = state::SeenCapacity::of(*node_class);
  }

  OfferingCatalogue build(Time now) {
    for (std::uint32_t i = 0; i < made_.templates.size(); ++i) {
      made_.has_open_keys |= !made_.templates[i].open.empty();
      add_offerings(i);
    }
    std::ranges::sort(made_.candidates, {}, rank);
    const auto bought = std::ranges::find_if(
        made_.candidates, [](const Candidate& candidate) { return !candidate.is_reserved(); });
    made_.bought_from = static_cast<CandidateId>(bought - made_.candidates.begin());
    index(now);
    return std::move(made_);
  }

 private:
  void add_offerings(std::uint32_t template_index) {
    const Template& made = made_.templates[template_index];
    std::vector<const Daemon*> tolerating;
    for (const Daemon& daemon : daemons_) {
      if (tolerates(daemon, made.taints)) tolerating.push_back(&daemon);
    }
    hyperpod::Offerings offered = hyperpod::offerings_of(
        *made.group, *state_.hyperpod().cluster(), state_.hyperpod().subnets(),
        state_.instance_types(), state_.options().discounts);
    for (const std::string& type : offered.types_without_price) {
      made_.not_offered.push_back(
          {fmt::format("type {} of instance group \"{}\"", type, made.group->name),
           "has no known price"});
    }
    for (hyperpod::Offering& offering : offered.list) {
      const hyperpod::InstanceType* type = state_.instance_types().find(offering.key.type);
      if (type == nullptr) continue;
      const kube::StringMap fixed = fixed_labels(offering, *type);
      if (!is_allowed_by(made, fixed)) continue;
      add_offering(std::move(offering), template_index, *type, tolerating);
    }
  }

  void add_offering(hyperpod::Offering offering, std::uint32_t template_index,
                    const hyperpod::InstanceType& type, std::span<const Daemon* const> tolerating) {
    // Asked of the offering only where somebody minds more than the template says.
    kube::StringMap labels;
    if (!overlays_.empty() || !tolerating.empty())
      labels = labels_of(made_.templates[template_index], offering, type);
    Candidate candidate{.offering = std::move(offering), .template_index = template_index};
    kube::Resources overlay;
    if (!overlays_.empty()) {
      overlay = overlays_.capacity(labels);
      candidate.has_capacity_overlay = !overlay.is_zero();
      hyperpod::MicroDollars& price = candidate.offering.price.per_hour;
      if (const auto changed = overlays_.price(labels, price)) {
        price = *changed;
        candidate.has_price_overlay = true;
      }
    }
    candidate.worth = candidate.offering.price.per_hour;
    if (candidate.is_reserved() && type.on_demand) candidate.worth = type.on_demand->per_hour;
    candidate.shape = shape_of(template_index, type, labels, overlay, tolerating);
    made_.candidates.push_back(std::move(candidate));
  }

  // Offerings of one template and type share a shape unless a DaemonSet runs in some of their zones
  // only, or an overlay selects some of them.
  std::uint32_t shape_of(std::uint32_t template_index, const hyperpod::InstanceType& type,
                         const kube::StringMap& labels, const kube::Resources& overlay,
                         std::span<const Daemon* const> tolerating) {
    std::vector<const Daemon*> running;
    for (const Daemon* daemon : tolerating) {
      if (allows(*daemon, labels, made_.templates[template_index].open)) running.push_back(daemon);
    }
    const auto [it, is_new] =
        shapes_.try_emplace({template_index, type.name, running, overlay}, made_.shapes.size());
    if (is_new) {
      const hyperpod::InstanceGroup& group = *made_.templates[template_index].group;
      kube::Resources allocatable =
          seen_.over(hyperpod::allocatable_of(type, group.labels), group.name, type.name);
      made_.shapes.push_back(
          make_shape(type, overlaid(hyperpod::capacity_of(type, group.labels), overlay),
                     overlaid(std::move(allocatable), overlay), running));
    }
    return static_cast<std::uint32_t>(it->second);
  }

  void index(Time now) {
    made_.labels = LabelIndex(made_.candidates.size());
    made_.of_template.resize(made_.templates.size());
    made_.of_shape.resize(made_.shapes.size());
    for (CandidateId id = 0; id < made_.candidates.size(); ++id) {
      const Candidate& candidate = made_.candidates[id];
      made_.of_template[candidate.template_index].insert(id);
      made_.of_shape[candidate.shape].insert(id);
      if (!state_.is_unavailable(candidate.offering.key, now)) made_.available.insert(id);
    }
    index_labels();
    std::vector<RoomIndex::Group> groups;
    for (std::size_t shape = 0; shape < made_.shapes.size(); ++shape)
      groups.push_back({&made_.shapes[shape].free, &made_.of_shape[shape]});
    made_.rooms = RoomIndex(groups);
  }

  // What labels_of() says of each candidate; what their template says, said once of all of them.
  void index_labels() {
    for (std::size_t i = 0; i < made_.templates.size(); ++i) {
      for (const auto& [key, value] : made_.templates[i].labels) {
        if (!is_fixed_by_offering(key)) made_.labels.add(key, value, made_.of_template[i]);
      }
    }
    for (CandidateId id = 0; id < made_.candidates.size(); ++id) {
      const Candidate& candidate = made_.candidates[id];
      const kube::StringMap fixed =
          fixed_labels(candidate.offering, *made_.shapes[candidate.shape].type);
      made_.labels.add(fixed, id);
      for (const auto& [key, value] : made_.templates[candidate.template_index].labels) {
        if (is_fixed_by_offering(key) && !fixed.contains(key)) made_.labels.add(key, value, id);
      }
    }
  }

  const state::ClusterState& state_;
  std::span<const Daemon> daemons_;
  NodeOverlays overlays_;
  state::SeenCapacity seen_;
  OfferingCatalogue made_;
  // Keyed by addresses only to tell sets apart: the daemons stand in one array, in the order of
  // their names.
  std::map<std::tuple<std::uint32_t, std::string, std::vector<const Daemon*>, kube::Resources>,
           std::size_t>
      shapes_;
};

}  // namespace

bool OfferingCatalogue::has_min_values(const Bitset& set) const {
  if (min_values_policy == state::MinValuesPolicy::BestEffort) return !set.empty();
  return std::ranges::all_of(min_values, [&](const MinValues& wanted) {
    return labels.count_values(wanted.key, set) >=
           static_cast<std::size_t>(std::max(0, wanted.count));
  });
}

OfferingCatalogue catalogue_of(PoolTemplates templates, const state::ClusterState& state,
                               std::span<const Daemon> daemons, Time now) {
  return Builder(std::move(templates), state, daemons).build(now);
}

void look_at_reservations(OfferingCatalogue& catalogue, const Reservations& reservations,
                          const state::ClusterState& state, Time now) {
  for (CandidateId id = 0; id < catalogue.bought_from; ++id) {
    const bool has_left = reservations.left(catalogue.reservation_of(id, reservations)) > 0;
    if (has_left && !state.is_unavailable(catalogue.candidates[id].offering.key, now)) {
      catalogue.available.insert(id);
    } else {
      catalogue.available.erase(id);
    }
  }
}

kube::StringMap labels_of(const Template& made, const hyperpod::Offering& offering,
                          const hyperpod::InstanceType& type) {
  kube::StringMap labels = made.labels;
  labels.merge(fixed_labels(offering, type));
  return labels;
}

kube::StringMap labels_of(const OfferingCatalogue& catalogue, const Candidate& candidate) {
  return labels_of(catalogue.templates[candidate.template_index], candidate.offering,
                   *catalogue.shapes[candidate.shape].type);
}

}  // namespace hyperwright::scheduling
