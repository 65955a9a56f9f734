#include "runtime/replay.h"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "runtime/loop_memory.h"
#include "state/abbreviation.h"
#include "state/codec.h"
#include "state/codec_fields.h"
#include "state/snapshot.h"

namespace hyperwright::runtime {
namespace json = boost::json;
namespace {

// Texts from outside may be no UTF-8; they are kept as they are.
json::parse_options as_written() {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  options.max_depth = 64;
  return options;
}

const json::value& member(const json::object& object, std::string_view name) {
  static const json::value kNothing;
  const json::value* value = object.if_contains(name);
  return value == nullptr ? kNothing : *value;
}

std::optional<std::uint64_t> count_in(const json::object& object, std::string_view name) {
  json::error_code error;
  const auto count = member(object, name).to_number<std::uint64_t>(error);
  return error ? std::nullopt : std::optional(count);
}

std::string text_of(const json::value* effect) {
  return effect == nullptr ? std::string{} : json::serialize(*effect);
}

}  // namespace

struct Replay::Record {
  std::optional<json::value> next;
};

Replay::Replay() : record_(std::make_unique<Record>()) {}
Replay::~Replay() = default;

Failure Replay::bad(std::string sentence) const {
  return fail(
      ErrorCode::Invalid, fmt::format("{}: {}", path_.string(), sentence),
      "it was changed, or written by another version; replay it with the one that wrote it");
}

Failure Replay::after_last_turn(const Error& error) const {
  if (last_turn_ == opens_after_) return fail(error);
  std::string remedy = error.remedy().empty() ? "" : error.remedy() + "; ";
  remedy += fmt::format("the picture before it: hyperwright replay {} --until {}", path_.string(),
                        last_turn_);
  return fail(error.code(), error.text(), std::move(remedy));
}

Result<std::unique_ptr<Replay>> Replay::open(const std::filesystem::path& path,
                                             std::span<const controllers::Controller> controllers) {
  auto file = JournalFileReader::open(path);
  if (!file) return fail(file.error());
  std::unique_ptr<Replay> replay(new Replay());
  replay->path_ = path;
  replay->file_ = *std::move(file);
  if (auto read = replay->read_opening(controllers); !read) return fail(read.error());
  return replay;
}

Result<const json::object*> Replay::record() {
  if (!record_->next) {
    const auto text = file_->next();
    if (!text) return fail(text.error());
    if (!*text) return static_cast<const json::object*>(nullptr);
    json::error_code error;
    json::value value = json::parse(**text, error, {}, as_written());
    if (error || !value.is_object()) return bad("a record is no JSON object");
    record_->next = std::move(value);
  }
  return &record_->next->get_object();
}

Status Replay::read_opening(std::span<const controllers::Controller> controllers) {
  auto head = record();
  if (!head) return fail(head.error());
  if (*head == nullptr || !(*head)->contains("journal")) return bad("it has no beginning");
  auto options = state::decode_options(member(**head, "options"));
  if (!options) return fail(options.error(), fmt::format("{}: options", path_.string()));
  if (const json::value& writer = member(**head, "writer"); writer.is_string())
    writer_ = writer.get_string();
  state::Restoration restoration(*std::move(options));
  while (true) {
    record_->next.reset();
    const auto part = record();
    if (!part) return fail(part.error());
    if (*part == nullptr) return bad("it ends before its first turn");
    if (const json::value& objects = member(**part, "objects"); objects.is_array()) {
      for (const json::value& object : objects.get_array()) {
        if (auto added = restoration.add(object); !added)
          return fail(added.error(), path_.string());
      }
      continue;
    }
    if (!(*part)->contains("memory")) return bad("its snapshot has no end");
    if (const json::value& gone = member(**part, "gone"); gone.is_array()) {
      for (const json::value& entry : gone.get_array()) {
        state::DecodeProblem problem;
        state::FieldReader reader(entry, "gone", problem);
        state::Kind kind = state::Kind::Pod;
        kube::ObjectKey key;
        reader("kind", kind);
        reader("namespace", key.namespace_);
        reader("name", key.name);
        if (problem.is_there()) return problem.failure();
        restoration.remove(kind, key);
      }
    }
    auto types = state::decode_instance_types(member(**part, "types"));
    if (!types) return fail(types.error(), fmt::format("{}: types", path_.string()));
    auto picture = restoration.finish(*std::move(types), member(**part, "memory"));
    if (!picture) return fail(picture.error(), path_.string());
    const auto memory = decode_loop_memory(member(**part, "loop"));
    if (!memory) return fail(memory.error(), path_.string());
    auto loop = Loop::resume(*std::move(picture), *memory, controllers);
    if (!loop) return fail(loop.error(), path_.string());
    loop_ = *std::move(loop);
    opens_after_ = last_turn_ = loop_->turns();
    record_->next.reset();
    return {};
  }
}

Result<std::optional<Replay::Head>> Replay::peek() {
  auto next = head();
  if (!next) return after_last_turn(next.error());
  return next;
}

Result<std::optional<Replay::Head>> Replay::head() {
  const auto next = record();
  if (!next) return fail(next.error());
  if (*next == nullptr) return std::optional<Head>();
  const auto number = count_in(**next, "turn");
  const std::int64_t* at = member(**next, "at").if_int64();
  if (!number || at == nullptr) return bad("a record is no turn");
  return std::optional(Head{*number, Time::from_unix_microseconds(*at)});
}

Result<std::vector<state::Event>> Replay::events_of(json::object& turn) const {
  std::vector<state::Event> events;
  json::value* list = turn.if_contains("events");
  if (list == nullptr) return events;
  if (!list->is_array()) return bad("the events of a turn are no list");
  for (json::value& item : list->get_array()) {
    if (auto written = state::write_out(item, loop_->state()); !written)
      return fail(written.error(), path_.string());
    auto event = state::decode_event(item);
    if (!event) return fail(event.error(), path_.string());
    events.push_back(*std::move(event));
  }
  return events;
}

Result<std::optional<Replay::Turn>> Replay::next() {
  auto turn = repeat();
  if (!turn) return after_last_turn(turn.error());
  if (*turn) last_turn_ = (*turn)->number;
  return turn;
}

Result<std::optional<Replay::Turn>> Replay::repeat() {
  const auto next = head();
  if (!next) return fail(next.error());
  if (!*next) return std::optional<Turn>();
  if ((*next)->number != loop_->turns() + 1) {
    return bad(fmt::format("turn {} follows on turn {}", (*next)->number, loop_->turns()));
  }
  auto events = events_of(record_->next->get_object());
  if (!events) return fail(events.error());
  record_->next.reset();
  Turn turn;
  turn.number = (*next)->number;
  turn.at = (*next)->at;
  turn.events = *std::move(events);
  turn.effects = loop_->turn(turn.events, turn.at);
  if (auto compared = compare(turn); !compared) return fail(compared.error());
  return std::optional(std::move(turn));
}

Status Replay::compare(Turn& turn) {
  const auto after = record();
  if (!after) return fail(after.error());
  json::array got;
  for (const state::Effect& effect : turn.effects) got.push_back(state::encode(effect));
  const bool has_effects = *after != nullptr && (*after)->contains("effects");
  if (!has_effects) {
    turn.is_cut_off = *after == nullptr && !got.empty();
    if (!got.empty() && !turn.is_cut_off) turn.difference = {{}, text_of(&got[0])};
    return {};
  }
  json::object wanted = record_->next->get_object();
  record_->next.reset();
  json::value* list = wanted.if_contains("effects");
  if (!list->is_array()) return bad("the effects of a turn are no list");
  json::array& effects = list->get_array();
  for (json::value& effect : effects) {
    if (auto written = state::write_out(effect, loop_->state()); !written) {
      // It stands for what only the other picture holds.
      turn.difference = {json::serialize(effect), got.empty() ? "" : json::serialize(got)};
      return {};
    }
  }
  for (std::size_t i = 0; i < std::max(effects.size(), got.size()); ++i) {
    const json::value* of_journal = i < effects.size() ? &effects[i] : nullptr;
    const json::value* of_now = i < got.size() ? &got[i] : nullptr;
    if (of_journal != nullptr && of_now != nullptr && *of_journal == *of_now) continue;
    turn.difference = {text_of(of_journal), text_of(of_now)};
    return {};
  }
  if (const auto looks = count_in(wanted, "looks"); looks && *looks != loop_->looks()) {
    turn.difference = {fmt::format("{} looks", *looks), fmt::format("{} looks", loop_->looks())};
  }
  return {};
}

}  // namespace hyperwright::runtime
