#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

constexpr JsonIntegerRange kCount{.min = 0, .max = INT32_MAX, .otherwise = 0};

std::optional<std::int64_t> optional_count(const JsonField& field) {
  return field.exists() ? std::optional(field.integer(kCount)) : std::nullopt;
}

void decode_status(const JsonField& status, CapacityBuffer& buffer) {
  if (const JsonField reference = status.at("podTemplateRef"); reference.exists())
    buffer.status_pod_template = reference.at("name").text();
  if (const JsonField replicas = status.at("replicas"); replicas.exists())
    buffer.status_replicas = replicas.integer();
  if (const JsonField generation = status.at("podTemplateGeneration"); generation.exists())
    buffer.status_pod_template_generation = generation.integer();
  buffer.status_provisioning_strategy = status.at("provisioningStrategy").text();
  buffer.conditions =
      decode_conditions(status.at("conditions"), [](std::string_view) { return true; });
}

boost::json::object encode_status(const CapacityBuffer& buffer) {
  boost::json::object json;
  if (buffer.status_pod_template)
    json["podTemplateRef"] = boost::json::object{{"name", *buffer.status_pod_template}};
  if (buffer.status_replicas) json["replicas"] = *buffer.status_replicas;
  if (buffer.status_pod_template_generation)
    json["podTemplateGeneration"] = *buffer.status_pod_template_generation;
  put_text(json, "provisioningStrategy", buffer.status_provisioning_strategy);
  put_array(json, "conditions", encode(buffer.conditions).as_array());
  return json;
}

}  // namespace

Result<CapacityBuffer> decode_capacity_buffer(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  CapacityBuffer buffer;
  buffer.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("CapacityBuffer", buffer.meta, problems); !named)
    return fail(named.error());
  buffer.provisioning_strategy = spec.at("provisioningStrategy").text();
  if (const JsonField reference = spec.at("podTemplateRef"); reference.exists())
    buffer.pod_template = reference.at("name").text();
  if (const JsonField reference = spec.at("scalableRef"); reference.exists()) {
    buffer.scalable =
        CapacityBuffer::ScalableReference{.api_group = std::string(reference.at("apiGroup").text()),
                                          .kind = std::string(reference.at("kind").text()),
                                          .name = std::string(reference.at("name").text())};
  }
  buffer.replicas = optional_count(spec.at("replicas"));
  buffer.percentage = optional_count(spec.at("percentage"));
  if (const JsonField limits = spec.at("limits"); limits.exists())
    buffer.limits = decode_limits(limits);
  decode_status(root.at("status"), buffer);
  buffer.decode_problems = decode_problems_of(json, problems);
  return buffer;
}

boost::json::value encode(const CapacityBuffer& buffer) {
  boost::json::object spec;
  put_text(spec, "provisioningStrategy", buffer.provisioning_strategy);
  if (buffer.pod_template)
    spec["podTemplateRef"] = boost::json::object{{"name", *buffer.pod_template}};
  if (buffer.scalable) {
    boost::json::object reference{{"kind", buffer.scalable->kind}, {"name", buffer.scalable->name}};
    put_text(reference, "apiGroup", buffer.scalable->api_group);
    spec["scalableRef"] = std::move(reference);
  }
  if (buffer.replicas) spec["replicas"] = *buffer.replicas;
  if (buffer.percentage) spec["percentage"] = *buffer.percentage;
  if (buffer.limits) spec["limits"] = encode_limits(*buffer.limits);
  boost::json::object json =
      encode_kind("autoscaling.x-k8s.io/v1beta1", "CapacityBuffer", buffer.meta);
  json["spec"] = std::move(spec);
  json["status"] = encode_status(buffer);
  put_decode_problems(json, buffer.decode_problems);
  return json;
}

}  // namespace hyperwright::kube
