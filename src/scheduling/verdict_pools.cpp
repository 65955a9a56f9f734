// What one NodePool offers, and what falls to which rule.
#include <algorithm>

#include <fmt/format.h>

#include "base/lookup.h"
#include "scheduling/cells.h"
#include "scheduling/feasibility.h"
#include "scheduling/host_ports.h"
#include "scheduling/tally.h"
#include "scheduling/verdict.h"

namespace hyperwright::scheduling {
namespace {

constexpr std::size_t kOfferingsNamed = 10;

// Accelerators are named first: they are what is scarce.
std::vector<std::string> names_of(const kube::Resources& requests) {
  std::vector<std::string> names;
  requests.for_each([&](std::string_view name, std::int64_t) { names.emplace_back(name); });
  std::ranges::stable_partition(
      names, [](const std::string& name) { return name.find('/') != std::string::npos; });
  return names;
}

class PoolVerdict {
 public:
  PoolVerdict(const Demand& demand, std::size_t pool, const Settled& settled)
      : demand_(demand),
        pod_(*demand.pod),
        level_(demand.requirements.levels[level_of(demand)]),
        catalogue_(*settled.pools[pool]),
        limits_(settled.limits[pool]),
        reservations_(settled.reservations),
        topology_(settled.topology),
        state_(settled.state),
        tally_(catalogue_.candidates.size()),
        left_(catalogue_.everything()) {}

  PoolExplanation explain() {
    PoolExplanation made;
    made.pool = catalogue_.pool->meta.name;
    made.not_offered = catalogue_.not_offered;
    if (catalogue_.candidates.empty()) return made;
    ask(Step::Tolerated, &PoolVerdict::ask_taints);
    ask(Step::Matching, &PoolVerdict::ask_requirements);
    ask(Step::Available, &PoolVerdict::ask_reservations);
    const std::size_t availability = rules_;
    ask(Step::Available, &PoolVerdict::ask_availability);
    ask(Step::Fitting, &PoolVerdict::ask_room);
    ask(Step::Open, &PoolVerdict::ask_min_values);
    ask(Step::WithinLimits, &PoolVerdict::ask_limits);
    ask(Step::Allowed, &PoolVerdict::ask_topology);
    made.lost_at = lost_at_;

    TallyBuilder::Made done = std::move(tally_).finish(types());
    made.types = std::move(done.tally);
    if (decisive_) made.decisive = done.moved[*decisive_];
    for (std::size_t i = 0; i < made.types.outcomes.size(); ++i) {
      const std::vector<std::size_t>& rules = made.types.outcomes[i].rules;
      if (rules.empty()) made.usable = offerings(done.members[i]);
      if (rules.size() == 1 && rules.front() == done.moved[availability])
        made.without_capacity = offerings(done.members[i]);
    }
    return made;
  }

 private:
  std::size_t add(RuledOut rule, Bitset failing) {
    ++rules_;
    return tally_.add(std::move(rule), std::move(failing));
  }

  void ask(Step step, void (PoolVerdict::*rules_of_step)()) {
    const std::size_t first = rules_;
    (this->*rules_of_step)();
    if (lost_at_ != Step::Placed) return;
    Bitset rest = left_;
    for (std::size_t rule = first; rule < rules_; ++rule) rest -= tally_.failing(rule);
    if (!rest.empty()) {
      left_ = std::move(rest);
      decisive_.reset();
      return;
    }
    lost_at_ = step;
    for (std::size_t rule = first; rule < rules_ && !decisive_; ++rule) {
      if (takes_all(rule)) decisive_ = rule;
    }
    // No type has all of several resources; of all else the first is told.
    for (std::size_t rule = first; rule < rules_ && !decisive_ && step != Step::Fitting; ++rule) {
      if (tally_.failing(rule).intersects(left_)) decisive_ = rule;
    }
  }

  [[nodiscard]] bool takes_all(std::size_t rule) const {
    Bitset rest = left_;
    rest -= tally_.failing(rule);
    return rest.empty();
  }

  [[nodiscard]] Bitset all_but(const Bitset& met) const {
    Bitset rest = catalogue_.everything();
    rest -= met;
    return rest;
  }

