#include "scheduling/verdict.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scheduling/host_ports.h"

namespace hyperwright::scheduling {
namespace {

// How far pods come in a pool, nearest last.
enum class Step : std::uint8_t {
  Offered,
  Tolerated,
  Matching,
  Available,
  Fitting,
  Open,
  WithinLimits,
  Placed  // it could be bought, but for other pods
};

struct Miss {
  Step lost_at = Step::Offered;
  std::string sentence;
};

// "z1, z2, z3 and 4 others"
std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kNamed = 5;
  const std::size_t shown = std::min(names.size(), kNamed);
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} others", names.size() - shown);
  return text;
}

std::string reasons_of(const std::vector<NotOffered>& list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const NotOffered& entry : list) texts.push_back(fmt::format("{} {}", entry.what, entry.why));
  return fmt::format("{}", fmt::join(texts, "; "));
}

class PoolVerdict {
 public:
  PoolVerdict(const Demand& demand, const PoolPlan& plan, const state::ClusterState& state)
      : pod_(*demand.pod),
        level_(demand.requirements.levels.back()),
        catalogue_(plan.catalogue()),
        limits_(plan.limits()),
        pool_(fmt::format("NodePool \"{}\"", plan.catalogue().pool->meta.name)),
        fit_(fit(pod_, level_, demand.pod_classes, catalogue_, state)) {}

  [[nodiscard]] Miss miss() const {
    if (catalogue_.candidates.empty()) return {Step::Offered, nothing_offered()};
    if (fit_.tolerated.empty()) return {Step::Tolerated, not_tolerated()};
    if (fit_.matching.empty()) return {Step::Matching, not_matching()};
    if (fit_.available.empty()) return {Step::Available, not_available()};
    if (fit_.fitting.empty()) return {Step::Fitting, not_fitting()};
    if (!catalogue_.has_min_values(fit_.fitting)) return {Step::Open, too_few_values()};
    if (const auto limit = reached_limit()) {
      return {Step::WithinLimits,
              fmt::format(
                  "{}: limit {} {} is reached", pool_, *limit,
                  kube::format_amount(*limit, catalogue_.pool->limits->get(*limit).value_or(0)))};
    }
    return {Step::Placed, fmt::format("{} found no place for it", pool_)};
  }

 private:
  [[nodiscard]] std::string nothing_offered() const {
    if (!catalogue_.not_offered.empty())
      return fmt::format("{} offers nothing: {}", pool_, reasons_of(catalogue_.not_offered));
    return fmt::format("no offering of its instance groups meets the requirements of {}", pool_);
  }

  [[nodiscard]] std::string not_tolerated() const {
    for (const Template& made : catalogue_.templates) {
      const kube::Taint* taint =
          first_untolerated(made.taints, pod_.tolerations, level_.tolerates_prefer_no_schedule);
      if (taint != nullptr)
        return fmt::format("it does not tolerate the taint {} of {}", kube::to_text(*taint), pool_);
    }
    return fmt::format("it does not tolerate the taints of {}", pool_);
  }

  // The first requirement that leaves nothing, and what there was before it.
  [[nodiscard]] std::string not_matching() const {
    Bitset left = fit_.tolerated;
    const kube::Requirements& asked = level_.alternatives.back();
    for (const kube::Requirement& requirement : asked) {
      Bitset met = left;
      met &= matching(requirement);
      if (!met.empty()) {
        left = std::move(met);
        continue;
      }
      std::vector<std::string> values = catalogue_.labels.values(requirement.key(), left);
      for (const Template& made : catalogue_.templates) {
        if (const auto* choice = made.open.find(requirement.key()))
          values.push_back(choice->text());
      }
      if (values.empty())
        return fmt::format("it requires {}; nodes of {} have no such label", requirement.text(),
                           pool_);
      return fmt::format("it requires {}; what {} offers besides has {}", requirement.text(), pool_,
                         list_of(values));
    }
    return fmt::format("nothing that {} offers meets {}", pool_, asked.text());
  }

