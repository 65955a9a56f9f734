// What a Job makes of its pods: their form, the indexes that are done, and what a failed one means.
//
// Source: Kubernetes, Concepts > Workloads > Jobs: completion mode, pod failure policy.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace hyperwright::sim {

// Holds a pod that is over until the Job has counted it.
inline constexpr std::string_view kJobTracking = "batch.kubernetes.io/job-tracking";

bool is_indexed(const boost::json::object& job);
// The completion index of a pod of an indexed Job; nullopt: it has none.
std::optional<std::int64_t> completion_index(const boost::json::object& pod);

// "1,3-5,7", as status.completedIndexes writes it, and back. What is no such text reads as empty.
std::string indexes_text(const std::set<std::int64_t>& indexes);
std::set<std::int64_t> parse_indexes(std::string_view text);

// A new pod of the Job, with generateName; `index` for an indexed one.
boost::json::object job_pod(const boost::json::object& job, std::optional<std::int64_t> index);

bool is_tracked(const boost::json::object& pod);
// The pod as it is once the Job has counted it.
boost::json::object without_tracking(const boost::json::object& pod);

// What spec.podFailurePolicy says of a failed pod; Count without one.
enum class FailureAction : std::uint8_t { Count, Ignore, FailJob };
FailureAction failure_action(const boost::json::object& job, const boost::json::object& pod);

// Restarts of the containers of a pod, for Jobs that restart in place (restartPolicy OnFailure).
std::int64_t restart_count(const boost::json::object& pod);

}  // namespace hyperwright::sim
