// hyperwright replay: a journal played again, away from the cluster that it was written beside.
#include "runtime/replay.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/number.h"
#include "cli/command.h"
#include "cli/replay_state.h"
#include "cli/replay_turns.h"
#include "cli/version.h"
#include "controllers/controller.h"
#include "runtime/journal.h"

namespace hyperwright::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kDescription =
    "Play a journal again: derive every decision anew, and compare it with the one that was made.\n"
    "`hyperwright controller --journal DIR` and `hyperwright demo --journal DIR` write one. It "
    "needs "
    "no\ncluster, and changes nothing.";

constexpr const char* kFooter = R"(What a journal is good for
  A question     --until shows nodes, NodeClaims, waiting pods with what was said of them, and the
                 effects under way, at any moment that the journal has
  A bug report   the file is the report: whoever has it sees what the controller saw
  A new version  the same turns, other decisions: the first one that differs is shown

Each file of a journal stands alone: it opens with the whole picture. A file whose end is torn, as
by a crash, is played up to there. It names what your cluster's objects are called and what they ask
for; keys, tokens, environments and others' annotations are not in it.

Examples
  hyperwright demo --once --speed 20000 --journal /tmp/journal
  hyperwright replay /tmp/journal
  hyperwright replay /tmp/journal --turns | less
  hyperwright replay /tmp/journal/journal-000001.journal --until 400
  hyperwright replay /tmp/journal --until 2026-11-30T16:05:00Z --json | jq '.pendingPods[].verdict'

Exit codes: 0 every decision is the same, 1 one differs, 2 bad input, such as a damaged file (the
others are judged all the same).)";

struct ReplayOptions {
  std::string path;
  std::string until;
  bool lists_turns = false;
  bool is_json = false;
};

// Where to stop; one of both.
struct Until {
  std::optional<std::uint64_t> turn;
  std::optional<Time> time;
};

Result<Until> parse_until(const std::string& text) {
  if (const auto turn = parse_int64(text); turn && *turn >= 0)
    return Until{static_cast<std::uint64_t>(*turn), {}};
  const auto time = parse_time(text);
  if (!time) {
    return fail(ErrorCode::Invalid, fmt::format("--until: \"{}\" is no turn and no time", text),
                "write the number of a turn, as --turns lists them, or a time such as "
                "2026-11-30T16:05:00Z");
  }
  return Until{{}, *time};
}

// A file, or those of a directory.
Result<std::vector<fs::path>> files_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<fs::path>{path};
  std::vector<fs::path> files = runtime::journal_files(path);
  if (files.empty()) {
    return fail(ErrorCode::Invalid, fmt::format("there is no journal in {}", path),
                "name a directory that --journal named, or a file of it");
  }
  return files;
}

Result<std::unique_ptr<runtime::Replay>> open(const fs::path& file) {
  return runtime::Replay::open(file, controllers::all_controllers());
}

// On a terminal, which part of the file is done.
class Progress {
 public:
  explicit Progress(const fs::path& file) : name_(file.filename().string()) {}
  ~Progress() {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const runtime::JournalFileReader& file) {
    if (!is_terminal_ || file.size() == 0) return;
    const std::uint64_t percent = file.position() * 100 / file.size();
    if (percent == percent_) return;
    percent_ = percent;
    is_shown_ = true;
    fmt::print(stderr, "\r{}  {} %", name_, percent);
    std::fflush(stderr);
  }

 private:
  std::string name_;
  bool is_terminal_ = isatty(STDERR_FILENO) == 1;
  bool is_shown_ = false;
  std::uint64_t percent_ = 101;
};

// --- the verdict ---

struct Verdict {
  std::string file;
  std::string writer;
  std::uint64_t turns = 0, events = 0, effects = 0;
  std::uint64_t first_turn = 0;
  Time from, to;
  std::uint64_t opening_bytes = 0, turn_bytes = 0;
  std::uint64_t torn_bytes = 0;
  std::uint64_t cut_off_turn = 0;  // 0: none
  std::uint64_t differing_turn = 0;
  std::optional<runtime::Replay::Difference> difference;
  std::optional<Error> damage;  // what stands before it was played

  [[nodiscard]] bool is_same() const { return !difference && !damage; }
};

