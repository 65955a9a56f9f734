#include "sim/workload_job_pods.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr const char* kIndex = "batch.kubernetes.io/job-completion-index";

bool contains_text(const json::array* list, std::string_view text) {
  return list != nullptr && std::ranges::find(*list, text_value(text)) != list->end();
}

void add_index_variable(json::object& spec, std::int64_t index) {
  for (const std::string_view field : {"containers", "initContainers"}) {
    json::array* containers = array_field(spec, {field});
    if (containers == nullptr) continue;
    for (json::value& container : *containers) {
      if (!container.is_object()) continue;
      array_at(container.get_object(), {"env"})
          .push_back(
              json::object{{"name", "JOB_COMPLETION_INDEX"}, {"value", std::to_string(index)}});
    }
  }
}

// onPodConditions: any pattern may match; a pattern without status means True.
bool matches_conditions(const json::array& patterns, const json::object& pod) {
  return std::ranges::any_of(patterns, [&](const json::value& item) {
    if (!item.is_object()) return false;
    const std::string_view status = text_field(item.get_object(), {"status"});
    return has_condition(pod, text_field(item.get_object(), {"type"}),
                         status.empty() ? "True" : status);
  });
}

bool matches_exit_codes(const json::object& rule, const json::object& pod) {
  const json::array* statuses = array_field(pod, {"status", "containerStatuses"});
  const json::array* values = array_field(rule, {"values"});
  if (statuses == nullptr || values == nullptr) return false;
  const std::string_view container = text_field(rule, {"containerName"});
  const bool is_in = text_field(rule, {"operator"}) == "In";
  return std::ranges::any_of(*statuses, [&](const json::value& item) {
    const json::object& status = item.get_object();
    if (!container.empty() && text_field(status, {"name"}) != container) return false;
    const std::int64_t code = int_field(status, {"state", "terminated", "exitCode"});
    if (code == 0) return false;
    const bool is_listed = std::ranges::any_of(*values, [&](const json::value& value) {
      return value.is_int64() && value.get_int64() == code;
    });
    return is_listed == is_in;
  });
}

}  // namespace

bool is_indexed(const json::object& job) {
  return text_field(job, {"spec", "completionMode"}) == "Indexed";
}

std::optional<std::int64_t> completion_index(const json::object& pod) {
  return parse_int64(text_field(pod, {"metadata", "annotations", kIndex}));
}

std::string indexes_text(const std::set<std::int64_t>& indexes) {
  std::string out;
  for (auto it = indexes.begin(); it != indexes.end();) {
    const std::int64_t first = *it;
    std::int64_t last = first;
    for (++it; it != indexes.end() && *it == last + 1; ++it) last = *it;
    if (!out.empty()) out += ',';
    out += first == last ? fmt::format("{}", first)
                         : fmt::format("{}{}{}", first, last == first + 1 ? ',' : '-', last);
  }
  return out;
}

std::set<std::int64_t> parse_indexes(std::string_view text) {
  std::set<std::int64_t> indexes;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto first = parse_int64(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_int64(part.substr(dash + 1));
    if (!first || !last) return {};
    for (std::int64_t index = *first; index <= *last; ++index) indexes.insert(index);
    if (comma == std::string_view::npos) break;
    text = text.substr(comma + 1);
  }
  return indexes;
}

json::object job_pod(const json::object& job, std::optional<std::int64_t> index) {
  json::object pod = pod_from_template(*object_field(job, {"spec", "template"}), job);
  json::object& metadata = object_at(pod, {"metadata"});
  array_at(metadata, {"finalizers"}).push_back(text_value(kJobTracking));
  if (!index) {
    metadata["generateName"] = fmt::format("{}-", name_of(job));
    return pod;
  }
  metadata["generateName"] = fmt::format("{}-{}-", name_of(job), *index);
  object_at(metadata, {"annotations"})[kIndex] = std::to_string(*index);
  object_at(metadata, {"labels"})[kIndex] = std::to_string(*index);
  json::object& spec = object_at(pod, {"spec"});
  spec["hostname"] = fmt::format("{}-{}", name_of(job), *index);
  add_index_variable(spec, *index);
  return pod;
}

bool is_tracked(const json::object& pod) {
  return contains_text(array_field(pod, {"metadata", "finalizers"}), kJobTracking);
}

json::object without_tracking(const json::object& pod) {
  json::object out = pod;
  json::array& finalizers = array_at(out, {"metadata", "finalizers"});
  const auto it = std::ranges::find(finalizers, text_value(kJobTracking));
  if (it != finalizers.end()) finalizers.erase(it);
  if (finalizers.empty()) erase_field(object_at(out, {"metadata"}), "finalizers");
  return out;
}

FailureAction failure_action(const json::object& job, const json::object& pod) {
  const json::array* rules = array_field(job, {"spec", "podFailurePolicy", "rules"});
  if (rules == nullptr) return FailureAction::Count;
  for (const json::value& item : *rules) {
    if (!item.is_object()) continue;
    const json::object& rule = item.get_object();
    const json::array* conditions = array_field(rule, {"onPodConditions"});
    const json::object* exit_codes = object_field(rule, {"onExitCodes"});
    const bool matches = (conditions != nullptr && matches_conditions(*conditions, pod)) ||
                         (exit_codes != nullptr && matches_exit_codes(*exit_codes, pod));
    if (!matches) continue;
    const std::string_view action = text_field(rule, {"action"});
    if (action == "Ignore") return FailureAction::Ignore;
    return action == "FailJob" ? FailureAction::FailJob : FailureAction::Count;
  }
  return FailureAction::Count;
}

std::int64_t restart_count(const json::object& pod) {
  std::int64_t restarts = 0;
  if (const json::array* statuses = array_field(pod, {"status", "containerStatuses"})) {
    for (const json::value& status : *statuses)
      restarts += int_field(status.get_object(), {"restartCount"});
  }
  return restarts;
}

}  // namespace hyperwright::sim