  template <typename Ask>
  [[nodiscard]] Bitset of_shapes(Ask ask) const {
    Bitset found;
    for (std::size_t shape = 0; shape < catalogue_.shapes.size(); ++shape) {
      if (ask(catalogue_.shapes[shape])) found |= catalogue_.of_shape[shape];
    }
    return found;
  }

  // --- the rules ---

  void ask_taints() {
    std::vector<std::pair<kube::Taint, Bitset>> found;
    for (std::size_t i = 0; i < catalogue_.templates.size(); ++i) {
      for (const kube::Taint& taint : catalogue_.templates[i].taints) {
        if (first_untolerated({taint}, pod_.tolerations, level_.tolerates_prefer_no_schedule) ==
            nullptr)
          continue;
        auto known = std::ranges::find(found, taint, &std::pair<kube::Taint, Bitset>::first);
        if (known == found.end()) known = found.insert(found.end(), {taint, {}});
        known->second |= catalogue_.of_template[i];
      }
    }
    for (auto& [taint, failing] : found) {
      add({.rule = Rule::Taint,
           .key = taint.key,
           .wanted = "a toleration",
           .found = kube::to_text(taint)},
          std::move(failing));
    }
  }

  [[nodiscard]] Bitset matching(const kube::Requirement& requirement) const {
    kube::Requirements asked;
    asked.add(requirement);
    return fit_labels({asked}, nullptr, false, catalogue_).matching;
  }

  // What the rest of the pool has instead.
  [[nodiscard]] std::string values_of(std::string_view key, const Bitset& among) const {
    std::vector<std::string> values = catalogue_.labels.values(key, among);
    for (const Template& made : catalogue_.templates) {
      if (const auto* choice = made.open.find(key)) values.push_back(choice->text());
    }
    return list_of(values);
  }

  // What the pod does not say itself its volumes do.
  [[nodiscard]] std::string of_volumes(const kube::Requirement& requirement) const {
    if (pod_.volume_claims.empty()) return {};
    const bool is_own =
        std::ranges::any_of(required_alternatives(pod_), [&](const kube::Requirements& own) {
          const kube::Requirement* said = own.find(requirement.key());
          return said != nullptr && *said == requirement;
        });
    return is_own ? "" : "for its volumes";
  }

  void ask_requirements() {
    std::string last;  // of the last alternative: what leaves nothing, after those before it
    std::vector<std::vector<AskedRequirement>> alternatives;
    for (const kube::Requirements& alternative : level_.alternatives) {
      last.clear();
      Bitset left = left_;
      std::vector<AskedRequirement>& asked = alternatives.emplace_back();
      for (const kube::Requirement& requirement : alternative) {
        const Bitset met = matching(requirement);
        asked.push_back({.rule = {.rule = Rule::Requirement,
                                  .key = requirement.key(),
                                  .wanted = requirement.text(),
                                  .found = values_of(requirement.key(), left),
                                  .note = of_volumes(requirement)},
                         .failing = all_but(met)});
        Bitset narrower = left;
        narrower &= met;
        if (!narrower.empty()) {
          left = std::move(narrower);
        } else if (last.empty()) {
          last = requirement.text();
        }
      }
    }
    for (AskedRequirement& each :
         of_nearest_alternative(catalogue_.candidates.size(), std::move(alternatives))) {
      const bool is_last = each.rule.wanted == last;
      const std::size_t rule = add(std::move(each.rule), std::move(each.failing));
      if (is_last && lost_at_ == Step::Placed) decisive_ = rule;
    }
  }

  // Reserved offerings of which no instance is left, by reservation.
  void ask_reservations() {
    std::vector<std::pair<std::string, Bitset>> taken;
    for (CandidateId id = 0; id < catalogue_.bought_from; ++id) {
      if (reservations_.left(catalogue_.reservation_of(id, reservations_)) > 0) continue;
      const std::string& name = catalogue_.candidates[id].offering.reservation;
      auto known = std::ranges::find(taken, name, &std::pair<std::string, Bitset>::first);
      if (known == taken.end()) known = taken.insert(taken.end(), {name, {}});
      known->second.insert(id);
      taken_.insert(id);
    }
    for (auto& [name, failing] : taken) {
      add({.rule = Rule::Reservation, .key = name, .wanted = "an instance", .found = "none left"},
          std::move(failing));
    }
  }

