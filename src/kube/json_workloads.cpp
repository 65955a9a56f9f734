// What pods come from: Deployment, ReplicaSet, StatefulSet, ReplicationController, PodTemplate, and
// the Services that select them.
#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"
#include "kube/json_pod_spec.h"

namespace hyperwright::kube {
namespace {

// `selector` reads spec.selector, which is a LabelSelector of some kinds and a map of another.
template <typename T>
Result<T> decode_workload(std::string_view kind, const boost::json::value& json,
                          std::optional<LabelSelector> (*selector)(const JsonField&)) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField pod_template = spec.at("template");
  const JsonField template_meta = pod_template.at("metadata");
  const JsonField no_status = pod_template.at("status");
  T workload;
  workload.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name(kind, workload.meta, problems); !named)
    return fail(named.error());
  workload.selector = selector(spec.at("selector"));
  workload.replicas = spec.at("replicas").count(1);
  workload.template_labels = decode_string_map(template_meta.at("labels"));
  workload.scheduling = decode_scheduling(pod_template.at("spec"), no_status, PodSpecOf::Template,
                                          workload.meta.name);
  if (!problems.empty()) return decode_failure(kind, workload.meta, problems);
  return workload;
}

std::optional<LabelSelector> decode_map_selector(const JsonField& field) {
  if (!field.exists()) return std::nullopt;
  return LabelSelector{.match_labels = decode_string_map(field), .match_expressions = {}};
}

boost::json::object encode_template(const StringMap& labels, const Scheduling& scheduling,
                                    std::string_view owner) {
  boost::json::object meta;
  put_object(meta, "labels", encode_map(labels));
  boost::json::object json;
  put_object(json, "metadata", std::move(meta));
  json["spec"] = encode_pod_spec(scheduling, owner);
  return json;
}

boost::json::value encode_workload(std::string_view api_version, std::string_view kind,
                                   const Workload& workload,
                                   std::optional<boost::json::object> selector) {
  boost::json::object spec;
  spec["replicas"] = workload.replicas;
  if (selector) spec["selector"] = *std::move(selector);
  spec["template"] =
      encode_template(workload.template_labels, workload.scheduling, workload.meta.name);
  boost::json::object json = encode_kind(api_version, kind, workload.meta);
  json["spec"] = std::move(spec);
  return json;
}

boost::json::value encode_app(std::string_view kind, const Workload& workload) {
  std::optional<boost::json::object> selector;
  if (workload.selector) selector = encode_selector(*workload.selector);
  return encode_workload("apps/v1", kind, workload, std::move(selector));
}

}  // namespace

Result<Deployment> decode_deployment(const boost::json::value& json) {
  return decode_workload<Deployment>("Deployment", json, decode_selector);
}
Result<ReplicaSet> decode_replica_set(const boost::json::value& json) {
  return decode_workload<ReplicaSet>("ReplicaSet", json, decode_selector);
}
Result<StatefulSet> decode_stateful_set(const boost::json::value& json) {
  return decode_workload<StatefulSet>("StatefulSet", json, decode_selector);
}
Result<ReplicationController> decode_replication_controller(const boost::json::value& json) {
  return decode_workload<ReplicationController>("ReplicationController", json, decode_map_selector);
}

boost::json::value encode(const Deployment& deployment) {
  return encode_app("Deployment", deployment);
}
boost::json::value encode(const ReplicaSet& set) { return encode_app("ReplicaSet", set); }
boost::json::value encode(const StatefulSet& set) { return encode_app("StatefulSet", set); }
boost::json::value encode(const ReplicationController& controller) {
  std::optional<boost::json::object> selector;
  if (controller.selector) selector = encode_map(controller.selector->match_labels);
  return encode_workload("v1", "ReplicationController", controller, std::move(selector));
}

Result<PodTemplate> decode_pod_template(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField pod_template = root.at("template");
  const JsonField template_meta = pod_template.at("metadata");
  const JsonField no_status = pod_template.at("status");
  PodTemplate decoded;
  decoded.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("PodTemplate", decoded.meta, problems); !named)
    return fail(named.error());
  decoded.labels = decode_string_map(template_meta.at("labels"));
  decoded.scheduling =
      decode_scheduling(pod_template.at("spec"), no_status, PodSpecOf::Template, decoded.meta.name);
  if (!problems.empty()) return decode_failure("PodTemplate", decoded.meta, problems);
  return decoded;
}

boost::json::value encode(const PodTemplate& pod_template) {
  boost::json::object json = encode_kind("v1", "PodTemplate", pod_template.meta);
  json["template"] =
      encode_template(pod_template.labels, pod_template.scheduling, pod_template.meta.name);
  return json;
}

Result<Service> decode_service(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  Service service;
  service.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("Service", service.meta, problems); !named)
    return fail(named.error());
  const JsonField selector = spec.at("selector");
  service.selector = decode_string_map(selector);
  service.has_selector = selector.exists();
  if (!problems.empty()) return decode_failure("Service", service.meta, problems);
  return service;
}

boost::json::value encode(const Service& service) {
  boost::json::object spec;
  if (service.has_selector) spec["selector"] = encode_map(service.selector);
  boost::json::object json = encode_kind("v1", "Service", service.meta);
  json["spec"] = std::move(spec);
  return json;
}

}  // namespace hyperwright::kube
