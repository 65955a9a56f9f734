#include "state/codec_fields.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/json.h"
#include "state/codec_object.h"

namespace hyperwright::state {
namespace {

namespace json = boost::json;

// Outside of the years 0 to 9999 RFC 3339 has no text ("never" is such a time): microseconds are
// written.
constexpr Time kFirstWritten = Time::from_unix_seconds(-62'167'219'200);
constexpr Time kLastWritten = Time::from_unix_microseconds(253'402'300'799'999'999);

json::value time_value(Time time) {
  if (time < kFirstWritten || time > kLastWritten) return time.unix_microseconds();
  const bool is_whole = time.unix_microseconds() % 1'000'000 == 0;
  return json::value(is_whole ? format_time(time) : format_micro_time(time));
}

constexpr std::int64_t kNoText =
    std::numeric_limits<std::int64_t>::min();  // it has no absolute value

}  // namespace

// --- writing ---

void FieldWriter::text(std::string_view name, std::string_view text) {
  if (!text.empty() || keep_empty_) (*object_)[name] = text;
}

void FieldWriter::operator()(std::string_view name, const std::string& text) {
  this->text(name, text);
}

void FieldWriter::operator()(std::string_view name, bool flag) {
  if (flag || keep_empty_) (*object_)[name] = flag;
}

void FieldWriter::signed_number(std::string_view name, std::int64_t number) {
  if (number != 0 || keep_empty_) (*object_)[name] = number;
}

void FieldWriter::unsigned_number(std::string_view name, std::uint64_t number) {
  if (number != 0 || keep_empty_) (*object_)[name] = number;
}

void FieldWriter::operator()(std::string_view name, Time time) {
  if (!time.is_zero() || keep_empty_) (*object_)[name] = time_value(time);
}

void FieldWriter::operator()(std::string_view name, Duration duration) {
  if (duration == Duration{} && !keep_empty_) return;
  json::value& value = (*object_)[name];
  if (duration.in_microseconds() == kNoText) {
    value = kNoText;
  } else {
    value = format_duration(duration);
  }
}

void FieldWriter::operator()(std::string_view name, const kube::StringMap& map) {
  if (map.empty() && !keep_empty_) return;
  json::object& entries = (*object_)[name].emplace_object();
  for (const auto& [key, value] : map) entries[key] = value;
}

void FieldWriter::operator()(std::string_view name, const std::vector<std::string>& texts) {
  if (!begin_list(name, texts.size())) return;
  json::array& list = (*object_)[name].get_array();
  for (const std::string& text : texts) list.emplace_back(text);
}

void FieldWriter::operator()(std::string_view name, const Object& object) {
  (*object_)[name] = encode_object(object);
}
void FieldWriter::operator()(std::string_view name, const kube::NodeClaim& claim) {
  (*object_)[name] = kube::encode(claim);
}
void FieldWriter::operator()(std::string_view name, const kube::NodePool& pool) {
  (*object_)[name] = kube::encode(pool);
}
void FieldWriter::operator()(std::string_view name, const kube::HyperpodNodeClass& node_class) {
  (*object_)[name] = kube::encode(node_class);
}
void FieldWriter::operator()(std::string_view name, const kube::NodeOverlay& overlay) {
  (*object_)[name] = kube::encode(overlay);
}
void FieldWriter::operator()(std::string_view name, const kube::CapacityBuffer& buffer) {
  (*object_)[name] = kube::encode(buffer);
}

FieldWriter FieldWriter::object(std::string_view name) {
  return FieldWriter((*object_)[name].emplace_object());
}

bool FieldWriter::begin_list(std::string_view name, std::size_t size) {
  if (size == 0 && !keep_empty_) return false;
  (*object_)[name].emplace_array().reserve(size);
  return true;
}

FieldWriter FieldWriter::element(std::string_view name) {
  return FieldWriter((*object_)[name].get_array().emplace_back(json::object()).get_object());
}

// --- reading ---

void DecodeProblem::keep(std::string sentence) {
  if (first_) return;
  first_.emplace(ErrorCode::Invalid, std::move(sentence),
                 "it was changed, or written by another version; record it again with this one");
}

void DecodeProblem::keep(const Error& error, const std::string& path) {
  if (!first_) first_.emplace(error, fmt::format("member \"{}\" cannot be read", path));
}

Failure DecodeProblem::failure() const {
  check(first_.has_value(), "only a problem that was kept is told");
  return fail(*first_);
}

FieldReader::FieldReader(const json::value& value, std::string path, DecodeProblem& problem)
    : object_(value.if_object()), path_(std::move(path)), problem_(&problem) {
  if (object_ == nullptr)
    problem_->keep(path_.empty() ? "it is no JSON object"
                                 : fmt::format("member \"{}\" is no object", path_));
}

std::string FieldReader::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void FieldReader::wrong(std::string_view name, std::string_view what) {
  problem_->keep(fmt::format("member \"{}\" {}", path_of(name), what));
}

const json::value* FieldReader::take(std::string_view name) {
  asked_.emplace_back(name);
  return object_ == nullptr || problem_->is_there() ? nullptr : object_->if_contains(name);
}

bool FieldReader::has(std::string_view name) const {
  return object_ != nullptr && object_->contains(name);
}

std::string FieldReader::other_than(std::initializer_list<std::string_view> others) const {
  if (object_ == nullptr) return {};
  for (const auto& member : *object_) {
    if (std::ranges::find(others, std::string_view(member.key())) == others.end())
      return std::string(member.key());
  }
  return {};
}

void FieldReader::finish() {
  if (object_ == nullptr || problem_->is_there()) return;
  for (const auto& member : *object_) {
    if (std::ranges::find(asked_, std::string_view(member.key())) == asked_.end()) {
      return wrong(std::string_view(member.key()), "is not known here");
    }
  }
}

std::string FieldReader::text(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  wrong(name, "is no text");
  return {};
}

void FieldReader::operator()(std::string_view name, std::string& text) { text = this->text(name); }

void FieldReader::operator()(std::string_view name, bool& flag) {
  flag = false;
  const json::value* value = take(name);
  if (value == nullptr) return;
  if (!value->is_bool()) return wrong(name, "is neither true nor false");
  flag = value->get_bool();
}

std::int64_t FieldReader::signed_number(std::string_view name, std::int64_t least,
                                        std::int64_t most) {
  const json::value* value = take(name);
  if (value == nullptr) return 0;
  const auto* number = value->if_int64();
  if (number != nullptr && *number >= least && *number <= most) return *number;
  wrong(name, fmt::format("is {}; it must be a whole number from {} to {}",
                          json::serialize(*value).substr(0, 40), least, most));
  return 0;
}

std::uint64_t FieldReader::unsigned_number(std::string_view name, std::uint64_t most) {
  const json::value* value = take(name);
  if (value == nullptr) return 0;
  // Parsed text gives an int64 where it fits; a value that was just encoded is a uint64.
  std::optional<std::uint64_t> number;
  if (const auto* large = value->if_uint64()) number = *large;
  if (const auto* small = value->if_int64(); small != nullptr && *small >= 0)
    number = static_cast<std::uint64_t>(*small);
  if (number && *number <= most) return *number;
  wrong(name, fmt::format("is {}; it must be a whole number from 0 to {}",
                          json::serialize(*value).substr(0, 40), most));
  return 0;
}

void FieldReader::operator()(std::string_view name, Time& time) {
  time = Time{};
  const json::value* value = take(name);
  if (value == nullptr) return;
  if (const auto* micros = value->if_int64()) {
    time = Time::from_unix_microseconds(*micros);
    return;
  }
  if (!value->is_string()) return wrong(name, "is no time");
  const auto parsed = parse_time(std::string_view(value->get_string()));
  if (!parsed) return problem_->keep(parsed.error(), path_of(name));
  time = *parsed;
}

void FieldReader::operator()(std::string_view name, Duration& duration) {
  duration = Duration{};
  const json::value* value = take(name);
  if (value == nullptr) return;
  if (const auto* micros = value->if_int64()) {
    duration = Duration::microseconds(*micros);
    return;
  }
  if (!value->is_string()) return wrong(name, "is no duration");
  const auto parsed = parse_duration(std::string_view(value->get_string()));
  if (!parsed) return problem_->keep(parsed.error(), path_of(name));
  duration = *parsed;
}

void FieldReader::operator()(std::string_view name, kube::StringMap& map) {
  map = kube::StringMap{};
  const json::value* value = take(name);
  if (value == nullptr) return;
  if (!value->is_object()) return wrong(name, "is no map of texts");
  for (const auto& entry : value->get_object()) {
    if (!entry.value().is_string())
      return wrong(fmt::format("{}.{}", name, std::string_view(entry.key())), "is no text");
    map.set(std::string_view(entry.key()), std::string_view(entry.value().get_string()));
  }
}

void FieldReader::operator()(std::string_view name, std::vector<std::string>& texts) {
  texts.clear();
  const json::value* value = take(name);
  if (value == nullptr) return;
  if (!value->is_array()) return wrong(name, "is no list");
  for (const json::value& item : value->get_array()) {
    if (!item.is_string()) return wrong(fmt::format("{}[{}]", name, texts.size()), "is no text");
    texts.emplace_back(item.get_string());
  }
}

void FieldReader::operator()(std::string_view name, Object& object) {
  const json::value* value = take(name);
  if (value == nullptr) return wrong(name, "is missing");
  auto decoded = decode_object(*value);
  if (!decoded) return problem_->keep(decoded.error(), path_of(name));
  object = *std::move(decoded);
}

template <typename T>
void FieldReader::typed_object(std::string_view name, T& typed) {
  Object object;
  (*this)(name, object);
  if (problem_->is_there()) return;
  if (T* const wanted = std::get_if<T>(&object)) {
    typed = std::move(*wanted);
  } else {
    wrong(name, fmt::format("is a {}; it must be a {}", to_string(kind_of(object)),
                            to_string(kind_of(Object(T{})))));
  }
}

void FieldReader::operator()(std::string_view name, kube::NodeClaim& claim) {
  typed_object(name, claim);
}
void FieldReader::operator()(std::string_view name, kube::NodePool& pool) {
  typed_object(name, pool);
}
void FieldReader::operator()(std::string_view name, kube::HyperpodNodeClass& node_class) {
  typed_object(name, node_class);
}
void FieldReader::operator()(std::string_view name, kube::NodeOverlay& overlay) {
  typed_object(name, overlay);
}
void FieldReader::operator()(std::string_view name, kube::CapacityBuffer& buffer) {
  typed_object(name, buffer);
}

FieldReader FieldReader::object(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) {
    wrong(name, "is missing");
    return FieldReader(nullptr, path_of(name), *problem_);
  }
  return FieldReader(*value, path_of(name), *problem_);
}

std::vector<FieldReader> FieldReader::elements(std::string_view name) {
  std::vector<FieldReader> readers;
  const json::value* value = take(name);
  if (value == nullptr) return readers;
  if (!value->is_array()) {
    wrong(name, "is no list");
    return readers;
  }
  for (const json::value& item : value->get_array()) {
    readers.emplace_back(item, fmt::format("{}[{}]", path_of(name), readers.size()), *problem_);
  }
  return readers;
}

void FieldReader::unknown_word(std::string_view name, std::string_view found,
                               const std::vector<std::string_view>& words) {
  if (!has(name)) return wrong(name, "is missing");
  wrong(name, fmt::format("is \"{}\"; it must be one of {}", found.substr(0, 40),
                          fmt::join(words, ", ")));
}

}  // namespace hyperwright::state