Verdict verdict_on(const fs::path& file) {
  Verdict verdict{.file = file.string()};
  auto replay = open(file);
  if (!replay) {
    verdict.damage = replay.error();
    return verdict;
  }
  verdict.writer = (*replay)->writer();
  verdict.opening_bytes = (*replay)->file().position();
  Progress progress(file);
  while (true) {
    const auto turn = (*replay)->next();
    if (!turn) {
      verdict.damage = turn.error();
      break;
    }
    if (!*turn) break;
    progress.show((*replay)->file());
    const runtime::Replay::Turn& played = **turn;
    if (verdict.turns == 0) {
      verdict.first_turn = played.number;
      verdict.from = played.at;
    }
    verdict.to = played.at;
    ++verdict.turns;
    verdict.events += played.events.size();
    verdict.effects += played.effects.size();
    if (played.is_cut_off) verdict.cut_off_turn = played.number;
    if (played.difference) {
      verdict.differing_turn = played.number;
      verdict.difference = played.difference;
      break;
    }
  }
  verdict.turn_bytes = (*replay)->file().position() - verdict.opening_bytes;
  verdict.torn_bytes = (*replay)->file().torn_bytes();
  return verdict;
}

std::string text_of(const Verdict& verdict) {
  std::string out = fmt::format("{}: ", verdict.file);
  if (verdict.turns == 0) out += verdict.damage ? "no turn can be played" : "no turns";
  if (verdict.turns != 0) {
    out += fmt::format("turns {} to {}, {} to {}, {} events, {} effects: {}", verdict.first_turn,
                       verdict.first_turn + verdict.turns - 1, format_time(verdict.from),
                       format_time(verdict.to), verdict.events, verdict.effects,
                       verdict.difference ? "differs" : "the same");
    if (verdict.damage) out += ", and damaged after that";
  }
  out += '\n';
  if (verdict.events != 0) {
    out += fmt::format("  it opens with {} bytes, and has {} for each event\n",
                       verdict.opening_bytes, verdict.turn_bytes / verdict.events);
  }
  if (verdict.torn_bytes != 0)
    out += fmt::format("  its last {} bytes are torn, as by a crash; they are left out\n",
                       verdict.torn_bytes);
  if (verdict.cut_off_turn != 0) {
    out += fmt::format("  it ends within turn {}: what that decided was not written any more\n",
                       verdict.cut_off_turn);
  }
  if (verdict.difference) {
    const auto or_nothing = [](const std::string& text) {
      return text.empty() ? std::string("nothing") : text;
    };
    out += fmt::format("  turn {} at {} is the first that differs\n", verdict.differing_turn,
                       format_micro_time(verdict.to));
    out += fmt::format("  journal: {}\n", or_nothing(verdict.difference->wanted));
    out += fmt::format("  now:     {}\n", or_nothing(verdict.difference->got));
    out += fmt::format("  the picture before it: hyperwright replay {} --until {}\n", verdict.file,
                       verdict.differing_turn - 1);
    if (verdict.writer != kVersion) {
      out += fmt::format("  it was written by version {}; this is {}\n", verdict.writer, kVersion);
    }
  }
  return out;
}

json::object json_of(const Verdict& verdict) {
  json::object object = {{"file", verdict.file},
                         {"writer", verdict.writer},
                         {"firstTurn", verdict.first_turn},
                         {"turns", verdict.turns},
                         {"events", verdict.events},
                         {"effects", verdict.effects},
                         {"openingBytes", verdict.opening_bytes},
                         {"turnBytes", verdict.turn_bytes},
                         {"tornBytes", verdict.torn_bytes},
                         {"same", verdict.is_same()}};
  if (verdict.turns != 0) {
    object["from"] = format_micro_time(verdict.from);
    object["to"] = format_micro_time(verdict.to);
  }
  if (verdict.cut_off_turn != 0) object["cutOffTurn"] = verdict.cut_off_turn;
  if (verdict.difference) {
    object["difference"] = {{"turn", verdict.differing_turn},
                            {"at", format_micro_time(verdict.to)},
                            {"journal", verdict.difference->wanted},
                            {"now", verdict.difference->got}};
  }
  if (verdict.damage)
    object["damage"] = {{"error", verdict.damage->text()}, {"fix", verdict.damage->remedy()}};
  return object;
}

