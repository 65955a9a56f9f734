// The rows of a HyperPod service (service/rows.h) in a SQLite database. A write is on disk when it
// returns, as a whole or not at all: it survives a kill and a loss of power (write-ahead log,
// synced with each commit). One process at a time has the file.
//
//   records(number, kind, cluster, record)   record is JSON: sqlite3 FILE "SELECT kind,
//   record->>'name'
//                                            FROM records WHERE kind IN ('cluster', 'group')"
//   PRAGMA application_id                    0x48795072, "HyPr"
//   PRAGMA user_version                      kStateVersion
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "service/rows.h"

namespace hyperwright::server {

inline constexpr int kStateVersion = 1;

class StateFile {
 public:
  // Makes the file if there is none. Fails where it is damaged (Invalid), of another program
  // (Invalid), of a newer version than this (Invalid), in use (Conflict) or out of reach
  // (Unavailable).
  static Result<StateFile> open(const std::string& path);
  StateFile(StateFile&&) noexcept;
  StateFile& operator=(StateFile&&) noexcept;
  ~StateFile();

  // By number. Empty: nothing was ever written.
  [[nodiscard]] Result<std::vector<service::Row>> read() const;
  // Unavailable: nothing of it was written, because the disk is full or broken.
  Status write(const service::Changes& changes);

 private:
  struct Database;
  explicit StateFile(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace hyperwright::server