  [[nodiscard]] Bitset matching(const kube::Requirement& requirement) const {
    Bitset met = catalogue_.labels.matching(requirement);
    for (std::size_t i = 0; i < catalogue_.templates.size(); ++i) {
      const kube::Requirement* choice = catalogue_.templates[i].open.find(requirement.key());
      if (choice == nullptr) continue;
      met -= catalogue_.of_template[i];
      if (is_possible(choice->intersection(requirement))) met |= catalogue_.of_template[i];
    }
    return met;
  }

  [[nodiscard]] std::string not_available() const {
    std::vector<std::string> names;
    fit_.matching.for_each([&](std::size_t id) {
      const hyperpod::OfferingKey& key = catalogue_.candidates[id].offering.key;
      names.push_back(key.zone.empty() ? key.type : fmt::format("{} in {}", key.type, key.zone));
    });
    return fmt::format("all that {} offers for it is without capacity for now ({})", pool_,
                       list_of(names));
  }

  [[nodiscard]] std::string not_fitting() const {
    if (auto sentence = too_large()) return *sentence;
    if (auto sentence = nothing_left()) return *sentence;
    const bool has_free_ports = has_any(
        [&](const Shape& shape) { return !do_conflict(pod_.host_ports, shape.daemon_ports); });
    if (!has_free_ports) {
      return fmt::format("its host port {} is taken by a DaemonSet on every type in {}",
                         pod_.host_ports.front().port, pool_);
    }
    if (has_any([&](const Shape& shape) { return takes(shape); })) {
      return fmt::format(
          "nodes of every type that {} offers for it did not take it when they were there", pool_);
    }
    return fmt::format("it asks for {}; no type in {} has all of that",
                       kube::to_text(without_pods(pod_.requests)), pool_);
  }

  template <typename Ask>
  [[nodiscard]] bool has_any(Ask ask) const {
    bool found = false;
    fit_.available.for_each(
        [&](std::size_t id) { found |= ask(catalogue_.shape_of(static_cast<CandidateId>(id))); });
    return found;
  }
  [[nodiscard]] bool takes(const Shape& shape) const {
    return pod_.requests.fits(shape.free) && !do_conflict(pod_.host_ports, shape.daemon_ports);
  }
  static kube::Resources without_pods(kube::Resources resources) {
    resources.set(kube::Resource::Pods, 0);
    return resources;
  }

  // One resource that no type has enough of; accelerators are named first.
  [[nodiscard]] std::optional<std::string> too_large() const {
    std::vector<std::string> names;
    pod_.requests.for_each([&](std::string_view name, std::int64_t) { names.emplace_back(name); });
    std::ranges::stable_partition(
        names, [](const std::string& name) { return name.find('/') != std::string::npos; });
    for (const std::string& name : names) {
      std::optional<CandidateId> largest;
      fit_.available.for_each([&](std::size_t i) {
        const auto id = static_cast<CandidateId>(i);
        if (!largest ||
            catalogue_.shape_of(id).free.get(name) > catalogue_.shape_of(*largest).free.get(name))
          largest = id;
      });
      const Shape& shape = catalogue_.shape_of(*largest);
      const std::int64_t wanted = pod_.requests.get(name);
      const std::int64_t has = shape.free.get(name);
      if (wanted <= has) continue;
      const bool has_daemons = shape.daemon_requests.get(name) > 0;
      return fmt::format("it asks for {} {}; the largest type in {} has {}{} ({})",
                         kube::format_amount(name, wanted), name, pool_,
                         kube::format_amount(name, std::max<std::int64_t>(0, has)),
                         has_daemons ? " beside its DaemonSets" : "", shape.type->name);
    }
    return std::nullopt;
  }

  // A resource of which the DaemonSets alone ask for more than any type has.
  [[nodiscard]] std::optional<std::string> nothing_left() const {
    std::optional<std::string> over;
    const bool has_room = has_any([&](const Shape& shape) {
      bool is_over = false;
      shape.free.for_each([&](std::string_view name, std::int64_t amount) {
        if (amount >= 0 || is_over) return;
        is_over = true;
        if (!over) over = name;
      });
      return !is_over;
    });
    if (has_room) return std::nullopt;
    return fmt::format("no type in {} has enough {} for its DaemonSets alone", pool_, *over);
  }

