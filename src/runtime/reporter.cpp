#include "runtime/reporter.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/well_known.h"

namespace hyperwright::runtime {
namespace {

constexpr Duration kGaugesEvery = Duration::seconds(5);
// What a time service steps over without anybody's asking is less.
constexpr Duration kStepBackTold = Duration::seconds(1);

struct Line {
  LogLevel level = LogLevel::Debug;
  std::string_view message;
};

// What people follow is told at info; patches and readings only when asked for.
Line line_of_start(const state::Effect& effect) {
  const state::Action& action = effect.action;
  if (std::holds_alternative<state::DeleteNodeClaim>(action))
    return {LogLevel::Info, "deleting nodeclaim"};
  if (std::holds_alternative<state::BatchAddClusterNodes>(action))
    return {LogLevel::Info, "launching nodes"};
  if (std::holds_alternative<state::BatchDeleteClusterNodes>(action))
    return {LogLevel::Info, "terminating instances"};
  if (std::holds_alternative<state::MarkUnavailable>(action))
    return {LogLevel::Warn, "offering is unavailable"};
  if (std::holds_alternative<state::BackOff>(action))
    return {LogLevel::Warn, "no launches for a while"};
  if (const auto* event = std::get_if<state::RecordEvent>(&action)) {
    return {event->is_warning ? LogLevel::Warn : LogLevel::Debug, "recorded event"};
  }
  return {LogLevel::Debug, "effect"};
}

// Told when it is done, once: a write that conflicts is made again, and nothing has happened before
// the last. An empty message: there is nothing to tell.
Line line_of_end(const state::Action& action) {
  if (std::holds_alternative<state::CreateNodeClaim>(action))
    return {LogLevel::Info, "created nodeclaim"};
  if (const auto* patch = std::get_if<state::PatchNode>(&action)) {
    if (patch->set_labels.contains(kube::kRegistered)) return {LogLevel::Info, "registered node"};
    if (patch->set_labels.contains(kube::kInitialized)) return {LogLevel::Info, "initialized node"};
    if (patch->finalizers && patch->finalizers->empty()) return {LogLevel::Info, "terminated node"};
  }
  return {};
}

std::string in_whole_seconds(Duration duration) {
  return format_duration(Duration::seconds((duration + Duration::milliseconds(500)).in_seconds()));
}

}  // namespace

std::vector<LogField> log_fields(const state::Effect& effect) {
  std::vector<LogField> fields;
  const state::Action& action = effect.action;
  if (!effect.reason.empty()) fields.emplace_back("reason", effect.reason);
  for (const state::Target& target : state::targets_of(action)) {
    switch (target.of) {
      case state::Target::Of::NodeClaim:
        fields.emplace_back("NodeClaim", target.name);
        break;
      case state::Target::Of::Node:
        fields.emplace_back("Node", target.name);
        break;
      case state::Target::Of::NodePool:
        fields.emplace_back("NodePool", target.name);
        break;
      case state::Target::Of::NodeClass:
        fields.emplace_back("HyperpodNodeClass", target.name);
        break;
      case state::Target::Of::NodeOverlay:
        fields.emplace_back("NodeOverlay", target.name);
        break;
      case state::Target::Of::CapacityBuffer:
        fields.emplace_back("CapacityBuffer", target.name);
        break;
      case state::Target::Of::Pod:
        fields.emplace_back("Pod", target.name);
        break;
      default:
        break;
    }
  }
  if (const auto* create = std::get_if<state::CreateNodeClaim>(&action)) {
    const kube::StringMap& labels = create->claim.meta.labels;
    fields.emplace_back("NodePool", std::string(create->claim.node_pool()));
    fields.emplace_back("instance-type", std::string(labels.get(kube::kInstanceType)));
    fields.emplace_back("zone", std::string(labels.get(kube::kZone)));
    fields.emplace_back("capacity-type", std::string(labels.get(kube::kCapacityType)));
    fields.emplace_back("pod-count", std::to_string(create->pods.size()));
    fields.emplace_back("requests", to_text(create->claim.spec.requests));
  } else if (const auto* launch = std::get_if<state::BatchAddClusterNodes>(&action)) {
    std::int32_t nodes = 0;
    for (const auto& specification : launch->specifications) {
      nodes += specification.count;
      fields.emplace_back("instance-group", specification.group);
    }
    fields.emplace_back("client-token", launch->client_token);
    fields.emplace_back("node-count", std::to_string(nodes));
  } else if (const auto* removal = std::get_if<state::BatchDeleteClusterNodes>(&action)) {
    fields.emplace_back("node-logical-ids",
                        fmt::format("{}", fmt::join(removal->logical_ids, ",")));
  } else if (const auto* unavailable = std::get_if<state::MarkUnavailable>(&action)) {
    fields.emplace_back("instance-group", unavailable->offering.group);
    fields.emplace_back("instance-type", unavailable->offering.type);
    fields.emplace_back("zone", unavailable->offering.zone);
    fields.emplace_back("until", format_time(unavailable->until));
  } else if (const auto* back_off = std::get_if<state::BackOff>(&action)) {
    fields.emplace_back("instance-group", back_off->group);
    fields.emplace_back("until", format_time(back_off->until));
    fields.emplace_back("why", back_off->why);
  } else if (const auto* event = std::get_if<state::RecordEvent>(&action)) {
    const std::string name = event->key.namespace_.empty()
                                 ? event->key.name
                                 : event->key.namespace_ + "/" + event->key.name;
    fields.emplace_back(event->kind, name);
    fields.emplace_back("event", event->reason);
    fields.emplace_back("text", event->message);
  }
  return fields;
}

void Reporter::before_turn(const Loop& loop, std::span<const state::Event> events, Time now) {
  for (const state::Event& event : events) {
    const auto* answered = std::get_if<state::Answered>(&event);
    if (answered == nullptr) continue;
    const auto pending = loop.state().pending().find(answered->effect);
    if (pending == loop.state().pending().end()) continue;
    metrics_.count_answered(pending->second, *answered, loop.state(), now);
    const state::Effect effect{answered->effect, pending->second.reason, pending->second.action};
    if (answered->outcome == state::Outcome::Done ||
        answered->outcome == state::Outcome::AlreadyExists) {
      const Line line = line_of_end(effect.action);
      if (!line.message.empty()) log_.write(line.level, line.message, log_fields(effect));
      continue;
    }
    // Conflicts, evictions that wait for a budget, and objects that went are everyday life.
    const bool is_everyday = answered->outcome == state::Outcome::Conflict ||
                             answered->outcome == state::Outcome::Blocked ||
                             answered->outcome == state::Outcome::NotFound;
    std::vector<LogField> fields = log_fields(effect);
    fields.emplace_back("effect", std::string(state::name_of(effect.action)));
    fields.emplace_back("outcome", std::string(to_string(answered->outcome)));
    fields.emplace_back("error", answered->message);
    log_.write(is_everyday ? LogLevel::Debug : LogLevel::Error, "effect failed", fields);
  }
}

void Reporter::after_turn(const Loop& loop, std::span<const state::Effect> effects,
                          std::size_t events, Duration spent, Time now) {
  metrics_.count_turn(spent, events);
  for (const state::Effect& effect : effects) {
    metrics_.count_emitted(effect, loop.state());
    const Line line = line_of_start(effect);
    std::vector<LogField> fields = log_fields(effect);
    if (line.level == LogLevel::Debug)
      fields.emplace_back("effect", std::string(state::name_of(effect.action)));
    log_.write(line.level, line.message, fields);
  }
  for (const Loop::Refusal& refusal : loop.refused()) {
    metrics_.count_refused(refusal.effect);
    std::vector<LogField> fields = log_fields(refusal.effect);
    fields.emplace_back("effect", std::string(state::name_of(refusal.effect.action)));
    fields.emplace_back("why", refusal.why);
    log_.write(LogLevel::Error, "refused an effect that would break a promise", fields);
  }
  are_gauges_behind_ = true;
  if (now >= gauges_due()) read_gauges(loop, now);
}

void Reporter::note_clock(Duration ahead) {
  ahead_least_ = std::min(ahead_least_, ahead);
  const Duration back = ahead - ahead_least_;
  if (back >= kStepBackTold) {
    log_.write(LogLevel::Warn,
               "the clock was set back, time goes at half its pace until it has caught up",
               {{"by", in_whole_seconds(back)}, {"ahead", in_whole_seconds(ahead)}});
    ahead_least_ = ahead;
    is_ahead_told_ = true;
  } else if (ahead == Duration() && is_ahead_told_) {
    log_.write(LogLevel::Info, "the clock has caught up");
    is_ahead_told_ = false;
  }
}

Time Reporter::gauges_due() const {
  return are_gauges_behind_ ? gauges_read_at_ + kGaugesEvery : Time::max();
}

void Reporter::read_gauges(const Loop& loop, Time now) {
  metrics_.read(loop.state(), loop.supply(), now);
  gauges_read_at_ = now;
  are_gauges_behind_ = !loop.state().is_synced();
}

}  // namespace hyperwright::runtime
