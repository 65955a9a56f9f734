// What the answers of Kubernetes and of HyperPod mean to the loop.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/wire.h"
#include "kube/json_members.h"
#include "runtime/calls.h"
#include "state/codec_object.h"

namespace hyperwright::runtime {
namespace json = boost::json;
using namespace hyperwright::state;  // NOLINT(google-build-using-namespace): this file speaks of
                                     // nothing else

namespace {

using kube::text_at;

// The object that a write answered with, if it is one of the kinds that the loop watches. Deletions
// and evictions answer with a Status, which is none.
Payload object_in(const json::value& body) {
  const std::string_view kind = text_at(body, "kind");
  static constexpr Kind kWritten[] = {Kind::Node,      Kind::NodePool,    Kind::NodeClaim,
                                      Kind::NodeClass, Kind::NodeOverlay, Kind::CapacityBuffer};
  for (const Kind written : kWritten) {
    if (to_string(written) != kind) continue;
    if (auto event = changed_event(written, body))
      return std::get<Changed>(std::move(*event)).object;
  }
  return {};
}

// What Kubernetes refuses it explains by a Status.
bool is_status(const json::value& body) { return text_at(body, "kind") == "Status"; }

Outcome outcome_of(const Effect& effect, int status, const json::value& body) {
  if (status >= 200 && status < 300) return Outcome::Done;
  // That an object is gone, or there already, is believed to the API server alone, and not to what
  // stands before it.
  if ((status == 404 || status == 409) && !is_status(body)) return Outcome::Unknown;
  const std::string_view reason = text_at(body, "reason");
  switch (status) {
    case 404:
      return Outcome::NotFound;
    case 409:
      return reason == "AlreadyExists" ? Outcome::AlreadyExists : Outcome::Conflict;
    case 429:
      return std::holds_alternative<EvictPod>(effect.action) ? Outcome::Blocked : Outcome::Retry;
    case 503:
      return Outcome::Retry;  // nobody was there to take it
    default:
      break;
  }
  // More than one PodDisruptionBudget on a pod is answered as an internal error; it is a block like
  // another.
  if (status == 500 && std::holds_alternative<EvictPod>(effect.action)) return Outcome::Blocked;
  // It may have been stored before the answer went wrong: etcd's own time-out is a 500.
  return status >= 500 || status == 408 ? Outcome::Unknown : Outcome::Rejected;
}

Outcome outcome_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::NotFound:
      return Outcome::NotFound;
    case ErrorCode::AlreadyExists:
      return Outcome::AlreadyExists;
    case ErrorCode::Conflict:
      return Outcome::Conflict;
    case ErrorCode::LimitExceeded:
      return Outcome::LimitExceeded;
    case ErrorCode::Throttled:
    case ErrorCode::Unavailable:
      return Outcome::Retry;
    case ErrorCode::Unknown:
      return Outcome::Unknown;
    case ErrorCode::Forbidden:
      return Outcome::Forbidden;
    case ErrorCode::Invalid:
    case ErrorCode::Internal:
      return Outcome::Rejected;
  }
  return Outcome::Rejected;
}

Result<Payload> subnets_in(const std::vector<std::string>& asked, const json::value& body) {
  const json::value* list = body.is_object() ? body.get_object().if_contains("Subnets") : nullptr;
  if (list == nullptr || !list->is_array())
    return fail(ErrorCode::Invalid, "DescribeSubnets: the answer has no list Subnets");
  std::vector<hyperpod::Subnet> subnets;
  for (const json::value& item : list->get_array()) {
    subnets.push_back({std::string(text_at(item, "SubnetId")),
                       std::string(text_at(item, "AvailabilityZone")),
                       std::string(text_at(item, "AvailabilityZoneId"))});
  }
  for (const std::string& id : asked) {
    if (std::ranges::find(subnets, id, &hyperpod::Subnet::id) == subnets.end())
      subnets.push_back({.id = id});
  }
  return Payload(std::move(subnets));
}

template <typename T>
Result<Payload> payload(Result<T> decoded) {
  if (!decoded) return fail(decoded.error());
  return Payload(std::move(*decoded));
}

Result<Payload> payload_of(const Action& action, const json::value& body) {
  if (std::holds_alternative<BatchAddClusterNodes>(action))
    return payload(hyperpod::decode_add_result(body));
  if (std::holds_alternative<BatchDeleteClusterNodes>(action))
    return payload(hyperpod::decode_delete_result(body));
  if (std::holds_alternative<DescribeCluster>(action))
    return payload(hyperpod::decode_cluster(body));
  if (const auto* question = std::get_if<DescribeSubnets>(&action))
    return subnets_in(question->ids, body);
  if (std::holds_alternative<ListClusterNodes>(action))
    return payload(hyperpod::decode_nodes(body));
  if (std::holds_alternative<DescribeClusterNode>(action))
    return payload(hyperpod::decode_node(body));
  if (std::holds_alternative<DescribeTrainingPlan>(action))
    return payload(hyperpod::decode_training_plan(body));
  if (std::holds_alternative<ListClusterEvents>(action))
    return payload(hyperpod::decode_events(body));
  if (std::holds_alternative<DescribeClusterEvent>(action))
    return payload(hyperpod::decode_event(body));
  return Payload{};
}

}  // namespace

Answered kubernetes_answer(const Effect& effect, int status, const json::value& body) {
  Answered answered{.effect = effect.id, .outcome = outcome_of(effect, status, body)};
  if (answered.outcome == Outcome::Done) {
    answered.payload = object_in(body);
    return answered;
  }
  const std::string_view message = text_at(body, "message");
  answered.message = message.empty() ? fmt::format("HTTP status {}", status) : std::string(message);
  return answered;
}

Answered hyperpod_answer(const Effect& effect, const Result<json::value>& answer) {
  if (!answer) return failed_answer(effect, answer.error());
  Answered answered{.effect = effect.id};
  auto decoded = payload_of(effect.action, *answer);
  if (!decoded) {
    // It took effect, but what it said cannot be read: asking again is safe, every call is
    // repeatable.
    answered.outcome = Outcome::Unknown;
    answered.message = decoded.error().text();
    return answered;
  }
  answered.payload = std::move(*decoded);
  return answered;
}

Answered failed_answer(const Effect& effect, const Error& error) {
  return {.effect = effect.id,
          .outcome = outcome_of(error.code()),
          .message = error.text(),
          .payload = {}};
}

Result<Event> changed_event(Kind kind, const json::value& object) {
  auto decoded = decode_object(kind, object);
  if (!decoded) return fail(decoded.error());
  return Event(Changed{std::move(*decoded)});
}

}  // namespace hyperwright::runtime