  void ask_availability() {
    Bitset failing = all_but(catalogue_.available);
    failing -= taken_;
    Bitset near = failing;
    near &= left_;
    std::vector<std::string> names;
    near.for_each([&](std::size_t id) {
      const hyperpod::OfferingKey& key = catalogue_.candidates[id].offering.key;
      names.push_back(key.zone.empty() ? key.type : fmt::format("{} in {}", key.type, key.zone));
    });
    add({.rule = Rule::Availability, .wanted = "capacity", .found = "none", .note = list_of(names)},
        std::move(failing));
  }

  void ask_room() {
    for (const std::string& name : names_of(pod_.requests)) ask_resource(name);
    ask_daemons();
    for (const kube::HostPort& port : pod_.host_ports) {
      add({.rule = Rule::HostPort,
           .key = fmt::format("{}", port.port),
           .wanted = fmt::format("host port {}/{}", port.port, port.protocol),
           .found = "taken by a DaemonSet"},
          of_shapes([&](const Shape& shape) {
            return do_conflict(std::vector<kube::HostPort>{port}, shape.daemon_ports);
          }));
    }
    if (!state_.has_misfits()) return;
    Bitset misfits;
    for (std::size_t id = 0; id < catalogue_.candidates.size(); ++id) {
      const hyperpod::OfferingKey& key = catalogue_.candidates[id].offering.key;
      const bool is_misfit = std::ranges::any_of(demand_.pod_classes, [&](auto pod) {
        return state_.is_misfit(pod, key.group, key.type);
      });
      if (is_misfit) misfits.insert(id);
    }
    add({.rule = Rule::Misfit, .found = "did not take such pods"}, std::move(misfits));
  }

  void ask_resource(const std::string& name) {
    const Shape* largest = nullptr;
    left_.for_each([&](std::size_t id) {
      const Shape& shape = catalogue_.shape_of(static_cast<CandidateId>(id));
      if (largest == nullptr || shape.free.get(name) > largest->free.get(name)) largest = &shape;
    });
    const std::int64_t wanted = pod_.requests.get(name);
    const bool has_daemons = largest->daemon_requests.get(name) > 0;
    add({.rule = Rule::Resource,
         .key = name,
         .wanted = kube::format_amount(name, wanted),
         .found = fmt::format(
             "{}{}", kube::format_amount(name, std::max<std::int64_t>(0, largest->free.get(name))),
             has_daemons ? " beside its DaemonSets" : ""),
         .note = largest->type->name},
        of_shapes([&](const Shape& shape) { return wanted > shape.free.get(name); }));
  }

  void ask_daemons() {
    std::vector<std::string> over;
    for (const Shape& shape : catalogue_.shapes) {
      shape.free.for_each([&](std::string_view name, std::int64_t amount) {
        if (amount < 0 && std::ranges::find(over, name) == over.end()) over.emplace_back(name);
      });
    }
    std::ranges::sort(over);
    for (const std::string& name : over) {
      add({.rule = Rule::DaemonSets, .key = name, .found = "less than its DaemonSets ask for"},
          of_shapes([&](const Shape& shape) { return shape.free.get(name) < 0; }));
    }
  }

  void ask_min_values() {
    if (lost_at_ != Step::Placed || catalogue_.has_min_values(left_)) return;
    for (const MinValues& wanted : catalogue_.min_values) {
      const std::size_t count = catalogue_.labels.count_values(wanted.key, left_);
      if (count >= static_cast<std::size_t>(std::max(0, wanted.count))) continue;
      add({.rule = Rule::MinValues,
           .key = wanted.key,
           .wanted = fmt::format("{}", wanted.count),
           .found = fmt::format("{}", count)},
          left_);
    }
  }