  [[nodiscard]] std::string too_few_values() const {
    for (const MinValues& wanted : catalogue_.min_values) {
      const std::size_t count = catalogue_.labels.count_values(wanted.key, fit_.fitting);
      if (count < static_cast<std::size_t>(std::max(0, wanted.count))) {
        return fmt::format("{} wants {} values of {} left to choose from; {} would hold it", pool_,
                           wanted.count, wanted.key, count);
      }
    }
    return fmt::format("{} wants more values left to choose from", pool_);
  }

  // The limit of the cheapest type that would hold it, where no type at all is within limits.
  [[nodiscard]] std::optional<std::string> reached_limit() const {
    std::optional<std::string> reached;
    bool is_any_within = false;
    fit_.fitting.for_each([&](std::size_t id) {
      const auto limit =
          limits_.first_reached(catalogue_.shape_of(static_cast<CandidateId>(id)).capacity);
      is_any_within |= !limit;
      if (!reached) reached = limit;
    });
    return is_any_within ? std::nullopt : reached;
  }

  const kube::Scheduling& pod_;
  const Level& level_;
  const OfferingCatalogue& catalogue_;
  const LimitCounter& limits_;
  std::string pool_;
  Fit fit_;
};

std::string_view text_of(TopologyKind kind) {
  switch (kind) {
    case TopologyKind::Spread:
      return "topology spread";
    case TopologyKind::Affinity:
      return "pod affinity";
    case TopologyKind::AntiAffinity:
      return "pod anti-affinity";
  }
  return {};
}

// "us-east-1a has 3, us-east-1b has 0"
std::string counts_of(const TopologyGroup& group, const Topology& topology) {
  std::vector<std::string> texts;
  for (DomainId domain = 0; domain < topology.values(group.key).size(); ++domain) {
    const std::int32_t count = domain < group.counted.size() ? group.counted[domain] : 0;
    texts.push_back(fmt::format("{} has {}", topology.value(group.key, domain), count));
  }
  return list_of(texts);
}

// The first constraint of its own, or of pods that it must not be near to, that keeps it out of
// every domain.
std::optional<std::string> constraint_between_pods(const Demand& demand, const Topology& topology) {
  const auto sentence = [&](const TopologyGroup& group, std::string_view whose) {
    if (group.key == kHostKey)
      return fmt::format("{} {} on {} leaves no node for it", whose, text_of(group.term.kind),
                         group.term.key);
    if (topology.values(group.key).empty())
      return fmt::format("{} {} counts over {}, a label that no node and no NodePool has", whose,
                         text_of(group.term.kind), group.term.key);
    return fmt::format("{} {} on {} leaves no domain for it: {}", whose, text_of(group.term.kind),
                       group.term.key, counts_of(group, topology));
  };
  for (const GroupId id : demand.owned.back()) return sentence(topology.group(id), "its");
  for (const GroupId id : demand.counted) {
    const TopologyGroup& group = topology.group(id);
    const bool has_owners = std::ranges::any_of(group.owners, [](std::int32_t n) { return n > 0; });
    if (group.term.kind == TopologyKind::AntiAffinity && has_owners)
      return sentence(group, "other pods'");
  }
  return std::nullopt;
}

}  // namespace

std::string verdict_of(const Demand& demand, const std::deque<PoolPlan>& pools,
                       const std::vector<NotOffered>& not_offered, const Topology& topology,
                       const state::ClusterState& state) {
  if (!demand.requirements.rejection.empty()) return demand.requirements.rejection;
  if (pools.empty()) {
    if (not_offered.empty()) return "there is no NodePool with a HyperpodNodeClass";
    return fmt::format("no NodePool can be used: {}", reasons_of(not_offered));
  }
  std::optional<Miss> nearest;
  for (const PoolPlan& pool : pools) {
    Miss miss = PoolVerdict(demand, pool, state).miss();
    if (!nearest || miss.lost_at > nearest->lost_at) nearest = std::move(miss);
  }
  if (nearest->lost_at == Step::Placed) {
    if (auto sentence = constraint_between_pods(demand, topology)) return *sentence;
  }
  return nearest->sentence;
}

}  // namespace hyperwright::scheduling
