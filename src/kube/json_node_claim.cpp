#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_node_claim_spec.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

// As in the CRD: nodes live for 30 days unless the pool says otherwise.
constexpr Duration kExpireAfterDefault = Duration::hours(720);

bool is_any_condition(std::string_view) { return true; }

std::optional<Duration> decode_duration(const JsonField& field) {
  const auto duration = parse_duration(field.if_text().value_or(std::string_view{}));
  if (duration && *duration >= Duration{}) return *duration;
  field.must_be("a duration such as 30s, 10m or 1h30m");
  return std::nullopt;
}

}  // namespace

std::optional<Duration> decode_duration_or_never(const JsonField& field,
                                                 std::optional<Duration> otherwise) {
  if (!field.exists()) return otherwise;
  if (field.if_text() == "Never") return std::nullopt;
  const auto duration = parse_duration(field.if_text().value_or(std::string_view{}));
  if (duration && *duration >= Duration{}) return *duration;
  field.must_be("a duration such as 30s, 10m or 1h30m, or Never");
  return std::nullopt;
}

std::string encode_duration_or_never(std::optional<Duration> duration) {
  return duration ? format_duration(*duration) : "Never";
}

NodeClaimSpec decode_node_claim_spec(const JsonField& spec) {
  NodeClaimSpec result;
  result.taints = decode_taints(spec.at("taints"));
  result.startup_taints = decode_taints(spec.at("startupTaints"));
  result.requirements = decode_node_requirements(spec.at("requirements"));
  const JsonField reference = spec.at("nodeClassRef");
  result.node_class_ref = {.group = std::string(reference.at("group").text()),
                           .kind = std::string(reference.at("kind").text()),
                           .name = std::string(reference.at("name").text())};
  if (const JsonField grace = spec.at("terminationGracePeriod"); grace.exists()) {
    result.termination_grace_period = decode_duration(grace);
  }
  result.expire_after = decode_duration_or_never(spec.at("expireAfter"), kExpireAfterDefault);
  const JsonField resources = spec.at("resources");
  result.requests = decode_resources(resources.at("requests"));
  return result;
}

boost::json::object encode_node_claim_spec(const NodeClaimSpec& spec) {
  boost::json::object json;
  put_array(json, "taints", encode(spec.taints).as_array());
  put_array(json, "startupTaints", encode(spec.startup_taints).as_array());
  json["requirements"] = encode_requirements(spec.requirements);
  json["nodeClassRef"] = {{"group", spec.node_class_ref.group},
                          {"kind", spec.node_class_ref.kind},
                          {"name", spec.node_class_ref.name}};
  if (spec.termination_grace_period) {
    json["terminationGracePeriod"] = format_duration(*spec.termination_grace_period);
  }
  json["expireAfter"] = encode_duration_or_never(spec.expire_after);
  if (!spec.requests.is_zero()) json["resources"] = {{"requests", encode_amounts(spec.requests)}};
  return json;
}

Result<NodeClaim> decode_node_claim(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField status = root.at("status");
  NodeClaim claim;
  claim.meta = decode_meta(root.at("metadata"), KeptAnnotations::UpTo64KiB);
  if (Status named = check_has_name("NodeClaim", claim.meta, problems); !named)
    return fail(named.error());
  claim.spec = decode_node_claim_spec(root.at("spec"));
  claim.node_name = status.at("nodeName").text();
  claim.provider_id = status.at("providerID").text();
  claim.image_id = status.at("imageID").text();
  claim.capacity = decode_resources(status.at("capacity"), /*may_be_negative=*/true);
  claim.allocatable = decode_resources(status.at("allocatable"), /*may_be_negative=*/true);
  claim.last_pod_event_time = status.at("lastPodEventTime").optional_time();
  claim.conditions = decode_conditions(status.at("conditions"), is_any_condition);
  claim.decode_problems = decode_problems_of(json, problems);
  return claim;
}

boost::json::value encode(const NodeClaim& claim) {
  boost::json::object status;
  put_text(status, "nodeName", claim.node_name);
  put_text(status, "providerID", claim.provider_id);
  put_text(status, "imageID", claim.image_id);
  put_object(status, "capacity", encode_amounts(claim.capacity));
  put_object(status, "allocatable", encode_amounts(claim.allocatable));
  if (claim.last_pod_event_time)
    status["lastPodEventTime"] = encode_time(*claim.last_pod_event_time);
  put_array(status, "conditions", encode(claim.conditions).as_array());
  boost::json::object json = encode_kind("karpenter.sh/v1", "NodeClaim", claim.meta);
  json["spec"] = encode_node_claim_spec(claim.spec);
  put_object(json, "status", std::move(status));
  put_decode_problems(json, claim.decode_problems);
  return json;
}

}  // namespace hyperwright::kube
