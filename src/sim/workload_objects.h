// What the simulated controllers write all the time: owner references, conditions, pods from
// templates, and how they judge a pod. The words are those of kube-controller-manager.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/time.h"
#include "sim/kubernetes_store.h"

namespace hyperwright::sim {

boost::json::value text_value(std::string_view text);
// RFC 3339, as the API writes times.
boost::json::value time_value(Time time);
// Time{} when the field is absent or no time.
Time time_field(const boost::json::object& object, std::initializer_list<std::string_view> path);

// The owner reference with controller: true; nullptr when nobody controls the object.
const boost::json::object* controller_of(const boost::json::object& object);
// A reference by which `owner` controls its dependents.
boost::json::object controller_reference(const boost::json::object& owner);
ObjectName object_name(const boost::json::object& object);

// status.conditions gets this condition; lastTransitionTime moves only when the status does. True
// when anything but the times changed.
struct ConditionText {
  std::string_view type;
  std::string_view status;
  std::string_view reason;
  std::string_view message;
};
bool set_condition(boost::json::object& status, const ConditionText& condition, Time now);
void erase_condition(boost::json::object& status, std::string_view type);

bool is_terminal_pod(const boost::json::object& pod);  // Succeeded or Failed
// Counts as a replica: not terminal and not being deleted.
bool is_active_pod(const boost::json::object& pod);
bool is_ready_pod(const boost::json::object& pod);

// A pod of a template ({metadata, spec}) that `owner` controls, in its namespace, without a name.
boost::json::object pod_from_template(const boost::json::object& pod_template,
                                      const boost::json::object& owner);

// The hash that labels ReplicaSets, controller revisions and their pods: FNV-1a of the template's
// text and `salt`, in letters that form no words.
std::string template_hash(const boost::json::object& pod_template, std::int64_t salt = 0);

// maxSurge, maxUnavailable, minAvailable: a number, or a percentage of `total`; absent:
// `otherwise`.
enum class Rounding : std::uint8_t { Up, Down };
std::int64_t int_or_percent(const boost::json::value* field, std::int64_t total, Rounding rounding,
                            std::int64_t otherwise);

}  // namespace hyperwright::sim
