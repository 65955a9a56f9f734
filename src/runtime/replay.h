// A journal played again: every turn is repeated on what came in it, and its effects are compared
// with those that the journal has, bit for bit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "controllers/controller.h"
#include "runtime/journal_file.h"
#include "runtime/loop.h"

namespace hyperwright::runtime {

class Replay {
 public:
  // What the journal says and what was derived now, as JSON of one effect each; "": none.
  struct Difference {
    std::string wanted;
    std::string got;
  };
  struct Turn {
    std::uint64_t number = 0;
    Time at;
    std::vector<state::Event> events;
    std::vector<state::Effect> effects;  // derived now
    std::optional<Difference> difference;
    // The file has none of its effects, and ends with it: so did the process, or the journal.
    bool is_cut_off = false;
  };

  // Reads the file up to its first turn. Fails with Invalid: it is no journal, of another version,
  // or damaged.
  static Result<std::unique_ptr<Replay>> open(const std::filesystem::path& path,
                                              std::span<const controllers::Controller> controllers);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Number and time of the turn that next() would repeat; nullopt: there is none.
  struct Head {
    std::uint64_t number = 0;
    Time at;
  };
  Result<std::optional<Head>> peek();
  // Repeats one turn; nullopt: that was all. Fails with Invalid where the file is damaged, and
  // names the last turn before that: its picture can be seen. After a difference the loop is
  // another one, and what follows would differ too.
  Result<std::optional<Turn>> next();

  [[nodiscard]] const Loop& loop() const { return *loop_; }
  // The version of the program that wrote it.
  [[nodiscard]] const std::string& writer() const { return writer_; }
  [[nodiscard]] const JournalFileReader& file() const { return *file_; }

 private:
  Replay();
  Status read_opening(std::span<const controllers::Controller> controllers);
  // The next record, which stays; nullptr: that was all.
  Result<const boost::json::object*> record();
  Result<std::optional<Head>> head();
  Result<std::optional<Turn>> repeat();
  Result<std::vector<state::Event>> events_of(boost::json::object& turn) const;
  Status compare(Turn& turn);
  [[nodiscard]] Failure bad(std::string sentence) const;
  [[nodiscard]] Failure after_last_turn(const Error& error) const;

  std::filesystem::path path_;
  std::unique_ptr<JournalFileReader> file_;
  std::string writer_;
  std::unique_ptr<Loop> loop_;
  std::uint64_t opens_after_ = 0;
  std::uint64_t last_turn_ = 0;  // that is whole: next() returned it, or the file opens after it
  struct Record;
  std::unique_ptr<Record> record_;
};

}  // namespace hyperwright::runtime
