#include "runtime/journal.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/number.h"
#include "runtime/loop_memory.h"
#include "state/abbreviation.h"
#include "state/codec.h"

namespace hyperwright::runtime {
namespace json = boost::json;
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kBegunSuffix = ".part";
constexpr std::size_t kObjectsPerRecord = 250;
constexpr std::size_t kAll = SIZE_MAX;

// nullopt: the name is none of ours.
std::optional<std::uint64_t> sequence_of(const fs::path& path, std::string_view suffix) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) return std::nullopt;
  const auto number = parse_int64(
      std::string_view(name).substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size()));
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::vector<std::pair<std::uint64_t, fs::path>> files_with(const fs::path& directory,
                                                           std::string_view suffix) {
  std::vector<std::pair<std::uint64_t, fs::path>> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (const auto sequence = sequence_of(it->path(), suffix))
      files.emplace_back(*sequence, it->path());
  }
  std::ranges::sort(files);
  return files;
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

const void* address_of(state::ObjectRef object) {
  return std::visit([](const auto* typed) -> const void* { return typed; }, object);
}

}  // namespace

std::vector<fs::path> journal_files(const fs::path& directory) {
  std::vector<fs::path> paths;
  for (auto& [sequence, path] : files_with(directory, kSuffix)) paths.push_back(std::move(path));
  return paths;
}

Result<std::unique_ptr<Journal>> Journal::open(JournalSettings settings) {
  const fs::path& directory = settings.directory;
  std::error_code error;
  const bool is_made = fs::create_directories(directory, error);
  if (is_made) fs::permissions(directory, fs::perms::owner_all, error);
  if (error || !fs::is_directory(directory, error) ||
      ::access(directory.c_str(), W_OK | X_OK) != 0) {
    return fail(ErrorCode::Invalid,
                fmt::format("the journal's directory {} cannot be written to{}", directory.string(),
                            error ? ": " + error.message() : ""),
                "name a directory of your own");
  }
  if (settings.bytes_max < kJournalBytesLeast) {
    return fail(ErrorCode::Invalid,
                fmt::format("a journal of at most {} bytes is too small", settings.bytes_max),
                "allow it 1Mi or more");
  }
  for (const auto& [sequence, path] : files_with(directory, kBegunSuffix)) fs::remove(path, error);
  std::unique_ptr<Journal> journal(new Journal(std::move(settings)));
  const auto files = files_with(journal->settings_.directory, kSuffix);
  if (!files.empty()) journal->sequence_ = files.back().first;
  return journal;
}

void Journal::stop(const Error& error) {
  is_stopped_ = true;
  file_.reset();
  drop_begun();
  if (settings_.on_stop) settings_.on_stop(error);
}

fs::path Journal::next_path(std::string_view suffix) const {
  return settings_.directory / fmt::format("{}{:06}{}", kPrefix, sequence_ + 1, suffix);
}

// Of a loop that has ended, or on a disk that is full.
void Journal::drop_begun() {
  if (begun_ == nullptr) return;
  begun_.reset();
  std::error_code error;
  fs::remove(next_path(kBegunSuffix), error);
}

// The oldest go, so that one more file is within bounds. The one that is being written stays.
void Journal::make_room() {
  auto files = files_with(settings_.directory, kSuffix);
  std::uint64_t total = full_at();
  for (const auto& [sequence, path] : files) total += size_of(path);
  for (const auto& [sequence, path] : files) {
    if (total <= settings_.bytes_max || sequence == sequence_) return;
    total -= std::min(total, size_of(path));
    std::error_code error;
    fs::remove(path, error);  // another process may have been quicker
  }
}

Status Journal::begin_file(const Loop& loop) {
  drop_begun();
  make_room();
  auto file = JournalFileWriter::create(next_path(kBegunSuffix));
  if (!file) return fail(file.error());
  begun_ = std::make_unique<Begun>();
  begun_->file = *std::move(file);
  const state::ClusterState& state = loop.state();
  const json::object head = {{"journal", kJournalVersion},
                             {"writer", settings_.writer},
                             {"options", state::encode(state.options())}};
  return begun_->file->append(json::serialize(head));
}

