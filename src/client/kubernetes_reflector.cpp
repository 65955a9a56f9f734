#include "client/kubernetes_reflector.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

using kube::member;

constexpr RetryPolicy kBackOff{.base = Duration::milliseconds(500), .cap = Duration::seconds(30)};
// Each watch is asked to end after a time of its own in this range, so that not all end together.
constexpr std::int64_t kWatchSecondsMin = 300;
constexpr std::uint64_t kWatchSecondsSpread = 300;
// A stream that held this long worked; that it ended is no failure.
constexpr Duration kHealthyStream = Duration::seconds(5);
constexpr std::int32_t kListsBehindMax = 3;

std::uint64_t version_at(const json::value& metadata) {
  const auto version = parse_int64(text_at(metadata, "resourceVersion"));
  return version && *version > 0 ? static_cast<std::uint64_t>(*version) : 0;
}

std::optional<Duration> retry_after_of(const Result<HttpResponse>& answer) {
  const std::string* const header = answer ? answer->header("Retry-After") : nullptr;
  return header == nullptr ? std::nullopt : parse_retry_after(*header);
}

}  // namespace

KubernetesReflector::KubernetesReflector(std::string collection_path, ListOptions options,
                                         ObjectSink& sink, std::uint64_t seed)
    : path_(std::move(collection_path)), options_(std::move(options)), sink_(sink), random_(seed) {}

KubernetesReflector::Step KubernetesReflector::next() {
  Step step{.request = {}, .is_watch = !is_listing_, .wait = std::exchange(wait_, Duration())};
  if (is_listing_) {
    ListOptions options = options_;
    if (is_in_one_page_) options.limit = 0;
    if (continue_token_.empty()) ++list_;
    step.request = list_page_request(path_, options, continue_token_);
  } else {
    is_stream_done_ = has_garbage_ = is_version_forgotten_ = false;
    lines_ = 0;
    stream_error_.reset();
    const auto seconds =
        kWatchSecondsMin + static_cast<std::int64_t>(random_.below(kWatchSecondsSpread));
    step.request =
        watch_request(path_, options_, std::to_string(version_), Duration::seconds(seconds));
  }
  asked_ = step.request;
  return step;
}

void KubernetesReflector::take_page(const Result<HttpResponse>& answer) {
  if (answer && answer->status == 410 && !continue_token_.empty()) {
    // Between two pages the server forgot the list; in one page that cannot happen.
    is_in_one_page_ = true;
    start_list_again();
    return wait_longer(list_failures_);
  }
  const auto page = answer ? decode_kubernetes_answer(asked_, *answer) : fail(answer.error());
  if (!page) {
    // Where it may heal the same page is asked for again, whose token is good until a 410.
    if (!is_worth_a_retry(page.error().code())) start_list_again();
    return fail_and_wait(list_failures_, page.error(), retry_after_of(answer));
  }
  take_list(*page);
}

void KubernetesReflector::take_list(const json::value& page) {
  const json::value* const metadata = member(page, "metadata");
  const std::uint64_t version = metadata == nullptr ? 0 : version_at(*metadata);
  const json::value* const items = member(page, "items");
  const bool has_items = items != nullptr && (items->is_array() || items->is_null());
  if (version == 0 || !has_items) {
    start_list_again();
    return fail_and_wait(list_failures_,
                         Error(ErrorCode::Invalid,
                               fmt::format("GET {}: the answer is no list of Kubernetes", path_)));
  }
  if (is_behind(version)) return;
  std::size_t nameless = 0;
  if (items->is_array()) {
    for (const json::value& item : items->get_array()) {
      const auto identity = identity_of(item);
      if (identity) take_object(*identity, item);
      if (!identity && nameless++ == 0) {
        sink_.on_error(
            Error(ErrorCode::Invalid,
                  fmt::format("GET {}: an item has no name or no resourceVersion and is left out: "
                              "\"{}\"",
                              path_, beginning_of(json::serialize(item)))));
      }
    }
  }
  list_failures_ = 0;
  told_.reset();
  continue_token_ = text_at(*metadata, "continue");
  if (continue_token_.empty()) end_list(version);
}

bool KubernetesReflector::is_behind(std::uint64_t list_version) {
  if (list_version >= newest_) return false;
  if (++lists_behind_ < kListsBehindMax) {
    start_list_again();
    fail_and_wait(list_failures_,
                  Error(ErrorCode::Unavailable,
                        fmt::format("GET {}: the server is behind: it lists version {} after {}",
                                    path_, list_version, newest_)));
    return true;
  }
  newest_ = list_version;
  for (auto& [name, known] : known_) known.version = 0;
  return false;
}

void KubernetesReflector::end_list(std::uint64_t list_version) {
  for (auto it = known_.begin(); it != known_.end();) {
    if (it->second.list == list_) {
      ++it;
      continue;
    }
    vanish(it->first, it->second, list_version);
    it = known_.erase(it);
  }
  version_ = list_version;
  newest_ = std::max(newest_, list_version);
  lists_behind_ = 0;
  is_listing_ = false;
  is_in_one_page_ = false;
  sink_.on_synced();
}

