#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {

Result<NodeOverlay> decode_node_overlay(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  NodeOverlay overlay;
  overlay.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("NodeOverlay", overlay.meta, problems); !named)
    return fail(named.error());
  overlay.requirements = decode_node_requirements(spec.at("requirements"));
  overlay.price = spec.at("price").text();
  overlay.price_adjustment = spec.at("priceAdjustment").text();
  overlay.capacity = decode_resources(spec.at("capacity"));
  if (const JsonField weight = spec.at("weight"); weight.exists()) {
    overlay.weight =
        static_cast<std::int32_t>(weight.integer({.min = 1, .max = 10'000, .otherwise = 0}));
  }
  overlay.conditions =
      decode_conditions(status.at("conditions"), [](std::string_view) { return true; });
  overlay.decode_problems = decode_problems_of(json, problems);
  return overlay;
}

boost::json::value encode(const NodeOverlay& overlay) {
  boost::json::object spec;
  spec["requirements"] = encode_requirements(overlay.requirements);
  put_text(spec, "price", overlay.price);
  put_text(spec, "priceAdjustment", overlay.price_adjustment);
  put_object(spec, "capacity", encode_amounts(overlay.capacity));
  if (overlay.weight != 0) spec["weight"] = overlay.weight;
  boost::json::object status;
  put_array(status, "conditions", encode(overlay.conditions).as_array());
  boost::json::object json = encode_kind("karpenter.sh/v1alpha1", "NodeOverlay", overlay.meta);
  json["spec"] = std::move(spec);
  json["status"] = std::move(status);
  put_decode_problems(json, overlay.decode_problems);
  return json;
}

}  // namespace hyperwright::kube
