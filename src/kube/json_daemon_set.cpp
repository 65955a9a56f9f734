#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"
#include "kube/json_pod_spec.h"

namespace hyperwright::kube {

Result<DaemonSet> decode_daemon_set(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField pod_template = spec.at("template");
  DaemonSet daemon_set;
  daemon_set.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("DaemonSet", daemon_set.meta, problems); !named)
    return fail(named.error());
  const JsonField no_status = pod_template.at("status");
  daemon_set.scheduling = decode_scheduling(pod_template.at("spec"), no_status, PodSpecOf::Template,
                                            daemon_set.meta.name);
  if (!problems.empty()) return decode_failure("DaemonSet", daemon_set.meta, problems);
  return daemon_set;
}

boost::json::value encode(const DaemonSet& daemon_set) {
  boost::json::object json = encode_kind("apps/v1", "DaemonSet", daemon_set.meta);
  json["spec"] = {
      {"template", {{"spec", encode_pod_spec(daemon_set.scheduling, daemon_set.meta.name)}}}};
  return json;
}

}  // namespace hyperwright::kube
