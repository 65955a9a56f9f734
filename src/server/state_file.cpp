#include "server/state_file.h"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace hyperwright::server {
namespace {

constexpr int kApplicationId = 0x48795072;

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

std::string_view remedy_of(int code) {
  switch (code) {
    case SQLITE_BUSY:
      return "stop the service that uses it, or name another file";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "put a copy of it back, or name another file to begin anew";
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "free space on its disk, and see that the disk is well";
    default:
      return "see that the folder is there and that this user may write the file and beside it";
  }
}

ErrorCode code_of(int code) {
  switch (code) {
    case SQLITE_BUSY:
      return ErrorCode::Conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::Invalid;
    default:
      return ErrorCode::Unavailable;
  }
}

// Of the call that has just failed.
Failure failure_of(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  return fail(code_of(code), sqlite3_errmsg(database), std::string(remedy_of(code)));
}

Status execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure_of(database);
}

Result<Statement> prepare(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure_of(database);
  return Statement(statement);
}

std::string_view text_in(sqlite3_stmt* statement, int column) {
  const void* text = sqlite3_column_blob(statement, column);
  return {static_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

// The one cell that a question such as "PRAGMA user_version" has for an answer.
Result<std::string> ask(sqlite3* database, std::string_view question) {
  auto statement = prepare(database, question);
  if (!statement) return fail(statement.error());
  if (sqlite3_step(statement->get()) != SQLITE_ROW) return failure_of(database);
  return std::string(text_in(statement->get(), 0));
}

Status execute_all(sqlite3* database, std::initializer_list<const char*> statements) {
  for (const char* sql : statements) {
    if (auto done = execute(database, sql); !done) return done;
  }
  return {};
}

// The lock is held until the file is closed.
Status lock(sqlite3* database) {
  return execute_all(database, {"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT"});
}

// Changes the file: only one that is ours.
Status choose_journal(sqlite3* database) {
  return execute_all(database, {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"});
}

Status make_tables(sqlite3* database) {
  const std::string sql = fmt::format(
      "BEGIN; CREATE TABLE records (number INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
      " cluster INTEGER NOT NULL, record TEXT NOT NULL) STRICT;"
      " PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
      kApplicationId, kStateVersion);
  return execute(database, sql.c_str());
}

Status check_tables(sqlite3* database) {
  const auto application = ask(database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  const auto version = ask(database, "PRAGMA user_version");
  if (!version) return fail(version.error());
  const auto tables = ask(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return fail(tables.error());
  if (*tables == "0" && *application == "0") return make_tables(database);
  if (*application != std::to_string(kApplicationId)) {
    return fail(ErrorCode::Invalid, "it is a database of another program",
                "name a file of hyperwright service, or one that is not there yet");
  }
  if (*version != std::to_string(kStateVersion)) {
    return fail(ErrorCode::Invalid,
                fmt::format("it has version {}, and this program reads version {}", *version,
                            kStateVersion),
                "start the hyperwright that wrote it, or name another file");
  }
  const auto health = ask(database, "PRAGMA quick_check(1)");
  if (!health) return fail(health.error());
  if (*health == "ok") return {};
  return fail(ErrorCode::Invalid, fmt::format("it is damaged: {}", *health),
              std::string(remedy_of(SQLITE_CORRUPT)));
}

Result<service::Row> row_in(sqlite3_stmt* statement) {
  const auto kind = service::record_kind_of(text_in(statement, 1));
  if (!kind) {
    return fail(ErrorCode::Invalid,
                fmt::format("row {}: there is no kind \"{}\"", text_in(statement, 0),
                            text_in(statement, 1)),
                std::string(remedy_of(SQLITE_CORRUPT)));
  }
  return service::Row{.number = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0)),
                      .kind = *kind,
                      .cluster = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 2)),
                      .record = std::string(text_in(statement, 3))};
}

int bind(sqlite3_stmt* statement, int place, std::uint64_t number) {
  return sqlite3_bind_int64(statement, place, static_cast<sqlite3_int64>(number));
}
int bind(sqlite3_stmt* statement, int place, std::string_view text) {
  // The text outlives the step.
  return sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), nullptr);
}

// Runs a statement once with these values.
template <typename... Values>
bool run(const Statement& statement, const Values&... values) {
  int place = 0;
  const bool is_bound = ((bind(statement.get(), ++place, values) == SQLITE_OK) && ...);
  const bool is_done = is_bound && sqlite3_step(statement.get()) == SQLITE_DONE;
  sqlite3_reset(statement.get());
  return is_done;
}

}  // namespace

struct StateFile::Database {
  Handle handle{};  // closed after the statements
  Statement begin{}, commit{}, put{}, erase{}, erase_cluster{};

  Status prepare_all() {
    const auto into = [this](Statement& statement, std::string_view sql) -> Status {
      auto prepared = prepare(handle.get(), sql);
      if (!prepared) return fail(prepared.error());
      statement = std::move(*prepared);
      return {};
    };
    for (const auto& [statement, sql] :
         {std::pair(&begin, "BEGIN IMMEDIATE"), std::pair(&commit, "COMMIT"),
          std::pair(&put, "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)"),
          std::pair(&erase, "DELETE FROM records WHERE number = ?"),
          std::pair(&erase_cluster, "DELETE FROM records WHERE cluster = ?")}) {
      if (auto done = into(*statement, sql); !done) return done;
    }
    return {};
  }

  bool write(const service::Changes& changes) const {
    if (!run(begin)) return false;
    for (const std::uint64_t cluster : changes.erased_clusters) {
      if (!run(erase_cluster, cluster)) return false;
    }
    for (const std::uint64_t number : changes.erased) {
      if (!run(erase, number)) return false;
    }
    for (const service::Row& row : changes.written) {
      if (!run(put, row.number, service::to_string(row.kind), row.cluster,
               std::string_view(row.record)))
        return false;
    }
    return run(commit);
  }
};

StateFile::StateFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}
StateFile::StateFile(StateFile&&) noexcept = default;
StateFile& StateFile::operator=(StateFile&&) noexcept = default;
StateFile::~StateFile() = default;

Result<StateFile> StateFile::open(const std::string& path) {
  auto database = std::make_unique<Database>();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database->handle.reset(opened);  // also of a call that failed
  if (code != SQLITE_OK) return failure_of(opened);
  if (auto locked = lock(opened); !locked) return fail(locked.error());
  if (auto checked = check_tables(opened); !checked) return fail(checked.error());
  if (auto chosen = choose_journal(opened); !chosen) return fail(chosen.error());
  if (auto prepared = database->prepare_all(); !prepared) return fail(prepared.error());
  return StateFile(std::move(database));
}

Result<std::vector<service::Row>> StateFile::read() const {
  sqlite3* database = database_->handle.get();
  auto statement =
      prepare(database, "SELECT number, kind, cluster, record FROM records ORDER BY number");
  if (!statement) return fail(statement.error());
  std::vector<service::Row> rows;
  for (;;) {
    const int code = sqlite3_step(statement->get());
    if (code == SQLITE_DONE) return rows;
    if (code != SQLITE_ROW) return failure_of(database);
    auto row = row_in(statement->get());
    if (!row) return fail(row.error());
    rows.push_back(std::move(*row));
  }
}

Status StateFile::write(const service::Changes& changes) {
  if (changes.is_empty() || database_->write(changes)) return {};
  Failure failure = failure_of(database_->handle.get());
  // Some errors have rolled it back already.
  sqlite3_exec(database_->handle.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  return failure;
}

}  // namespace hyperwright::server