  void ask_limits() {
    if (!catalogue_.pool->limits) return;
    const Shape& cheapest = catalogue_.shape_of(static_cast<CandidateId>(left_.first()));
    for (const auto& [name, limit] : catalogue_.pool->limits->amounts) {
      const std::int64_t left = limits_.left(name);
      add({.rule = Rule::Limit,
           .key = name,
           .wanted = kube::format_amount(name, cheapest.capacity.get(name)),
           .found = kube::format_amount(name, limit),
           .note =
               fmt::format("{} left", kube::format_amount(name, std::max<std::int64_t>(0, left)))},
          of_shapes([left, &key = name](const Shape& shape) {
            return left < 0 || shape.capacity.get(key) > left;
          }));
    }
  }

  void ask_topology() {
    for (const GroupId id : demand_.owned[level_of(demand_)]) {
      const TopologyGroup& group = topology_.group(id);
      const bool counts_itself = demand_.is_counted_by(id);
      if (group.key == kHostKey) {
        // A new node is empty: only who wants company finds none there.
        const bool is_lonely =
            group.term.kind == TopologyKind::Affinity && !(counts_itself && group.total == 0);
        add(constraint_of(group, &demand_, topology_),
            is_lonely ? catalogue_.everything() : Bitset{});
        continue;
      }
      add(constraint_of(group, &demand_, topology_), not_in(group, [&](DomainId domain) {
            return allowed_by(group, counts_itself, domain, 1) > 0;
          }));
    }
    for (const GroupId id : repelling(demand_, topology_)) {
      const TopologyGroup& group = topology_.group(id);
      if (group.key == kHostKey) {
        // As above: who is to join another finds it on no new node.
        if (group.is_lone()) add(constraint_of(group, nullptr, topology_), catalogue_.everything());
        continue;
      }
      add(constraint_of(group, nullptr, topology_),
          not_in(group, [&](DomainId domain) { return !is_kept_away(group, domain); }));
    }
  }

  // Candidates that stand, or could be made to stand, in none of the domains that are allowed.
  template <typename Allows>
  [[nodiscard]] Bitset not_in(const TopologyGroup& group, Allows allows) const {
    std::vector<std::string> values;
    for (DomainId domain = 0; domain < topology_.values(group.key).size(); ++domain) {
      if (allows(domain)) values.push_back(topology_.value(group.key, domain));
    }
    const std::string& key = topology_.key_name(group.key);
    Bitset met = matching(kube::Requirement::in(key, std::move(values)));
    if (allows(kNoDomain)) met |= catalogue_.labels.without_key(key);
    return all_but(met);
  }

  // --- the counts ---

  [[nodiscard]] std::vector<std::uint32_t> types() const {
    TextLookup<std::uint32_t> ids;
    std::vector<std::uint32_t> kinds;
    kinds.reserve(catalogue_.candidates.size());
    for (const Candidate& candidate : catalogue_.candidates) {
      const std::string& type = candidate.offering.key.type;
      const std::uint32_t* known = ids.find(type);
      const auto id = known == nullptr ? static_cast<std::uint32_t>(ids.size()) : *known;
      if (known == nullptr) ids.set(type, id);
      kinds.push_back(id);
    }
    return kinds;
  }

  [[nodiscard]] std::vector<hyperpod::Offering> offerings(const Bitset& members) const {
    std::vector<hyperpod::Offering> list;
    members.for_each([&](std::size_t id) {
      if (list.size() < kOfferingsNamed) list.push_back(catalogue_.candidates[id].offering);
    });
    return list;
  }

  const Demand& demand_;
  const kube::Scheduling& pod_;
  const Level& level_;
  const OfferingCatalogue& catalogue_;
  const LimitCounter& limits_;
  const Reservations& reservations_;
  const Topology& topology_;
  const state::ClusterState& state_;
  TallyBuilder tally_;
  std::size_t rules_ = 0;  // that were added
  Bitset left_;            // that came furthest; never empty
  Bitset taken_;           // reserved, and none is left
  Step lost_at_ = Step::Placed;
  std::optional<std::size_t> decisive_;
};

}  // namespace

PoolExplanation explanation_of_pool(const Demand& demand, std::size_t pool,
                                    const Settled& settled) {
  return PoolVerdict(demand, pool, settled).explain();
}

}  // namespace hyperwright::scheduling
