// The journal: everything that the loop was told, turn by turn, so that its decisions can be
// derived again elsewhere (replay.h). A bug report becomes a file.
//
//   journal-000007.journal   oldest
//   journal-000008.journal
//   journal-000009.journal   being written
//
// A file opens with all that is needed to replay it alone: options, the picture, instance types and
// their prices, and the state of the generator. The turns follow. A turn is written in two
// records: what came, before the loop sees it, so that a turn that ends the process is in the file;
// and the effects, before they go out.
//
//   {"journal": 1, "writer": "0.1.0", "options": {...}}
//   {"objects": [...]}...
//   {"gone": [...], "types": [...], "memory": {...}, "loop": {...}}
//   {"turn": 812, "at": 1790000000123456, "events": [...]}
//   {"looks": 12, "effects": [...]}                            only where there are any
//
// Events and effects are codec.h's, less what the picture holds already (abbreviation.h).
//
// When a file is full, the next one is begun beside it: some objects of the picture are written
// with each turn, those that changed meanwhile again, so that no turn waits for all of them. When
// all are there, or the file is twice as large as it may be, what the picture remembers beside the
// objects is copied, and a thread writes the copy. The turns that go on meanwhile are written to
// the old file, and to the next one when it takes over. The oldest go until the rest is within
// bounds.
//
// What cannot be written stops the journal and nothing else. No secret comes here: objects were
// trimmed at the door, and tokens and keys never are events.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "runtime/journal_file.h"
#include "runtime/loop.h"
#include "state/snapshot.h"

namespace hyperwright::runtime {

inline constexpr std::uint64_t kJournalBytesMax = std::uint64_t{512} << 20U;
// Of all files together; below, a picture of any size would not fit.
inline constexpr std::uint64_t kJournalBytesLeast = std::uint64_t{1} << 20U;

struct JournalSettings {
  std::filesystem::path directory;
  std::uint64_t bytes_max = kJournalBytesMax;  // of all files
  // At which a file is full, if it is twice its opening by then; 0: a quarter of all.
  std::uint64_t file_bytes = 0;
  std::size_t objects_per_turn = 250;  // of the next file's opening; a few milliseconds
  std::string writer;                  // this program's version, for people
  // Told once, when the journal stops.
  std::function<void(const Error&)> on_stop;
};

// The journals of a directory, oldest first.
std::vector<std::filesystem::path> journal_files(const std::filesystem::path& directory);

class Journal {
 public:
  // Makes the directory where it is missing. Fails with Invalid where it cannot be written to.
  static Result<std::unique_ptr<Journal>> open(JournalSettings settings);

  // Around each turn of `loop`. A loop that did not go on from where the last one stood, as after a
  // restart in the simulated world, begins a file of its own.
  void before_turn(const Loop& loop, std::span<const state::Event> events, Time now);
  void after_turn(const Loop& loop, std::span<const state::Effect> effects);

  [[nodiscard]] bool is_stopped() const { return is_stopped_; }
  struct Figures {
    std::uint64_t turns = 0;
    std::uint64_t events = 0;
    std::uint64_t turn_bytes = 0;      // of turns
    std::uint64_t snapshot_bytes = 0;  // of what opens the files
    std::uint64_t files = 0;
  };
  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  // A file that is being begun.
  using Place = std::pair<state::Kind, kube::ObjectKey>;
  struct Begun {
    std::unique_ptr<JournalFileWriter> file;
    state::ObjectWalk walk;
    bool has_walked = false;  // it has every object, those that changed meanwhile as they were
    std::set<Place> changed;  // by events and effects since then, to be written again
    // Objects that were written before the API server knew of them: they may go without an event.
    std::set<Place> unversioned;
    std::set<Place> gone;  // when they were to be written again
  };

  // A file whose opening is being written by a thread.
  struct Sealed {
    std::unique_ptr<JournalFileWriter> file;
    std::future<Status> is_written;
    std::vector<std::string> turns;  // records that are to follow
  };

  explicit Journal(JournalSettings settings) : settings_(std::move(settings)) {}
  Status begin_file(const Loop& loop);
  // Writes up to `most` objects that it does not have as they are now. Says whether it has all, but
  // for a few.
  Result<bool> write_objects(const Loop& loop, std::size_t most);
  Status write(std::span<const state::ObjectRef> objects);
  // Those of these places that are there.
  std::vector<state::ObjectRef> take_again(const state::ClusterState& state,
                                           std::set<Place>& places, std::size_t most);
  void note_changes(std::span<const state::Event> events);
  void note_changes(std::span<const state::Effect> effects);
  // The objects are all there. Says nothing yet of what the thread writes.
  Status seal(const Loop& loop);
  Status take_over();
  // A record of the loop's turns, to whatever file needs it.
  Status append(const std::string& record);
  Status prepare(const Loop& loop);
  void drop_begun();
  void make_room();
  // Of how many bytes the file that is being written is full.
  [[nodiscard]] std::uint64_t full_at() const;
  [[nodiscard]] std::filesystem::path next_path(std::string_view suffix) const;
  void stop(const Error& error);

  JournalSettings settings_;
  std::uint64_t sequence_ = 0;
  std::unique_ptr<JournalFileWriter> file_;
  std::uint64_t opening_bytes_ = 0;  // of the snapshot in `file_`
  std::unique_ptr<Begun> begun_;
  std::unique_ptr<Sealed> sealed_;
  const Loop* loop_ = nullptr;  // whose turns `file_` has
  std::uint64_t turns_ = 0;     // of that loop
  bool is_stopped_ = false;
  Figures figures_;
};

}  // namespace hyperwright::runtime
