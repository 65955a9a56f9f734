#include "runtime/journal.h"

#include <algorithm>
#include <chrono>
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
// What a picture remembers of fewer things is written in a few milliseconds, without a thread.
constexpr std::size_t kWrittenAtOnce = 2'000;

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
  if (begun_ == nullptr && sealed_ == nullptr) return;
  begun_.reset();
  sealed_.reset();  // waits for its thread
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

Status Journal::write(std::span<const state::ObjectRef> objects) {
  for (std::size_t first = 0; first < objects.size(); first += kObjectsPerRecord) {
    json::array part;
    for (const state::ObjectRef object :
         objects.subspan(first, std::min(kObjectsPerRecord, objects.size() - first))) {
      const kube::ObjectMeta& meta = state::meta_of(object);
      if (meta.resource_version == 0)
        begun_->unversioned.insert({state::kind_of(object), {meta.namespace_, meta.name}});
      part.push_back(state::encode(object));
    }
    json::object record;
    record["objects"] = std::move(part);
    if (auto written = begun_->file->append(json::serialize(record)); !written) return written;
  }
  return {};
}

std::vector<state::ObjectRef> Journal::take_again(const state::ClusterState& state,
                                                  std::set<Place>& places, std::size_t most) {
  std::vector<state::ObjectRef> objects;
  while (!places.empty() && most-- > 0) {
    const Place place = *places.begin();
    places.erase(places.begin());
    if (const auto object = state::find_object(state, place.first, place.second)) {
      objects.push_back(*object);
    } else {
      begun_->gone.insert(place);
    }
  }
  return objects;
}

Result<bool> Journal::write_objects(const Loop& loop, std::size_t most) {
  std::size_t left = most;
  if (!begun_->has_walked) {
    const std::vector<state::ObjectRef> objects = begun_->walk.next(loop.state(), left);
    begun_->has_walked = objects.size() < left;
    left -= objects.size();
    if (auto written = write(objects); !written) return fail(written.error());
  }
  const std::size_t few = std::min(most, settings_.objects_per_turn);
  if (!begun_->has_walked || begun_->changed.size() <= few) return begun_->has_walked;
  if (auto written = write(take_again(loop.state(), begun_->changed, left)); !written)
    return fail(written.error());
  return begun_->changed.size() <= few;
}

// What an event names may be a part of the picture that is written already.
void Journal::note_changes(std::span<const state::Event> events) {
  if (begun_ == nullptr) return;
  const auto note = [&](const state::Object& object) {
    const kube::ObjectMeta& meta = state::meta_of(object);
    begun_->changed.insert({state::kind_of(object), {meta.namespace_, meta.name}});
  };
  for (const state::Event& event : events) {
    if (const auto* changed = std::get_if<state::Changed>(&event)) note(changed->object);
    if (const auto* gone = std::get_if<state::Gone>(&event))
      begun_->changed.insert({gone->kind, gone->key});
    const auto* answered = std::get_if<state::Answered>(&event);
    if (answered == nullptr) continue;
    if (const auto* object = std::get_if<state::Object>(&answered->payload)) note(*object);
  }
}

void Journal::note_changes(std::span<const state::Effect> effects) {
  if (begun_ == nullptr) return;
  for (const state::Effect& effect : effects) {
    const auto* create = std::get_if<state::CreateNodeClaim>(&effect.action);
    if (create != nullptr)
      begun_->changed.insert({state::Kind::NodeClaim, {{}, create->claim.meta.name}});
  }
}

Status Journal::seal(const Loop& loop) {
  begun_->changed.merge(begun_->unversioned);
  if (auto written = write(take_again(loop.state(), begun_->changed, kAll)); !written)
    return written;
  json::array gone;
  for (const auto& [kind, key] : begun_->gone) {
    if (state::find_object(loop.state(), kind, key)) continue;
    gone.push_back({{"kind", to_string(kind)}, {"namespace", key.namespace_}, {"name", key.name}});
  }
  auto memory = state::MemoryCopy::of(loop.state());
  const bool is_small = memory.size() < kWrittenAtOnce;
  sealed_ = std::make_unique<Sealed>();
  sealed_->file = std::move(begun_->file);
  begun_.reset();
  auto write_end = [file = sealed_->file.get(), gone = std::move(gone),
                    types = loop.state().instance_types(), memory = std::move(memory),
                    of_loop = loop.memory()]() -> Status {
    const json::object record = {{"gone", gone},
                                 {"types", state::encode(types)},
                                 {"memory", state::encode(memory)},
                                 {"loop", encode(of_loop)}};
    return file->append(json::serialize(record));
  };
  // Where no thread can be had, it is written when the file takes over.
  const auto when = is_small ? std::launch::deferred : std::launch::async | std::launch::deferred;
  sealed_->is_written = std::async(when, std::move(write_end));
  return {};
}

Status Journal::take_over() {
  if (auto written = sealed_->is_written.get(); !written) return written;
  const std::uint64_t opening = sealed_->file->bytes();
  for (const std::string& record : sealed_->turns) {
    if (auto written = sealed_->file->append(record); !written) return written;
  }
  if (auto renamed = sealed_->file->rename(next_path(kSuffix)); !renamed) return renamed;
  ++sequence_;
  ++figures_.files;
  file_ = std::move(sealed_->file);
  sealed_.reset();
  opening_bytes_ = opening;
  figures_.snapshot_bytes += opening;
  return {};
}

Status Journal::append(const std::string& record) {
  const std::uint64_t before = file_->bytes();
  if (auto written = file_->append(record); !written) return written;
  figures_.turn_bytes += file_->bytes() - before;
  if (sealed_ != nullptr) sealed_->turns.push_back(record);
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
    if (auto sealed = seal(loop); !sealed) return sealed;
    loop_ = &loop;
    turns_ = loop.turns();
    return take_over();
  }
  // Where more changes with each turn than is written beside it, the turn waits once.
  const bool is_late = file_->bytes() >= 2 * full_at();
  if (sealed_ != nullptr) {
    const auto state = sealed_->is_written.wait_for(std::chrono::seconds(0));
    return state == std::future_status::timeout && !is_late ? Status{} : take_over();
  }
  if (file_->bytes() < full_at()) return {};
  if (begun_ == nullptr) {
    if (auto begun = begin_file(loop); !begun) return begun;
  }
  const auto has_all = write_objects(loop, is_late ? kAll : settings_.objects_per_turn);
  if (!has_all) return fail(has_all.error());
  if (!*has_all) return {};
  if (auto sealed = seal(loop); !sealed) return sealed;
  const auto state = sealed_->is_written.wait_for(std::chrono::seconds(0));
  return state == std::future_status::deferred ? take_over() : Status{};
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
  if (auto written = append(json::serialize(record)); !written) return stop(written.error());
  note_changes(events);
  turns_ = loop.turns() + 1;
  ++figures_.turns;
  figures_.events += events.size();
}

void Journal::after_turn(const Loop& loop, std::span<const state::Effect> effects) {
  if (is_stopped_ || effects.empty()) return;
  note_changes(effects);
  json::array list;
  list.reserve(effects.size());
  for (const state::Effect& effect : effects)
    state::abbreviate(list.emplace_back(state::encode(effect)), loop.state());
  const json::object record = {{"looks", loop.looks()}, {"effects", std::move(list)}};
  if (auto written = append(json::serialize(record)); !written) return stop(written.error());
}

}  // namespace hyperwright::runtime
