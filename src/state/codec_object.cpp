#include "state/codec_object.h"

#include <boost/json.hpp>

#include "kube/json.h"

namespace hyperwright::state {
namespace {

namespace json = boost::json;

template <typename T>
Result<Object> as_object(Result<T> decoded) {
  if (!decoded) return fail(decoded.error());
  return Object(*std::move(decoded));
}

std::optional<Kind> kind_named(const json::object& members) {
  const json::value* kind = members.if_contains("kind");
  if (kind == nullptr || !kind->is_string()) return std::nullopt;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (to_string(static_cast<Kind>(i)) == std::string_view(kind->get_string()))
      return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace

json::value encode_object(const Object& object) {
  return std::visit([](const auto& typed) { return kube::encode(typed); }, object);
}

Result<Object> decode_object(const json::value& value) {
  const json::object* members = value.if_object();
  const auto kind = members == nullptr ? std::nullopt : kind_named(*members);
  if (!kind) {
    return fail(ErrorCode::Invalid, "it is no object of a kind that is watched",
                "kind must be Pod, Node, NodePool, NodeClaim, HyperpodNodeClass, DaemonSet or "
                "PodDisruptionBudget");
  }
  switch (*kind) {
    case Kind::Pod:
      return as_object(kube::decode_pod(value));
    case Kind::Node:
      return as_object(kube::decode_node(value));
    case Kind::NodePool:
      return as_object(kube::decode_node_pool(value));
    case Kind::NodeClaim:
      return as_object(kube::decode_node_claim(value));
    case Kind::NodeClass:
      return as_object(kube::decode_hyperpod_node_class(value));
    case Kind::DaemonSet:
      return as_object(kube::decode_daemon_set(value));
    case Kind::PodDisruptionBudget:
      return as_object(kube::decode_pod_disruption_budget(value));
  }
  return fail(ErrorCode::Internal, "a kind that is watched has no decoder");
}

}  // namespace hyperwright::state
