#include "sim/workload_taint_eviction.h"

#include <algorithm>
#include <optional>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

bool tolerates(const json::object& toleration, const json::object& taint) {
  const std::string_view effect = text_field(toleration, {"effect"});
  if (!effect.empty() && effect != "NoExecute") return false;
  const std::string_view key = text_field(toleration, {"key"});
  const bool is_exists = text_field(toleration, {"operator"}) == "Exists";
  if (key.empty()) return is_exists;
  return key == text_field(taint, {"key"}) &&
         (is_exists || text_field(toleration, {"value"}) == text_field(taint, {"value"}));
}

// How long the pod may stay beside the taint; Duration::max(): for ever, nullopt: not at all.
std::optional<Duration> stays_for(const json::object& pod, const json::object& taint) {
  std::optional<Duration> stays;
  const json::array* tolerations = array_field(pod, {"spec", "tolerations"});
  if (tolerations == nullptr) return stays;
  for (const json::value& item : *tolerations) {
    if (!item.is_object() || !tolerates(item.get_object(), taint)) continue;
    const json::value* seconds = find_field(item.get_object(), {"tolerationSeconds"});
    const Duration own = seconds == nullptr || !seconds->is_int64()
                             ? Duration::max()
                             : Duration::seconds(std::max(std::int64_t{0}, seconds->get_int64()));
    stays = std::min(stays.value_or(own), own);
  }
  return stays;
}

}  // namespace

void TaintEviction::look_at(const json::object& pod, const json::object& node, Time now) {
  const ObjectName name = object_name(pod);
  if (is_deleting(pod) || is_terminal_pod(pod)) {
    due_.erase(name);
    return;
  }
  Time evicted = Time::max();
  bool is_dated = true;
  if (const json::array* taints = array_field(node, {"spec", "taints"})) {
    for (const json::value& item : *taints) {
      const json::object& taint = item.as_object();
      if (text_field(taint, {"effect"}) != "NoExecute") continue;
      const auto stays = stays_for(pod, taint);
      if (stays == Duration::max()) continue;
      const Time added = time_field(taint, {"timeAdded"});
      is_dated = is_dated && !added.is_zero();
      const Time from = stays && !added.is_zero() ? added : now;
      evicted = std::min(evicted, from + stays.value_or(Duration{}));
    }
  }
  if (evicted == Time::max()) {
    due_.erase(name);
  } else if (is_dated) {
    due_.set(name, evicted);
  } else {
    due_.set_earliest(name, evicted);  // a taint without a date counts from when it was first seen
  }
}

void TaintEviction::step(Time now) {
  for (const ObjectName& name : due_.take_due(now)) {
    const ObjectPtr pod = api_.find("pods", name.ns, name.name);
    if (pod == nullptr || is_deleting(*pod)) continue;
    json::object changed = *pod;
    set_condition(object_at(changed, {"status"}),
                  {"DisruptionTarget", "True", "DeletionByTaintManager",
                   "Taint manager: deleting due to NoExecute taint"},
                  now);
    const auto told = api_.update_status("pods", std::move(changed), now);
    check(told.has_value(), "the status of a pod can be written");
    const auto removed = api_.remove("pods", name.ns, name.name, now);
    check(removed.has_value(), "a pod that is there can be deleted");
  }
}

}  // namespace hyperwright::sim