void KubernetesReflector::take_line(std::string_view line) {
  const auto event = parse_json(line);
  if (!event) return take_garbage(event.error().text());
  const std::string_view type = text_at(*event, "type");
  const json::value* const object = member(*event, "object");
  if (object == nullptr) return take_garbage("no event of a watch");
  if (type == "ERROR") {
    is_stream_done_ = true;
    const json::value* const code = member(*object, "code");
    const std::int64_t status = code != nullptr && code->is_int64() ? code->get_int64() : 500;
    is_version_forgotten_ = status == 410;
    if (!is_version_forgotten_) {
      stream_error_ = Error(ErrorCode::Unavailable, fmt::format("watch of {}: {} {}", path_, status,
                                                                text_at(*object, "message")));
    }
    return;
  }
  if (type == "BOOKMARK") {
    const json::value* const metadata = member(*object, "metadata");
    const std::uint64_t version = metadata == nullptr ? 0 : version_at(*metadata);
    if (version == 0) return take_garbage("a bookmark without a resourceVersion");
    version_ = std::max(version_, version);
    newest_ = std::max(newest_, version);
  } else {
    const bool is_deletion = type == "DELETED";
    if (!is_deletion && type != "ADDED" && type != "MODIFIED") {
      return take_garbage(fmt::format("an event of type \"{}\"", beginning_of(type)));
    }
    const auto identity = identity_of(*object);
    if (!identity) return take_garbage("an object without a name or a resourceVersion");
    if (is_deletion) {
      take_deletion(*identity);
    } else {
      take_object(*identity, *object);
    }
    version_ = std::max(version_, identity->version);
  }
  ++lines_;
}

void KubernetesReflector::take_end_of_stream(const Result<HttpResponse>& answer, Duration lasted) {
  const bool is_stream = !answer || answer->status == 200;
  const bool worked = is_stream && !has_garbage_ && (lines_ > 0 || lasted >= kHealthyStream);
  if (worked) {
    list_failures_ = stream_failures_ = 0;
    told_.reset();
  }
  const bool is_forgotten = is_version_forgotten_ || (answer && answer->status == 410);
  if (has_garbage_ || is_forgotten) {
    start_list_again();
    return wait_longer(stream_failures_);
  }
  if (stream_error_) return fail_and_wait(stream_failures_, *stream_error_);
  if (worked && answer) return;
  if (worked) return wait_longer(stream_failures_);
  if (!answer) return fail_and_wait(stream_failures_, answer.error());
  if (answer->status == 200) {
    // Streams that end at once would be asked for in a hot loop.
    return fail_and_wait(stream_failures_, Error(ErrorCode::Unavailable,
                                                 fmt::format("watch of {}: ended at once", path_)));
  }
  const auto refusal = decode_kubernetes_answer(asked_, *answer);
  const Error error =
      refusal ? Error(ErrorCode::Invalid,
                      fmt::format("watch of {}: answered with {}", path_, answer->status))
              : refusal.error();
  // A version that the server does not like, or a kind that went: a list starts clean.
  if (error.code() == ErrorCode::Invalid || error.code() == ErrorCode::NotFound) start_list_again();
  fail_and_wait(stream_failures_, error, retry_after_of(answer));
}

std::optional<KubernetesReflector::Identity> KubernetesReflector::identity_of(
    const json::value& object) {
  const json::value* const metadata = member(object, "metadata");
  if (metadata == nullptr) return std::nullopt;
  Identity identity{.name = {std::string(text_at(*metadata, "namespace")),
                             std::string(text_at(*metadata, "name"))},
                    .uid = std::string(text_at(*metadata, "uid")),
                    .version = version_at(*metadata)};
  if (identity.name.second.empty() || identity.version == 0) return std::nullopt;
  return identity;
}

void KubernetesReflector::take_object(const Identity& identity, const json::value& object) {
  auto [it, is_new] = known_.try_emplace(identity.name);
  Known& known = it->second;
  if (is_listing_) known.list = list_;
  if (!is_new && identity.version <= known.version) return;
  if (!is_new && known.uid != identity.uid) vanish(identity.name, known, identity.version);
  known.uid = identity.uid;
  known.version = identity.version;
  newest_ = std::max(newest_, identity.version);
  sink_.on_changed(object);
}

void KubernetesReflector::take_deletion(const Identity& identity) {
  newest_ = std::max(newest_, identity.version);
  const auto it = known_.find(identity.name);
  if (it == known_.end() || identity.version < it->second.version) return;
  vanish(it->first, it->second, identity.version);
  known_.erase(it);
}

// Whatever it was, an event is lost: what the stream has more is taken, and then a list shows the
// truth.
void KubernetesReflector::take_garbage(std::string_view why) {
  is_stream_done_ = true;
  if (std::exchange(has_garbage_, true)) return;
  sink_.on_error(
      Error(ErrorCode::Invalid,
            fmt::format("watch of {}: a line is garbage ({}); listing again", path_, why),
            "look at what stands between the API server and us, such as a proxy"));
}

void KubernetesReflector::vanish(const Name& name, const Known& known, std::uint64_t version) {
  sink_.on_gone({name.first, name.second, known.uid, version});
}

void KubernetesReflector::start_list_again() {
  is_listing_ = true;
  continue_token_.clear();
}

void KubernetesReflector::fail_and_wait(std::int32_t& series, const Error& error,
                                        std::optional<Duration> retry_after) {
  wait_longer(series, retry_after);
  if (std::exchange(told_, error.code()) != error.code()) sink_.on_error(error);
}

void KubernetesReflector::wait_longer(std::int32_t& series, std::optional<Duration> retry_after) {
  ++series;
  wait_ = retry_after.value_or(Duration()) +
          backoff(kBackOff, list_failures_ + stream_failures_, random_);
}

}  // namespace hyperwright::client
