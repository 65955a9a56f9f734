// The words of an explanation.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hyperpod/cluster.h"
#include "scheduling/explanation.h"

namespace hyperwright::scheduling {
namespace {

// A message of an event has room for so many, and nobody reads more.
constexpr std::size_t kPoolsCounted = 3;

std::string reasons_of(const std::vector<NotOffered>& list) {
  std::vector<std::string> texts;
  texts.reserve(list.size());
  for (const NotOffered& entry : list) texts.push_back(fmt::format("{} {}", entry.what, entry.why));
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::string name_of(const PoolExplanation& pool) {
  return fmt::format("NodePool \"{}\"", pool.pool);
}

std::string_view words_of(Rule constraint) {
  if (constraint == Rule::Affinity) return "pod affinity";
  return constraint == Rule::AntiAffinity ? "pod anti-affinity" : "topology spread";
}

// What is wrong, and what can be done about it ("": nothing that we know of).
struct Reason {
  std::string what;
  std::string remedy;
};

Reason of_constraint(const RuledOut& rule) {
  static constexpr std::string_view kHostname = "kubernetes.io/hostname";
  const std::string whose = fmt::format("{} {}", rule.note, words_of(rule.rule));
  std::string remedy;
  if (rule.rule == Rule::Affinity) {
    remedy = rule.note == "its" ? "correct its selector, or start a pod that it selects first"
                                : "let it run beside the pod that carries it, or wait for that one";
  }
  if (rule.rule == Rule::AntiAffinity) remedy = "make it a preference, or offer more domains";
  if (rule.rule == Rule::Spread)
    remedy = "raise maxSkew, use ScheduleAnyway, or offer more domains";
  if (rule.key == kHostname)
    return {fmt::format("{} on {} leaves no node for it", whose, rule.key), remedy};
  if (rule.found.empty()) {
    return {
        fmt::format("{} counts over {}, a label that no node and no NodePool has", whose, rule.key),
        "correct its topologyKey"};
  }
  return {fmt::format("{} on {} leaves no domain for it: {}", whose, rule.key, rule.found), remedy};
}

Reason of_rule(const RuledOut& rule, const std::string& pool) {
  switch (rule.rule) {
    case Rule::Taint:
      return {fmt::format("it does not tolerate the taint {} of {}", rule.found, pool),
              "give it that toleration"};
    case Rule::Requirement: {
      const std::string asked =
          fmt::format("it requires {}{}{}", rule.wanted, rule.note.empty() ? "" : " ", rule.note);
      return {rule.found.empty()
                  ? fmt::format("{}; nodes of {} have no such label", asked, pool)
                  : fmt::format("{}; what {} offers besides has {}", asked, pool, rule.found),
              "change what it requires, or what the NodePool offers"};
    }
    case Rule::Availability:
      return {fmt::format("all that {} offers for it is without capacity for now ({})", pool,
                          rule.note),
              "wait, it is tried again; or offer more instance types or zones"};
    case Rule::Reservation:
      return {
          fmt::format("all that {} offers for it is reserved, and every instance of reservation {} "
                      "is taken",
                      pool, rule.key),
          "wait until one is free; or let it run on other capacity"};
    case Rule::Resource:
      return {fmt::format("it asks for {} {}; the largest type in {} has {} ({})", rule.wanted,
                          rule.key, pool, rule.found, rule.note),
              "ask for less, or offer a larger type"};
    case Rule::DaemonSets:
      return {fmt::format("no type in {} has enough {} for its DaemonSets alone", pool, rule.key),
              "let them ask for less, or offer a larger type"};
    case Rule::HostPort:
      return {fmt::format("its host port {} is taken by a DaemonSet on every type in {}", rule.key,
                          pool),
              "use another host port"};
    case Rule::Misfit:
      return {fmt::format("nodes of every type that {} offers for it did not take it when they "
                          "were there",
                          pool),
              "compare what such a node has with what it asks for: kubectl describe node"};
    case Rule::Volume:
      return {fmt::format("{} of {} cannot be attached", rule.wanted, rule.key), {}};
    case Rule::MinValues:
      return {fmt::format("{} wants {} values of {} left to choose from; {} would hold it", pool,
                          rule.wanted, rule.key, rule.found),
              "lower its minValues, or offer more"};
    case Rule::Limit:
      return {fmt::format("{}: limit {} {} is reached", pool, rule.key, rule.found),
              "raise its spec.limits, or wait until nodes of it go"};
    case Rule::Affinity:
    case Rule::AntiAffinity:
    case Rule::Spread:
      return of_constraint(rule);
  }
  return {};
}

Reason of_pool(const PoolExplanation& pool, const Explanation& explanation) {
  const std::string name = name_of(pool);
  if (pool.decisive) return of_rule(pool.types.rules[*pool.decisive], name);
  switch (pool.lost_at) {
    case Step::Offered:
      if (!pool.not_offered.empty())
        return {fmt::format("{} offers nothing: {}", name, reasons_of(pool.not_offered)), {}};
      return {fmt::format("no offering of its instance groups meets the requirements of {}", name),
              "correct them: kubectl describe nodepool " + pool.pool};
    case Step::Fitting: {
      kube::Resources asked = explanation.requests;
      asked.set(kube::Resource::Pods, 0);
      return {
          fmt::format("it asks for {}; no type in {} has all of that", kube::to_text(asked), name),
          "ask for less, or offer a larger type"};
    }
    case Step::Placed:
      if (!explanation.between_pods.empty()) return of_constraint(explanation.between_pods.front());
      return {fmt::format("{} found no place for it", name), {}};
    default:
      return {fmt::format("nothing that {} offers is open to it", name), {}};
  }
}

// "4 with too little cpu"
std::string counted(const RuledOut& rule) {
  const auto with = [&](std::string_view what) { return fmt::format("{} {}", rule.count, what); };
  switch (rule.rule) {
    case Rule::Taint:
      return with(fmt::format("with the taint {}", rule.found));
    case Rule::Requirement:
      return with(fmt::format("without {}", rule.wanted));
    case Rule::Availability:
      return with("without capacity for now");
    case Rule::Reservation:
      return with(fmt::format("with every instance of reservation {} taken", rule.key));
    case Rule::Resource:
      return with(fmt::format("with too little {}", rule.key));
    case Rule::DaemonSets:
      return with(fmt::format("with too little {} for DaemonSets", rule.key));
    case Rule::HostPort:
      return with(fmt::format("with host port {} taken", rule.key));
    case Rule::Misfit:
      return with("that did not take it before");
    case Rule::Volume:
      return with(fmt::format("with no room for volumes of {}", rule.key));
    case Rule::MinValues:
      return with(fmt::format("with too few values of {}", rule.key));
    case Rule::Limit:
      return with(fmt::format("over the limit of {}", rule.key));
    case Rule::Affinity:
    case Rule::AntiAffinity:
    case Rule::Spread:
      return with(fmt::format("kept away by {} on {}", words_of(rule.rule), rule.key));
  }
  return {};
}

std::string counts_of(const std::vector<PoolExplanation>& pools) {
  // Of one pool and one rule there is nothing more to say.
  if (pools.size() == 1 && pools.front().types.rules.size() < 2) return {};
  std::string text;
  std::size_t told = 0;
  for (const PoolExplanation& pool : pools) {
    if (pool.types.rules.empty()) continue;
    if (++told > kPoolsCounted) continue;
    std::vector<std::string> parts;
    for (const RuledOut& rule : pool.types.rules) {
      if (rule.count > 0) parts.push_back(counted(rule));
    }
    text += fmt::format("; {}: of {} types {}", name_of(pool), pool.types.total,
                        fmt::join(parts, ", "));
  }
  if (told > kPoolsCounted) text += fmt::format("; and {} other NodePools", told - kPoolsCounted);
  return text;
}

std::string of_nowhere(const Explanation& explanation) {
  if (!explanation.rejection.empty()) return explanation.rejection;
  if (explanation.pools.empty()) {
    if (explanation.not_offered.empty())
      return "there is no NodePool with a HyperpodNodeClass; fix: create one";
    return fmt::format("no NodePool can be used: {}", reasons_of(explanation.not_offered));
  }
  const auto nearest = std::ranges::max_element(explanation.pools, {}, &PoolExplanation::lost_at);
  const Reason reason = of_pool(*nearest, explanation);
  const std::string fix = reason.remedy.empty() ? "" : fmt::format("; fix: {}", reason.remedy);
  return fmt::format("{}{}{}", reason.what, fix, counts_of(explanation.pools));
}

// Why this one was bought, among those that would do.
std::string choice_of(const PoolExplanation& pool, const Placement& placement) {
  std::size_t usable = 0;
  for (const Outcome& outcome : pool.types.outcomes) {
    if (outcome.rules.empty()) usable = outcome.offerings;
  }
  std::string text;
  if (!pool.usable.empty() && placement.offering) {
    const bool is_cheapest =
        pool.usable.front().price.per_hour == placement.offering->price.per_hour;
    if (is_cheapest && usable > 1) text = fmt::format(", the cheapest of {} offerings", usable);
    if (is_cheapest && usable == 1) text = ", the only offering that would do";
    if (!is_cheapest) {
      text = fmt::format("; for it alone {} would do, for all of them together this costs less",
                         text_of(pool.usable.front()));
    }
  }
  if (!pool.without_capacity.empty() && placement.offering &&
      pool.without_capacity.front().price.per_hour < placement.offering->price.per_hour) {
    text += fmt::format("; {} is without capacity for now", text_of(pool.without_capacity.front()));
  }
  return text;
}

std::string of_new_node(const Explanation& explanation) {
  const Placement& placement = explanation.placement;
  std::string text =
      fmt::format("a new node of NodePool \"{}\" is to be bought for it", placement.node_pool);
  if (placement.pods_beside > 0) {
    text += fmt::format(" and {} other {}", placement.pods_beside,
                        placement.pods_beside == 1 ? "pod" : "pods");
  }
  if (placement.offering) text += fmt::format(": {}", text_of(*placement.offering));
  for (const PoolExplanation& pool : explanation.pools) {
    if (pool.pool == placement.node_pool) text += choice_of(pool, placement);
  }
  return text;
}

}  // namespace

std::string_view to_string(Rule rule) {
  switch (rule) {
    case Rule::Taint:
      return "Taint";
    case Rule::Requirement:
      return "Requirement";
    case Rule::Availability:
      return "Availability";
    case Rule::Reservation:
      return "Reservation";
    case Rule::Resource:
      return "Resource";
    case Rule::DaemonSets:
      return "DaemonSets";
    case Rule::HostPort:
      return "HostPort";
    case Rule::Misfit:
      return "Misfit";
    case Rule::Volume:
      return "Volume";
    case Rule::MinValues:
      return "MinValues";
    case Rule::Limit:
      return "Limit";
    case Rule::Affinity:
      return "PodAffinity";
    case Rule::AntiAffinity:
      return "PodAntiAffinity";
    case Rule::Spread:
      return "TopologySpread";
  }
  return {};
}

std::string_view to_string(Placement::Where where) {
  switch (where) {
    case Placement::Where::Nowhere:
      return "Nowhere";
    case Placement::Where::Bound:
      return "Bound";
    case Placement::Where::Node:
      return "Node";
    case Placement::Where::Claim:
      return "NodeClaim";
    case Placement::Where::NewNode:
      return "NewNode";
  }
  return {};
}

std::string text_of(const hyperpod::Offering& offering) {
  const std::string where =
      offering.key.zone.empty() ? "" : fmt::format(" in {}", offering.key.zone);
  return fmt::format("{}{} ({}, {} an hour)", offering.key.type, where,
                     hyperpod::karpenter_word(offering.capacity_type),
                     hyperpod::format_dollars(offering.price.per_hour));
}

std::string sentence_of(const Explanation& explanation) {
  const Placement& placement = explanation.placement;
  const std::string bought =
      placement.offering ? fmt::format(", {}", text_of(*placement.offering)) : "";
  switch (placement.where) {
    case Placement::Where::Nowhere:
      return of_nowhere(explanation);
    case Placement::Where::Bound:
      return fmt::format("it is on node {}{}", placement.name, bought);
    case Placement::Where::Node:
      return fmt::format("node {}{}, has room for it: nothing is bought", placement.name, bought);
    case Placement::Where::Claim:
      return fmt::format(
          "nodeclaim {}{}, is on its way and has room for it: nothing more is bought",
          placement.name, bought);
    case Placement::Where::NewNode:
      return of_new_node(explanation);
  }
  return {};
}

}  // namespace hyperwright::scheduling