Result<bool> Journal::write_objects(const Loop& loop, std::size_t most) {
  json::array part;
  const auto flush = [&]() -> Status {
    if (part.empty()) return {};
    json::object record;
    record["objects"] = std::exchange(part, {});
    return begun_->file->append(json::serialize(record));
  };
  for (const state::ObjectRef object : state::objects_of(loop.state())) {
    const kube::ObjectMeta& meta = state::meta_of(object);
    const std::size_t* place = begun_->places.find(address_of(object));
    if (place != nullptr) {
      const Written& known = begun_->written[*place];
      const bool is_same = known.uid == meta.uid && known.version == meta.resource_version &&
                           known.key.name == meta.name && known.key.namespace_ == meta.namespace_;
      if (is_same && meta.resource_version != 0) continue;
    }
    if (most == 0) {
      if (auto written = flush(); !written) return fail(written.error());
      return false;
    }
    --most;
    begun_->places.set(address_of(object), begun_->written.size());
    begun_->written.push_back(
        {state::kind_of(object), {meta.namespace_, meta.name}, meta.uid, meta.resource_version});
    part.push_back(state::encode(object));
    if (part.size() < kObjectsPerRecord) continue;
    if (auto written = flush(); !written) return fail(written.error());
  }
  if (auto written = flush(); !written) return fail(written.error());
  return true;
}

Status Journal::take_over(const Loop& loop) {
  json::array gone;
  for (const Written& object : begun_->written) {
    if (state::find_object(loop.state(), object.kind, object.key)) continue;
    gone.push_back({{"kind", to_string(object.kind)},
                    {"namespace", object.key.namespace_},
                    {"name", object.key.name}});
  }
  const json::object record = {{"gone", std::move(gone)},
                               {"types", state::encode(loop.state().instance_types())},
                               {"memory", state::encode_memory(loop.state())},
                               {"loop", encode(loop.memory())}};
  if (auto written = begun_->file->append(json::serialize(record)); !written) return written;
  if (auto renamed = begun_->file->rename(next_path(kSuffix)); !renamed) return renamed;
  ++sequence_;
  ++figures_.files;
  file_ = std::move(begun_->file);
  begun_.reset();
  opening_bytes_ = file_->bytes();
  figures_.snapshot_bytes += opening_bytes_;
  loop_ = &loop;
  turns_ = loop.turns();
  return {};
}

// A large picture would fill small files by itself.
std::uint64_t Journal::full_at() const {
  const std::uint64_t wanted =
      settings_.file_bytes != 0 ? settings_.file_bytes : settings_.bytes_max / 4;
  return std::max(wanted, 2 * opening_bytes_);
}

// So that there is a file for the loop's next turn.
Status Journal::prepare(const Loop& loop) {
  if (file_ == nullptr || loop_ != &loop || turns_ != loop.turns()) {
    if (auto begun = begin_file(loop); !begun) return begun;
    if (auto written = write_objects(loop, kAll); !written) return fail(written.error());
    return take_over(loop);
  }
  if (file_->bytes() < full_at()) return {};
  if (begun_ == nullptr) {
    if (auto begun = begin_file(loop); !begun) return begun;
  }
  // Where more changes with each turn than is written beside it, the turn waits once.
  const bool is_late = file_->bytes() >= 2 * full_at();
  const auto has_all = write_objects(loop, is_late ? kAll : settings_.objects_per_turn);
  if (!has_all) return fail(has_all.error());
  return *has_all ? take_over(loop) : Status{};
}

void Journal::before_turn(const Loop& loop, std::span<const state::Event> events, Time now) {
  if (is_stopped_) return;
  if (auto prepared = prepare(loop); !prepared) return stop(prepared.error());
  json::array list;
  list.reserve(events.size());
  for (const state::Event& event : events)
    state::abbreviate(list.emplace_back(state::encode(event)), loop.state());
  json::object record = {{"turn", loop.turns() + 1}, {"at", now.unix_microseconds()}};
  if (!list.empty()) record["events"] = std::move(list);
  const std::uint64_t before = file_->bytes();
  if (auto written = file_->append(json::serialize(record)); !written) return stop(written.error());
  turns_ = loop.turns() + 1;
  ++figures_.turns;
  figures_.events += events.size();
  figures_.turn_bytes += file_->bytes() - before;
}

void Journal::after_turn(const Loop& loop, std::span<const state::Effect> effects) {
  if (is_stopped_ || effects.empty()) return;
  json::array list;
  list.reserve(effects.size());
  for (const state::Effect& effect : effects)
    state::abbreviate(list.emplace_back(state::encode(effect)), loop.state());
  const json::object record = {{"looks", loop.looks()}, {"effects", std::move(list)}};
  const std::uint64_t before = file_->bytes();
  if (auto written = file_->append(json::serialize(record)); !written) return stop(written.error());
  figures_.turn_bytes += file_->bytes() - before;
}

}  // namespace hyperwright::runtime
