#include "cli/timeline.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::cli {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kReset = "\033[0m";
constexpr Duration kShowEvery = Duration::minutes(1);

std::string clock_text(Duration since_start) {
  const std::int64_t seconds = since_start.in_seconds();
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string_view plural(std::int64_t n) { return n == 1 ? "" : "s"; }

std::string type_of_claim(const state::ClusterState& picture, std::string_view claim) {
  const state::ClaimRecord* record = picture.find_claim(claim);
  return record == nullptr ? "a node"
                           : std::string(record->claim.meta.labels.get(kube::kInstanceType));
}

std::string_view why_deleted(std::string_view reason) {
  if (reason == "empty") return "nothing runs there";
  if (reason == "insufficient_capacity") return "HyperPod has no capacity for it";
  return reason;
}

}  // namespace

void Timeline::line(Time now, std::string_view colour, std::string_view text) {
  clear_standing();
  if (is_terminal_) {
    fmt::print("{}{}{}  {}{}{}\n", kDim, clock_text(now - start_), kReset, colour, text, kReset);
  } else {
    fmt::print("{}  {}\n", clock_text(now - start_), text);
  }
  std::fflush(stdout);
}

void Timeline::say(Time now, std::string_view text) { line(now, kBold, fmt::format("# {}", text)); }

void Timeline::note_once(std::string text) {
  if (std::ranges::find(others_, text) == others_.end()) others_.push_back(std::move(text));
}

void Timeline::note(const state::Effect& effect, const state::ClusterState& picture) {
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action)) {
    const kube::StringMap& labels = create->claim.meta.labels;
    auto& [claims, pods] = created_[{std::string(create->claim.node_pool()),
                                     std::string(labels.get(kube::kInstanceType)),
                                     std::string(labels.get(kube::kZone))}];
    ++claims;
    pods += static_cast<int>(create->pods.size());
  } else if (const auto* removal = std::get_if<state::DeleteNodeClaim>(&effect.action)) {
    ++deleted_[fmt::format("{}: {}", type_of_claim(picture, removal->name),
                           why_deleted(effect.reason))];
  } else if (const auto* patch = std::get_if<state::PatchNode>(&effect.action)) {
    const state::NodeRecord* node = picture.find_node(patch->name);
    if (node != nullptr && patch->set_labels.contains(kube::kRegistered))
      ++registered_[std::string(node->node.meta.labels.get(kube::kInstanceType))];
  } else if (const auto* unavailable = std::get_if<state::MarkUnavailable>(&effect.action)) {
    note_once(fmt::format("! {} in {} is out of capacity, left out until {}",
                          unavailable->offering.type, unavailable->offering.zone,
                          clock_text(unavailable->until - start_)));
  } else if (const auto* event = std::get_if<state::RecordEvent>(&effect.action)) {
    if (event->reason == "FailedScheduling")
      note_once(fmt::format("! pod {}: {}", event->key.name, event->message));
  }
}

// Causes before effects: what was found out, what goes for it, what comes instead.
void Timeline::flush(Time now) {
  for (const std::string& text : others_) line(now, kYellow, text);
  for (const auto& [what, count] : deleted_)
    line(now, kYellow, fmt::format("- {} x {}", count, what));
  for (const auto& [what, count] : created_) {
    const auto& [pool, type, zone] = what;
    const auto& [claims, pods] = count;
    line(now, kGreen,
         fmt::format("+ {} x {} in {} for {} pod{} (NodePool {})", claims, type, zone, pods,
                     plural(pods), pool));
  }
  for (const auto& [type, count] : registered_)
    line(now, kGreen, fmt::format("+ {} x {} joined", count, type));
  created_.clear();
  registered_.clear();
  deleted_.clear();
  others_.clear();
}

void Timeline::clear_standing() {
  if (!standing_is_shown_) return;
  fmt::print("\r\033[K");
  standing_is_shown_ = false;
}

void Timeline::show(Time now, const sim::Standing& standing, hyperpod::MicroDollars cost) {
  const bool is_due = is_terminal_ || (standing != last_ && now >= last_shown_ + kShowEvery);
  if (!is_due) return;
  last_ = standing;
  last_shown_ = now;
  const std::string text = fmt::format(
      "nodes {:>3} ready {:>3} coming   pods {:>3} running {:>3} pending   {:>9}/h   {:>9} in all",
      standing.nodes_ready, standing.nodes_coming, standing.pods_running, standing.pods_pending,
      format_dollars(standing.per_hour), format_dollars(cost));
  if (!is_terminal_) return line(now, "", "  " + text);
  fmt::print("\r\033[K{}{}{}  {}", kDim, clock_text(now - start_), kReset, text);
  std::fflush(stdout);
  standing_is_shown_ = true;
}

void Timeline::summary(const sim::BillSummary& summary, Duration took, bool is_at_zero) {
  clear_standing();
  fmt::print("\n");
  fmt::print("pods run            {:>10}\n", summary.pods_run);
  if (summary.pods_never_run > 0)
    fmt::print("pods never run      {:>10}\n", summary.pods_never_run);
  fmt::print("wait until running  {:>10} median, {} worst\n",
             format_duration(Duration::seconds(summary.median_wait.in_seconds())),
             format_duration(Duration::seconds(summary.worst_wait.in_seconds())));
  const std::int64_t tenths = summary.node_time.in_seconds() / 360;
  fmt::print("node hours          {:>8}.{}\n", tenths / 10, tenths % 10);
  fmt::print("cost                {:>10}\n", format_dollars(summary.cost));
  fmt::print("idle share of cost  {:>9}%\n", summary.idle_percent);
  fmt::print("story time          {:>10}\n", format_duration(Duration::seconds(took.in_seconds())));
  fmt::print("cluster             {:>10}\n", is_at_zero ? "at zero" : "not at zero");
  std::fflush(stdout);
}

}  // namespace hyperwright::cli
