#include "cli/replay_turns.h"

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "controllers/controller.h"
#include "runtime/replay.h"
#include "state/effect.h"
#include "state/snapshot.h"

namespace hyperwright::cli {
namespace json = boost::json;
namespace {

// What happened, in a few words.
std::string words_of(const state::Event& event) {
  const auto name_in = [](const kube::ObjectMeta& meta) {
    return meta.namespace_.empty() ? meta.name : meta.namespace_ + "/" + meta.name;
  };
  if (const auto* changed = std::get_if<state::Changed>(&event)) {
    return fmt::format("{} {}", to_string(state::kind_of(changed->object)),
                       name_in(state::meta_of(changed->object)));
  }
  if (const auto* gone = std::get_if<state::Gone>(&event))
    return fmt::format("{} {} gone", to_string(gone->kind), gone->key.name);
  if (const auto* synced = std::get_if<state::Synced>(&event))
    return fmt::format("{} listed", to_string(synced->kind));
  if (const auto* answered = std::get_if<state::Answered>(&event))
    return fmt::format("answer to {}: {}", answered->effect, to_string(answered->outcome));
  return fmt::format("prices of {} types", std::get<state::Priced>(event).prices.size());
}

std::string words_of(const state::Effect& effect) {
  std::string words(state::name_of(effect.action));
  for (const state::Target& target : state::targets_of(effect.action)) {
    if (target.name != words) words += ' ' + target.name;  // a reading is named by its call
  }
  return words;
}

template <typename T>
std::vector<std::string> words_of_all(const std::vector<T>& all) {
  std::vector<std::string> words;
  for (const T& one : all) words.push_back(words_of(one));
  return words;
}

std::string first_of(const std::vector<std::string>& words) {
  constexpr std::size_t kWidth = 60;
  if (words.empty()) return "-";
  std::string text(first_bytes(words.front(), kWidth));
  if (words.size() > 1) text += fmt::format(" + {}", words.size() - 1);
  return text;
}

}  // namespace

Status list_turns(const std::filesystem::path& file, bool is_json) {
  auto replay = runtime::Replay::open(file, controllers::all_controllers());
  if (!replay) return fail(replay.error());
  if (!is_json) fmt::print("{}\n", file.string());
  if (!is_json) fmt::print("{:>8}   {:<28}   {:<66}   EFFECTS\n", "TURN", "TIME", "EVENTS");
  while (true) {
    const auto turn = (*replay)->next();
    if (!turn) return fail(turn.error());
    if (!*turn) return {};
    const auto events = words_of_all((*turn)->events);
    const auto effects = words_of_all((*turn)->effects);
    const std::string at = format_micro_time((*turn)->at);
    if (!is_json) {
      fmt::print("{:>8}   {:<28}   {:<66}   {}\n", (*turn)->number, at, first_of(events),
                 first_of(effects));
      continue;
    }
    json::object line = {{"file", file.string()}, {"turn", (*turn)->number}, {"at", at}};
    line["events"] = json::array(events.begin(), events.end());
    line["effects"] = json::array(effects.begin(), effects.end());
    fmt::print("{}\n", json::serialize(line));
  }
}

}  // namespace hyperwright::cli