// Each file stands alone: one that is damaged keeps no other from its judgement.
ExitCode judge(const ReplayOptions& options, const std::vector<fs::path>& files) {
  json::array list;
  ExitCode code = ExitCode::Done;
  for (const fs::path& file : files) {
    const Verdict verdict = verdict_on(file);
    if (options.is_json) {
      list.push_back(json_of(verdict));
    } else {
      fmt::print("{}", text_of(verdict));
      std::fflush(stdout);
    }
    if (verdict.difference) code = std::max(code, ExitCode::No);
    if (verdict.damage) code = std::max(code, exit_with(*verdict.damage));
  }
  const bool is_same = code == ExitCode::Done;
  if (options.is_json) {
    fmt::print("{}\n",
               json::serialize(json::object{{"same", is_same}, {"files", std::move(list)}}));
  } else if (is_same) {
    fmt::print("every decision is the same\n");
  }
  return code;
}

// --- one moment ---

Result<bool> begins_by(const fs::path& file, Time time) {
  auto replay = open(file);
  if (!replay) return fail(replay.error());
  const auto head = (*replay)->peek();
  if (!head) return fail(head.error());
  return *head && (*head)->at <= time;
}

// The last file that begins by then. Turns are counted anew by each process.
Result<fs::path> file_of(const std::vector<fs::path>& files, const Until& until) {
  if (!until.time) {
    if (files.size() == 1) return files.front();
    return fail(ErrorCode::Invalid,
                fmt::format("--until {}: there are {} files, each may have that turn", *until.turn,
                            files.size()),
                fmt::format("name one of them, such as {}", files.back().string()));
  }
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const auto begins = begins_by(*file, *until.time);
    if (!begins) return fail(begins.error());
    if (*begins) return *file;
  }
  return fail(ErrorCode::Invalid,
              fmt::format("--until: the journal begins later than {}", format_time(*until.time)),
              "name a later time; --turns lists those that there are");
}

Status show_moment(const ReplayOptions& options, const std::vector<fs::path>& files) {
  const auto until = parse_until(options.until);
  if (!until) return fail(until.error());
  const auto file = file_of(files, *until);
  if (!file) return fail(file.error());
  auto replay = open(*file);
  if (!replay) return fail(replay.error());
  Moment moment{.file = file->string(), .turn = (*replay)->loop().turns(), .at = {}};
  // Before its first turn, a file shows the picture that it opens with.
  const auto first = (*replay)->peek();
  if (!first) return fail(first.error());
  if (*first) moment.at = (*first)->at;
  Progress progress(*file);
  // What comes after the turn is not looked at: it may be damaged.
  while (!until->turn || moment.turn < *until->turn) {
    const auto head = (*replay)->peek();
    if (!head) return fail(head.error());
    if (!*head || (until->time && (*head)->at > *until->time)) break;
    const auto turn = (*replay)->next();
    if (!turn) return fail(turn.error());
    moment.turn = (*turn)->number;
    moment.at = (*turn)->at;
    progress.show((*replay)->file());
  }
  const state::ClusterState& state = (*replay)->loop().state();
  fmt::print("{}", options.is_json ? json_of(moment, state) : text_of(moment, state));
  return {};
}

ExitCode run_replay(const ReplayOptions& options) {
  const auto files = files_of(options.path);
  if (!files) return exit_with(files.error());
  if (!options.until.empty()) {
    const auto shown = show_moment(options, *files);
    return shown ? ExitCode::Done : exit_with(shown.error());
  }
  if (!options.lists_turns) return judge(options, *files);
  ExitCode code = ExitCode::Done;
  for (const fs::path& file : *files) {
    if (const auto listed = list_turns(file, options.is_json); !listed)
      code = std::max(code, exit_with(listed.error()));
  }
  return code;
}

}  // namespace

void add_replay(CLI::App& app, ExitCode& exit_code) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App& command = *app.add_subcommand("replay", kDescription);
  command
      .add_option("FILE|DIR", options->path, "A file of a journal, or the directory of all of them")
      ->group("What")
      ->required();
  CLI::Option* until =
      command
          .add_option("--until", options->until,
                      "Show the picture after this turn, or at this time, instead of a verdict")
          ->type_name("TIME|TURN")
          ->group("What");
  command
      .add_flag("--turns", options->lists_turns, "List the turns: when, what came, what was done")
      ->excludes(until)
      ->group("What");
  command.add_flag("--json", options->is_json, "For programs; with --turns one object a line")
      ->group("What");
  command.footer(kFooter);
  command.callback([options, &exit_code] { exit_code = run_replay(*options); });
}

}  // namespace hyperwright::cli
