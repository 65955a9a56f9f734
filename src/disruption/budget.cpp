#include "disruption/budget.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/number.h"

namespace hyperwright::disruption {
namespace {

constexpr std::array kReasons = {Reason::Underutilized, Reason::Empty, Reason::Drifted};

bool applies(const Budget& budget, Reason reason, Time now) {
  if (budget.window && !budget.window->is_open(now)) return false;
  return !budget.reasons || std::ranges::find(*budget.reasons, reason) != budget.reasons->end();
}

// Rounds up: 10% of 3 nodes is one node, or small pools could never be repacked.
std::int32_t limit_in_nodes(NodeLimit limit, std::int32_t pool_nodes) {
  if (!limit.is_percent) return limit.value;
  return static_cast<std::int32_t>((std::int64_t{pool_nodes} * limit.value + 99) / 100);
}

Result<Reason> parse_reason(std::string_view text) {
  for (const Reason reason : kReasons) {
    if (to_string(reason) == text) return reason;
  }
  return fail(ErrorCode::Invalid, fmt::format("reason \"{}\" is not known", text),
              "write Underutilized, Empty or Drifted");
}

Result<Window> parse_window(const kube::DisruptionBudget& written) {
  if (!written.schedule || !written.duration) {
    return fail(ErrorCode::Invalid, "schedule and duration stand together or not at all",
                R"(write both, such as schedule: "0 9 * * mon-fri" and duration: 8h, or neither)");
  }
  const auto schedule = Cron::parse(*written.schedule);
  if (!schedule) return fail(schedule.error());
  const auto duration = parse_duration(*written.duration);
  if (!duration) return fail(duration.error(), fmt::format("duration \"{}\"", *written.duration));
  return Window{*schedule, *duration};
}

Result<Budget> read_budget(const kube::DisruptionBudget& written) {
  const auto nodes = parse_node_limit(written.nodes);
  if (!nodes) return fail(nodes.error());
  Budget budget{.nodes = *nodes, .reasons = {}, .window = {}};
  if (written.reasons) {
    budget.reasons.emplace();
    for (const std::string& text : *written.reasons) {
      const auto reason = parse_reason(text);
      if (!reason) return fail(reason.error());
      budget.reasons->push_back(*reason);
    }
  }
  if (written.schedule || written.duration) {
    const auto window = parse_window(written);
    if (!window) return fail(window.error());
    budget.window = *window;
  }
  return budget;
}

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::Underutilized:
      return "Underutilized";
    case Reason::Empty:
      return "Empty";
    case Reason::Drifted:
      return "Drifted";
  }
  return "Empty";
}

Result<NodeLimit> parse_node_limit(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  const auto count = parse_count(is_percent ? text.substr(0, text.size() - 1) : text);
  if (!count || (is_percent && *count > 100)) {
    return fail(ErrorCode::Invalid, fmt::format("nodes \"{}\" is no count and no share", text),
                R"(write a whole number such as "5", or "0%" to "100%")");
  }
  return NodeLimit{*count, is_percent};
}

Result<std::vector<Budget>> read_budgets(const kube::Disruption& disruption) {
  std::vector<Budget> budgets;
  for (std::size_t i = 0; i < disruption.budgets.size(); ++i) {
    auto budget = read_budget(disruption.budgets[i]);
    if (!budget) return fail(budget.error(), fmt::format("spec.disruption.budgets[{}]", i));
    budgets.push_back(std::move(*budget));
  }
  return budgets;
}

std::optional<std::int32_t> allowed_disruptions(std::span<const Budget> budgets, Reason reason,
                                                PoolNodes nodes, Time now) {
  std::optional<std::int32_t> limit;
  for (const Budget& budget : budgets) {
    if (!applies(budget, reason, now)) continue;
    const std::int32_t own = limit_in_nodes(budget.nodes, nodes.initialized);
    limit = std::min(limit.value_or(own), own);
  }
  if (limit) limit = std::max(0, *limit - nodes.out_of_service);
  return limit;
}

Time next_window_change(std::span<const Budget> budgets, Time now) {
  Time next = Time::max();
  for (const Budget& budget : budgets) {
    if (budget.window) next = std::min(next, budget.window->next_change(now));
  }
  return next;
}

}  // namespace hyperwright::disruption
