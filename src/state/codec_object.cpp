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
                "kind must be one that the loop watches, such as Pod, Node or NodePool");
  }
  return decode_object(*kind, value);
}

Result<Object> decode_object(Kind kind, const json::value& value) {
  switch (kind) {
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
    case Kind::PersistentVolume:
      return as_object(kube::decode_persistent_volume(value));
    case Kind::PersistentVolumeClaim:
      return as_object(kube::decode_persistent_volume_claim(value));
    case Kind::StorageClass:
      return as_object(kube::decode_storage_class(value));
    case Kind::CsiNode:
      return as_object(kube::decode_csi_node(value));
    case Kind::Namespace:
      return as_object(kube::decode_namespace(value));
    case Kind::Service:
      return as_object(kube::decode_service(value));
    case Kind::ReplicaSet:
      return as_object(kube::decode_replica_set(value));
    case Kind::StatefulSet:
      return as_object(kube::decode_stateful_set(value));
    case Kind::ReplicationController:
      return as_object(kube::decode_replication_controller(value));
    case Kind::Deployment:
      return as_object(kube::decode_deployment(value));
    case Kind::PodTemplate:
      return as_object(kube::decode_pod_template(value));
    case Kind::NodeOverlay:
      return as_object(kube::decode_node_overlay(value));
    case Kind::CapacityBuffer:
      return as_object(kube::decode_capacity_buffer(value));
  }
  return fail(ErrorCode::Internal, "a kind that is watched has no decoder");
}

}  // namespace hyperwright::state
