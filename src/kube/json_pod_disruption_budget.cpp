#include <boost/json.hpp>

#include "base/number.h"
#include "kube/json.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

// A count is written as a number, a share as text.
void put_count_or_share(boost::json::object& object, std::string_view key,
                        const std::string& text) {
  if (text.empty()) return;
  const auto count = parse_count(text);
  if (count && std::to_string(*count) == text) {
    object[key] = *count;
  } else {
    object[key] = text;
  }
}

}  // namespace

Result<PodDisruptionBudget> decode_pod_disruption_budget(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  PodDisruptionBudget budget;
  budget.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("PodDisruptionBudget", budget.meta, problems); !named)
    return fail(named.error());
  budget.selector = decode_selector(spec.at("selector"));
  budget.min_available = spec.at("minAvailable").scalar_text();
  budget.max_unavailable = spec.at("maxUnavailable").scalar_text();
  budget.always_allow_unhealthy = spec.at("unhealthyPodEvictionPolicy").text() == "AlwaysAllow";
  budget.disruptions_allowed = status.at("disruptionsAllowed").count();
  if (!problems.empty()) return decode_failure("PodDisruptionBudget", budget.meta, problems);
  return budget;
}

boost::json::value encode(const PodDisruptionBudget& budget) {
  boost::json::object spec;
  if (budget.selector) spec["selector"] = encode_selector(*budget.selector);
  put_count_or_share(spec, "minAvailable", budget.min_available);
  put_count_or_share(spec, "maxUnavailable", budget.max_unavailable);
  if (budget.always_allow_unhealthy) spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
  boost::json::object json = encode_kind("policy/v1", "PodDisruptionBudget", budget.meta);
  json["spec"] = std::move(spec);
  json["status"] = {{"disruptionsAllowed", budget.disruptions_allowed}};
  return json;
}

}  // namespace hyperwright::kube
