#include "controllers/back_off.h"

#include <algorithm>

#include <fmt/format.h>

#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

// A refusal this long after the last one is a new story.
constexpr Duration kForgottenAfter = Duration::hours(6);

std::int32_t streak(const Context& context, const std::string& group) {
  const state::BackOffRecord* record =
      context.state.back_off(group, Time{});  // also one that is over
  return record == nullptr || record->until + kForgottenAfter < context.now ? 0 : record->streak;
}

// "": the cluster.
void back_off_group(const Context& context, const std::string& group,
                    const state::ClaimRecord& claim, std::string_view reason,
                    const std::string& why, BackOffLengths lengths, Decision& decision) {
  if (backed_off_until(context, group) > context.now) return;
  const auto is_it = [&](const state::Effect& effect) {
    const auto* other = std::get_if<state::BackOff>(&effect.action);
    return other != nullptr && other->group == group;
  };
  if (std::ranges::any_of(decision.effects(), is_it)) return;
  const std::int32_t doublings = std::min(streak(context, group), 16);
  const Duration wait = std::min(lengths.first * (std::int64_t{1} << doublings), lengths.longest);
  decision.emit(state::BackOff{.group = group, .until = context.now + wait, .why = why},
                std::string(reason));
  const std::string message =
      fmt::format("{} takes no launches for {}: {}",
                  group.empty() ? "The HyperPod cluster" : fmt::format("Instance group {}", group),
                  format_duration(wait), why);
  if (const auto* node_class =
          context.state.find_node_class(claim.claim.spec.node_class_ref.name)) {
    decision.emit(warning(*node_class, "LaunchBackOff", message), std::string(reason));
  }
  if (const auto* pool = context.state.find_node_pool(claim.claim.node_pool())) {
    decision.emit(warning(*pool, "LaunchBackOff", message), std::string(reason));
  }
}

}  // namespace

void back_off(const Context& context, const state::ClaimRecord& claim, std::string_view reason,
              const std::string& why, BackOffLengths lengths, Decision& decision) {
  back_off_group(context, claim.launch->offering().group, claim, reason, why, lengths, decision);
}

void back_off_cluster(const Context& context, const state::ClaimRecord& claim,
                      std::string_view reason, const std::string& why, Decision& decision) {
  back_off_group(context, {}, claim, reason, why, {}, decision);
}

Time backed_off_until(const Context& context, std::string_view group) {
  const state::BackOffRecord* own = context.state.back_off(group, context.now);
  const state::BackOffRecord* cluster = context.state.back_off("", context.now);
  return std::max(own == nullptr ? Time{} : own->until,
                  cluster == nullptr ? Time{} : cluster->until);
}

}  // namespace hyperwright::controllers
