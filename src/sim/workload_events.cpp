#include "sim/workload_events.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr Duration kKept = Duration::hours(1);
constexpr Duration kSimilarWindow = Duration::minutes(10);
constexpr std::int64_t kSimilarMax = 10;
constexpr std::int64_t kAllowanceMax = 25;
constexpr Duration kAllowanceRefill = Duration::minutes(5);

json::object reference_to(const json::object& about) {
  json::object reference;
  const auto take = [&](const char* key, FieldPath path) {
    if (const json::value* value = find_field(about, path)) reference[key] = *value;
  };
  take("kind", {"kind"});
  take("namespace", {"metadata", "namespace"});
  take("name", {"metadata", "name"});
  take("uid", {"metadata", "uid"});
  take("apiVersion", {"apiVersion"});
  take("resourceVersion", {"metadata", "resourceVersion"});
  return reference;
}

}  // namespace

void EventRecorder::record(const json::object& about, const EventText& event, Time now) {
  expire(now);
  const std::string object = fmt::format("{}/{}", uid_of(about), event.component);
  if (!take_allowance(object, now)) return;

  const std::string kind = fmt::format("{}/{}", object, event.reason);
  Similar& similar = similar_[kind];
  if (now - similar.since > kSimilarWindow) similar = {.count = 0, .since = now};
  std::string message(event.message);
  std::string key = fmt::format("{}/{}", kind, message);
  const bool is_combined = !told_.contains(key) && ++similar.count > kSimilarMax;
  if (is_combined) {
    message = fmt::format("(combined from similar events): {}", message);
    key = kind;
  }

  const auto it = told_.find(key);
  if (it != told_.end()) {
    it->second.count += 1;
    it->second.last = now;
    const auto counted =
        api_.patch("events", it->second.name.ns, it->second.name.name, PatchType::Merge,
                   json::object{{"count", it->second.count},
                                {"lastTimestamp", time_value(now)},
                                {"message", text_value(message)}},
                   now);
    if (counted) return;
    told_.erase(it);  // somebody removed it: tell it anew
  }
  std::string ns(namespace_of(about));
  if (ns.empty()) ns = "default";
  const std::string name =
      fmt::format("{}.{:x}", name_of(about),
                  now.unix_microseconds() * 1000 + static_cast<std::int64_t>(count_++ % 1000));
  json::object written{{"metadata", {{"name", name}, {"namespace", ns}}},
                       {"involvedObject", reference_to(about)},
                       {"reason", text_value(event.reason)},
                       {"message", text_value(message)},
                       {"source", {{"component", text_value(event.component)}}},
                       {"firstTimestamp", time_value(now)},
                       {"lastTimestamp", time_value(now)},
                       {"count", 1},
                       {"type", text_value(event.type)},
                       {"eventTime", nullptr},
                       {"reportingComponent", text_value(event.component)},
                       {"reportingInstance", ""}};
  // A namespace that is going refuses it, and nobody will read it.
  if (!api_.create("events", std::move(written), now)) return;
  told_[key] = {.name = {ns, name},
                .count = 1,
                .last = now,
                .object_size = object.size(),
                .reason_size = kind.size()};
  ages_.emplace_back(now, key);
}

bool EventRecorder::take_allowance(const std::string& object, Time now) {
  const auto [it, is_new] = allowances_.try_emplace(object, Allowance{kAllowanceMax, now});
  Allowance& allowance = it->second;
  if (!is_new) {
    const std::int64_t refills =
        (now - allowance.since).in_seconds() / kAllowanceRefill.in_seconds();
    if (refills > 0) {
      allowance.left = std::min(kAllowanceMax, allowance.left + refills);
      allowance.since = allowance.since + kAllowanceRefill * refills;
    }
  }
  if (allowance.left == 0) return false;
  allowance.left -= 1;
  return true;
}

void EventRecorder::expire(Time now) {
  while (!ages_.empty() && now - ages_.front().first > kKept) {
    const std::string key = ages_.front().second;
    ages_.pop_front();
    const auto it = told_.find(key);
    if (it == told_.end()) continue;
    if (now - it->second.last <= kKept) {
      ages_.emplace_back(it->second.last, key);
      continue;
    }
    // It may have gone with its namespace; both are fine.
    if (api_.find("events", it->second.name.ns, it->second.name.name) != nullptr) {
      const auto removed = api_.remove("events", it->second.name.ns, it->second.name.name, now);
      check(removed.has_value(), "an event that is there can be removed");
    }
    similar_.erase(key.substr(0, it->second.reason_size));
    allowances_.erase(key.substr(0, it->second.object_size));
    told_.erase(it);
  }
}

}  // namespace hyperwright::sim
