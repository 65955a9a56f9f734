// Which overlays are valid beside each other: they are judged over everything that any NodePool
// could buy, whether or not it can be had at the moment, so that a verdict does not come and go
// with capacity.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bitset.h"
#include "hyperpod/offering.h"
#include "scheduling/node_overlay.h"
#include "scheduling/offering_catalogue.h"
#include "scheduling/templates.h"

namespace hyperwright::scheduling {
namespace {

// The labels of each offering of each NodePool.
std::vector<kube::StringMap> everything_offered(const state::ClusterState& state) {
  std::vector<kube::StringMap> list;
  const hyperpod::Cluster& cluster = *state.hyperpod().cluster();
  for (const auto& [name, pool] : state.node_pools()) {
    if (!pool.template_spec.node_class_ref.is_hyperpod()) continue;
    const auto* node_class = state.find_node_class(pool.template_spec.node_class_ref.name);
    if (node_class == nullptr) continue;
    for (const std::string& group_name : node_class->instance_groups) {
      const hyperpod::InstanceGroup* group = cluster.find_group(group_name);
      if (group == nullptr) continue;
      const Template made = make_template(pool, cluster, *group);
      const auto offered =
          hyperpod::offerings_of(*group, cluster, state.hyperpod().subnets(),
                                 state.instance_types(), state.options().discounts);
      for (const hyperpod::Offering& offering : offered.list) {
        if (const auto* type = state.instance_types().find(offering.key.type))
          list.push_back(labels_of(made, offering, *type));
      }
    }
  }
  return list;
}

struct Accepted {
  const kube::NodeOverlay* overlay = nullptr;
  Bitset selected;  // of everything that is offered
};

bool has_price(const kube::NodeOverlay& overlay) {
  return !overlay.price.empty() || !overlay.price_adjustment.empty();
}

// What both of them set: "price", "vendor.com/device"; "": nothing.
std::string set_by_both(const kube::NodeOverlay& a, const kube::NodeOverlay& b) {
  if (has_price(a) && has_price(b)) return "the price";
  std::string common;
  a.capacity.for_each([&](std::string_view name, std::int64_t) {
    if (common.empty() && b.capacity.get(name) != 0) common = name;
  });
  return common;
}

Bitset selected_by(const kube::NodeOverlay& overlay, const std::vector<kube::StringMap>& offered) {
  const auto requirements = kube::Requirements::from(overlay.requirements);
  Bitset selected;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    if (is_met_by(requirements, offered[i])) selected.insert(i);
  }
  return selected;
}

}  // namespace

std::vector<OverlayVerdict> judge_overlays(const state::ClusterState& state) {
  const std::vector<const kube::NodeOverlay*> overlays = overlays_in_order(state);
  if (overlays.empty()) return {};
  const std::vector<kube::StringMap> offered = everything_offered(state);
  std::vector<OverlayVerdict> verdicts;
  std::vector<Accepted> accepted;
  for (const kube::NodeOverlay* overlay : overlays) {
    OverlayVerdict& verdict = verdicts.emplace_back();
    verdict.overlay = overlay;
    if (const auto wrong = problems(*overlay); !wrong.empty()) {
      verdict.reason = "RuntimeValidation";
      verdict.message = fmt::format("{}", fmt::join(wrong, "; "));
      continue;
    }
    Accepted next{overlay, selected_by(*overlay, offered)};
    const auto rival = std::ranges::find_if(accepted, [&](const Accepted& other) {
      return other.overlay->weight == overlay->weight &&
             !set_by_both(*other.overlay, *overlay).empty() &&
             other.selected.intersects(next.selected);
    });
    if (rival == accepted.end()) {
      accepted.push_back(std::move(next));
      continue;
    }
    verdict.reason = "Conflict";
    verdict.message = fmt::format(
        "conflict with another overlay: \"{}\" of the same weight sets {} of the same offerings; "
        "give them different weights",
        rival->overlay->meta.name, set_by_both(*rival->overlay, *overlay));
  }
  return verdicts;
}

}  // namespace hyperwright::scheduling
