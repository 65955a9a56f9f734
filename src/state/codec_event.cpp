// The way in as JSON: one member a line that says which event it is.
#include <array>

#include <boost/json.hpp>

#include "state/codec.h"
#include "state/codec_fields.h"
#include "state/codec_hyperpod.h"
#include "state/codec_object.h"

namespace hyperwright::state {

namespace json = boost::json;

template <>
struct Fields<Gone> {
  static void walk(auto& io, auto& gone) {
    io("kind", gone.kind);
    io("namespace", gone.key.namespace_);
    io("name", gone.key.name);
    io("uid", gone.uid);
    io("version", gone.resource_version);
  }
};

template <>
struct Fields<DefaultSpreadConstraint> {
  static void walk(auto& io, auto& spread) {
    io("maxSkew", spread.max_skew);
    io("topologyKey", spread.topology_key);
    io("whenUnsatisfiable", spread.when_unsatisfiable);
    io("minDomains", spread.min_domains);
    io("nodeAffinityPolicy", spread.node_affinity_policy);
    io("nodeTaintsPolicy", spread.node_taints_policy);
  }
};

template <>
struct Fields<FeatureGates> {
  static void walk(auto& io, auto& gates) {
    io("reservedCapacity", gates.reserved_capacity);
    io("nodeOverlay", gates.node_overlay);
    io("staticCapacity", gates.static_capacity);
    io("capacityBuffer", gates.capacity_buffer);
  }
};

template <>
struct Fields<hyperpod::Discount> {
  static void walk(auto& io, auto& discount) {
    io("type", discount.type);
    io("group", discount.group);
    io("capacityType", discount.capacity_type);
    io("millionthsOff", discount.millionths_off);
  }
};

template <>
struct Fields<hyperpod::TypePrice> {
  static void walk(FieldWriter& writer, const hyperpod::TypePrice& priced) {
    writer("type", priced.type);
    writer("microDollars", priced.price.per_hour.micros());
    writer("estimated", priced.price.is_estimated);
    writer("source", priced.origin.source);
    writer("asOf", priced.origin.as_of);
  }
  static void walk(FieldReader& reader, hyperpod::TypePrice& priced) {
    std::int64_t micros = 0;
    reader("type", priced.type);
    reader("microDollars", micros);
    reader("estimated", priced.price.is_estimated);
    reader("source", priced.origin.source);
    reader("asOf", priced.origin.as_of);
    priced.price.per_hour = hyperpod::MicroDollars(micros);
  }
};

template <>
struct Fields<Options> {
  static void walk(auto& io, auto& options) {
    io("cluster", options.cluster);
    io("batchIdle", options.batch_idle);
    io("batchMax", options.batch_max);
    io("registrationTimeout", options.registration_timeout);
    io("capacityTimeout", options.capacity_timeout);
    io("unavailableFor", options.unavailable_for);
    io("preferencePolicy", options.preference_policy);
    io("minValuesPolicy", options.min_values_policy);
    io("defaultSpread", options.default_spread);
    io("featureGates", options.gates);
    io("discounts", options.discounts.list);
  }
};

namespace {

// What came back stands under the name of what it is; in the order of Payload.
constexpr std::array<std::string_view, std::variant_size_v<Payload>> kPayloads = {
    "",      "object",  "cluster", "subnets", "nodes",       "node",
    "added", "deleted", "events",  "event",   "trainingPlan"};

template <std::size_t I>
void read_payload(FieldReader& reader, Payload& payload) {
  if constexpr (I < kPayloads.size()) {
    if (!reader.has(kPayloads[I])) return read_payload<I + 1>(reader, payload);
    reader(kPayloads[I], payload.emplace<I>());
  }
}

template <typename Body>
json::value wrapped(std::string_view name, const Body& body) {
  json::object object;
  FieldWriter writer(object);
  writer(name, body);
  return object;
}

}  // namespace

template <>
struct Fields<Answered> {
  static void walk(FieldWriter& writer, const Answered& answered) {
    writer("effect", answered.effect);
    writer("outcome", answered.outcome);
    writer("message", answered.message);
    std::visit(
        [&]<typename T>(const T& payload) {
          // As an optional: an empty list of subnets is an answer, too.
          if constexpr (!std::same_as<T, std::monostate>)
            writer(kPayloads[answered.payload.index()], std::optional(payload));
        },
        answered.payload);
  }
  static void walk(FieldReader& reader, Answered& answered) {
    reader("effect", answered.effect);
    reader("outcome", answered.outcome);
    reader("message", answered.message);
    read_payload<1>(reader, answered.payload);
  }
};

json::value encode(const Event& event) {
  if (const auto* changed = std::get_if<Changed>(&event))
    return wrapped("changed", changed->object);
  if (const auto* gone = std::get_if<Gone>(&event)) return wrapped("gone", *gone);
  if (const auto* synced = std::get_if<Synced>(&event)) return wrapped("synced", synced->kind);
  // As an optional: an empty list is an event, too.
  if (const auto* priced = std::get_if<Priced>(&event))
    return wrapped("priced", std::optional(priced->prices));
  return wrapped("answered", std::get<Answered>(event));
}

Result<Event> decode_event(const json::value& value) {
  DecodeProblem problem;
  FieldReader reader(value, {}, problem);
  Event event;
  if (reader.has("changed")) {
    reader("changed", event.emplace<Changed>().object);
  } else if (reader.has("gone")) {
    reader("gone", event.emplace<Gone>());
  } else if (reader.has("synced")) {
    reader("synced", event.emplace<Synced>().kind);
  } else if (reader.has("answered")) {
    reader("answered", event.emplace<Answered>());
  } else if (reader.has("priced")) {
    reader("priced", event.emplace<Priced>().prices);
  } else {
    problem.keep("it is none of changed, gone, synced, answered and priced");
  }
  reader.finish();
  if (problem.is_there()) return problem.failure();
  return event;
}

json::value encode(const Options& options) {
  json::object object;
  FieldWriter writer(object);
  Fields<Options>::walk(writer, options);
  return object;
}

Result<Options> decode_options(const json::value& value) {
  DecodeProblem problem;
  FieldReader reader(value, {}, problem);
  Options options;
  Fields<Options>::walk(reader, options);
  reader.finish();
  if (problem.is_there()) return problem.failure();
  return options;
}

}  // namespace hyperwright::state
