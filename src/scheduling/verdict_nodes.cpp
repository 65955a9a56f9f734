// Nodes that exist or are coming, and what keeps the pods off them.
#include <algorithm>

#include <fmt/format.h>

#include "scheduling/cells.h"
#include "scheduling/host_ports.h"
#include "scheduling/tally.h"
#include "scheduling/verdict.h"

namespace hyperwright::scheduling {
namespace {

class NodesVerdict {
 public:
  NodesVerdict(const Demand& demand, Settled& settled)
      : demand_(demand),
        pod_(*demand.pod),
        level_(demand.requirements.levels[level_of(demand)]),
        nodes_(settled.nodes),
        size_(settled.nodes.list().size()),
        volumes_(settled.volumes),
        topology_(settled.topology),
        state_(settled.state),
        tally_(size_) {}

  Tally count() {
    ask_taints();
    ask_requirements();
    ask_resources();
    ask_host_ports();
    ask_misfits();
    ask_volumes();
    ask_topology();
    return std::move(tally_).finish().tally;
  }

 private:
  template <typename Ask>
  [[nodiscard]] Bitset all_where(Ask ask) const {
    Bitset found;
    for (std::size_t i = 0; i < size_; ++i) {
      if (ask(nodes_.list()[i])) found.insert(i);
    }
    return found;
  }

  [[nodiscard]] static std::string_view name_of(const ExistingNode& node) {
    return node.node.empty() ? node.claim : node.node;
  }

  void ask_taints() {
    std::vector<kube::Taint> known;
    for (std::size_t i = 0; i < size_; ++i) {
      for (const kube::Taint& taint : nodes_.taints_of(nodes_.list()[i])) {
        const bool is_new = std::ranges::find(known, taint) == known.end();
        if (is_new && first_untolerated({taint}, pod_.tolerations,
                                        level_.tolerates_prefer_no_schedule) != nullptr)
          known.push_back(taint);
      }
    }
    for (const kube::Taint& taint : known) {
      tally_.add({.rule = Rule::Taint,
                  .key = taint.key,
                  .wanted = "a toleration",
                  .found = kube::to_text(taint)},
                 all_where([&](const ExistingNode& node) {
                   return kube::contains_taint(nodes_.taints_of(node), taint);
                 }));
    }
  }

  void ask_requirements() {
    std::vector<std::vector<AskedRequirement>> alternatives;
    for (const kube::Requirements& alternative : level_.alternatives) {
      std::vector<AskedRequirement>& asked = alternatives.emplace_back();
      for (const kube::Requirement& requirement : alternative) {
        kube::Requirements alone;
        alone.add(requirement);
        Bitset failing = Bitset::all(size_);
        failing -= nodes_.matching({alone});
        asked.push_back({.rule = {.rule = Rule::Requirement,
                                  .key = requirement.key(),
                                  .wanted = requirement.text(),
                                  .found = values_of(requirement.key())},
                         .failing = std::move(failing)});
      }
    }
    for (AskedRequirement& each : of_nearest_alternative(size_, std::move(alternatives)))
      tally_.add(std::move(each.rule), std::move(each.failing));
  }

  [[nodiscard]] std::string values_of(std::string_view key) const {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < size_; ++i) {
      if (const std::string* value = nodes_.list()[i].labels->find(key)) values.push_back(*value);
    }
    std::ranges::sort(values);
    const auto same = std::ranges::unique(values);
    values.erase(same.begin(), same.end());
    return list_of(values);
  }

  // Of what is asked for, and of what a node has promised more than it has: such a node takes none.
  void ask_resources() {
    std::vector<std::string> names;
    pod_.requests.for_each([&](std::string_view name, std::int64_t) { names.emplace_back(name); });
    for (std::size_t i = 0; i < size_; ++i) {
      nodes_.list()[i].free.for_each([&](std::string_view name, std::int64_t amount) {
        if (amount < 0 && std::ranges::find(names, name) == names.end()) names.emplace_back(name);
      });
    }
    for (const std::string& name : names) {
      const std::int64_t wanted = pod_.requests.get(name);
      std::size_t most = 0;
      for (std::size_t i = 1; i < size_; ++i) {
        if (nodes_.list()[i].free.get(name) > nodes_.list()[most].free.get(name)) most = i;
      }
      if (size_ == 0) return;
      const std::int64_t free = nodes_.list()[most].free.get(name);
      tally_.add({.rule = Rule::Resource,
                  .key = name,
                  .wanted = kube::format_amount(name, wanted),
                  .found = fmt::format("{} free",
                                       kube::format_amount(name, std::max<std::int64_t>(0, free))),
                  .note = std::string(name_of(nodes_.list()[most]))},
                 all_where([&](const ExistingNode& node) { return wanted > node.free.get(name); }));
    }
  }

  void ask_host_ports() {
    for (const kube::HostPort& port : pod_.host_ports) {
      tally_.add({.rule = Rule::HostPort,
                  .key = fmt::format("{}", port.port),
                  .wanted = fmt::format("host port {}/{}", port.port, port.protocol),
                  .found = "taken"},
                 all_where([&](const ExistingNode& node) {
                   return do_conflict(std::vector<kube::HostPort>{port}, node.ports);
                 }));
    }
  }

  void ask_misfits() {
    if (!state_.has_misfits()) return;
    tally_.add({.rule = Rule::Misfit, .found = "did not take such pods"},
               all_where([&](const ExistingNode& node) {
                 return !node.type.empty() &&
                        std::ranges::any_of(demand_.pod_classes, [&](state::PodClassId id) {
                          return state_.is_misfit(id, node.group, node.type);
                        });
               }));
  }

  void ask_volumes() {
    if (demand_.attached.empty()) return;
    Bitset failing;
    for (std::size_t node = 0; node < size_; ++node) {
      if (volumes_.limits().room_on(node, demand_.attached, 1) == 0) failing.insert(node);
    }
    tally_.add({.rule = Rule::Volume, .wanted = "to attach its volumes", .found = "no room"},
               std::move(failing));
  }

  void ask_topology() {
    const auto domain_of = [&](const TopologyGroup& group, std::size_t node) {
      return group.key == kHostKey ? static_cast<DomainId>(node)
                                   : topology_.domain_of_node(group.key, node);
    };
    const auto add = [&](const TopologyGroup& group, bool is_own, auto allows) {
      Bitset failing;
      for (std::size_t node = 0; node < size_; ++node) {
        if (!allows(domain_of(group, node))) failing.insert(node);
      }
      tally_.add(constraint_of(group, is_own ? &demand_ : nullptr, topology_), std::move(failing));
    };
    for (const GroupId id : demand_.owned[level_of(demand_)]) {
      const TopologyGroup& group = topology_.group(id);
      add(group, true, [&](DomainId domain) {
        return allowed_by(group, demand_.is_counted_by(id), domain, 1) > 0;
      });
    }
    for (const GroupId id : repelling(demand_, topology_)) {
      const TopologyGroup& group = topology_.group(id);
      add(group, false, [&](DomainId domain) { return !is_kept_away(group, domain); });
    }
  }

  const Demand& demand_;
  const kube::Scheduling& pod_;
  const Level& level_;
  ExistingNodes& nodes_;
  std::size_t size_;
  const Volumes& volumes_;
  const Topology& topology_;
  const state::ClusterState& state_;
  TallyBuilder tally_;
};

}  // namespace

Tally tally_of_nodes(const Demand& demand, Settled& settled) {
  return NodesVerdict(demand, settled).count();
}

}  // namespace hyperwright::scheduling
