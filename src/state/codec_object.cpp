#include "state/codec_object.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"

namespace hyperwright::state {
namespace {

namespace json = boost::json;

constexpr std::string_view kProblems = "decodeProblems";

template <typename T>
concept MayBeHalfRead = requires(T typed) { typed.decode_problems; };

template <typename T>
Result<Object> as_object(Result<T> decoded) {
  if (!decoded) return fail(decoded.error());
  return Object(*std::move(decoded));
}

// What the first reading found is what counts: the half that was kept may lack what a reading asks for.
template <typename T>
Result<Object> with_problems(Result<T> decoded, const json::object& members) {
  if (!decoded) return fail(decoded.error());
  decoded->decode_problems.clear();
  const json::value* problems = members.if_contains(kProblems);
  if (problems == nullptr) return Object(*std::move(decoded));
  if (!problems->is_array()) return fail(ErrorCode::Invalid, fmt::format("{} is no list", kProblems));
  for (const json::value& problem : problems->get_array()) {
    if (!problem.is_string()) return fail(ErrorCode::Invalid, fmt::format("{} has an entry that is no text", kProblems));
    decoded->decode_problems.emplace_back(problem.get_string());
  }
  return Object(*std::move(decoded));
}

std::optional<Kind> kind_named(const json::object& members) {
  const json::value* kind = members.if_contains("kind");
  if (kind == nullptr || !kind->is_string()) return std::nullopt;
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (to_string(static_cast<Kind>(i)) == std::string_view(kind->get_string())) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

}  // namespace

template <typename T>
json::value encode_object(const T& typed) {
  json::value encoded = kube::encode(typed);
  if constexpr (MayBeHalfRead<T>) {
    if (!typed.decode_problems.empty()) {
      json::array problems(typed.decode_problems.begin(), typed.decode_problems.end());
      encoded.as_object()[kProblems] = std::move(problems);
    }
  }
  return encoded;
}
template json::value encode_object(const kube::NodeClaim&);
template json::value encode_object(const kube::NodePool&);
template json::value encode_object(const kube::HyperpodNodeClass&);

json::value encode_object(const Object& object) {
  return std::visit([](const auto& typed) { return encode_object(typed); }, object);
}

Result<Object> decode_object(const json::value& value) {
  const json::object* members = value.if_object();
  const auto kind = members == nullptr ? std::nullopt : kind_named(*members);
  if (!kind) {
    return fail(ErrorCode::Invalid, "it is no object of a kind that is watched",
                "kind must be Pod, Node, NodePool, NodeClaim, HyperpodNodeClass, DaemonSet or PodDisruptionBudget");
  }
  switch (*kind) {
    case Kind::Pod:
      return as_object(kube::decode_pod(value));
    case Kind::Node:
      return as_object(kube::decode_node(value));
    case Kind::NodePool:
      return with_problems(kube::decode_node_pool(value), *members);
    case Kind::NodeClaim:
      return as_object(kube::decode_node_claim(value));
    case Kind::NodeClass:
      return with_problems(kube::decode_hyperpod_node_class(value), *members);
    case Kind::DaemonSet:
      return as_object(kube::decode_daemon_set(value));
    case Kind::PodDisruptionBudget:
      return as_object(kube::decode_pod_disruption_budget(value));
  }
  return fail(ErrorCode::Internal, "a kind that is watched has no decoder");
}

}  // namespace hyperwright::state
