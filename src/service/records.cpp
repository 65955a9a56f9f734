#include "service/records.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/enum_text.h"
#include "kube/json.h"

namespace hyperwright::service {
namespace json = boost::json;
namespace {

// One description of a record's fields serves both directions, so that none is forgotten in one:
// `io` is a Writer and the record const, or a Reader that fills it.
template <typename T>
struct Fields;

template <typename T>
concept HasFields = requires { sizeof(Fields<T>); };
template <typename T>
concept Number = std::integral<T> && !std::same_as<T, bool>;
template <typename T>
concept Word = std::is_enum_v<T>;

constexpr std::array<std::pair<NodePhase, std::string_view>, 5> kPhases = {{
    {NodePhase::Launching, "Launching"},
    {NodePhase::Retrying, "Retrying"},
    {NodePhase::Joining, "Joining"},
    {NodePhase::Running, "Running"},
    {NodePhase::ShuttingDown, "ShuttingDown"},
}};

json::value write(const std::string& text) { return json::value(text); }
json::value write(bool flag) { return json::value(flag); }
json::value write(Time time) { return json::value(time.unix_microseconds()); }
json::value write(Duration duration) { return json::value(duration.in_microseconds()); }
json::value write(const Random& random) {
  json::array words;
  for (const std::uint64_t word : random.state()) words.emplace_back(word);
  return words;
}
json::value write(const kube::StringMap& map) {
  json::object object;
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}
json::value write(NodePhase phase) {
  return json::value(
      std::ranges::find(kPhases, phase, &decltype(kPhases)::value_type::first)->second);
}
json::value write(const kube::Node& node) { return kube::encode(node); }
json::value write(Number auto number) { return json::value(number); }
json::value write(Word auto word) { return json::value(to_string(word)); }
json::value write(const Output& output);
template <HasFields T>
json::value write(const T& record);
template <typename T>
json::value write(const std::vector<T>& values) {
  json::array list;
  for (const T& value : values) list.push_back(write(value));
  return list;
}
// A list, so that a value that is there is told from one that is not, also where it is empty.
template <typename T>
json::value write(const std::optional<T>& value) {
  json::array list;
  if (value) list.push_back(write(*value));
  return list;
}

bool is_blank(const json::value& value) {
  return (value.is_string() && value.get_string().empty()) ||
         (value.is_bool() && !value.get_bool()) ||
         (value.is_array() && value.get_array().empty()) ||
         (value.is_object() && value.get_object().empty()) ||
         (value.is_int64() && value.get_int64() == 0) ||
         (value.is_uint64() && value.get_uint64() == 0);
}

struct Writer {
  json::object& object;
  template <typename T>
  void operator()(std::string_view name, const T& field) {
    json::value value = write(field);
    if (!is_blank(value)) object.emplace(name, std::move(value));
  }
};

// Each returns false where the JSON is not such a value.
bool read(const json::value& json, std::string& text) {
  if (!json.is_string()) return false;
  text = std::string_view(json.get_string());
  return true;
}
bool read(const json::value& json, bool& flag) {
  if (!json.is_bool()) return false;
  flag = json.get_bool();
  return true;
}
bool read(const json::value& json, Number auto& number) {
  if (!json.is_int64() && !json.is_uint64()) return false;
  boost::system::error_code out_of_range;
  number = json.to_number<std::remove_reference_t<decltype(number)>>(out_of_range);
  return !out_of_range;
}
bool read(const json::value& json, Time& time) {
  std::int64_t microseconds = 0;
  if (!read(json, microseconds)) return false;
  time = Time::from_unix_microseconds(microseconds);
  return true;
}
bool read(const json::value& json, Duration& duration) {
  std::int64_t microseconds = 0;
  if (!read(json, microseconds)) return false;
  duration = Duration::microseconds(microseconds);
  return true;
}
bool read(const json::value& json, Random& random) {
  Random::State state{};
  if (!json.is_array() || json.get_array().size() != state.size()) return false;
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (!read(json.get_array()[i], state[i])) return false;
  }
  random.set_state(state);
  return true;
}
bool read(const json::value& json, kube::StringMap& map) {
  if (!json.is_object()) return false;
  for (const auto& member : json.get_object()) {
    std::string text;
    if (!read(member.value(), text)) return false;
    map.set(member.key(), text);
  }
  return true;
}
bool read(const json::value& json, NodePhase& phase) {
  std::string text;
  if (!read(json, text)) return false;
  const auto* const at = std::ranges::find(kPhases, text, &decltype(kPhases)::value_type::second);
  if (at == kPhases.end()) return false;
  phase = at->first;
  return true;
}
bool read(const json::value& json, kube::Node& node) {
  auto decoded = kube::decode_node(json);
  if (decoded) node = std::move(*decoded);
  return decoded.has_value();
}
template <Word E>
bool read(const json::value& json, E& word) {
  std::string text;
  const auto known = read(json, text) ? hyperpod::enum_of<E>(text) : std::nullopt;
  if (known) word = *known;
  return known.has_value();
}
bool read(const json::value& json, Output& output);
template <HasFields T>
bool read(const json::value& json, T& record);
template <typename T>
bool read(const json::value& json, std::vector<T>& values) {
  if (!json.is_array()) return false;
  return std::ranges::all_of(json.get_array(), [&values](const json::value& element) {
    return read(element, values.emplace_back());
  });
}
template <typename T>
bool read(const json::value& json, std::optional<T>& value) {
  return json.is_array() && json.get_array().size() == 1 &&
         read(json.get_array()[0], value.emplace());
}

struct Reader {
  const json::object& object;
  std::string problem{};  // the first field that cannot be read
  template <typename T>
  void operator()(std::string_view name, T& field) {
    field = T{};
    const json::value* value = object.if_contains(name);
    if (value != nullptr && problem.empty() && !read(*value, field)) problem = name;
  }
  void operator()(std::string_view name, Random& random) {
    const json::value* value = object.if_contains(name);
    if (problem.empty() && (value == nullptr || !read(*value, random))) problem = name;
  }
};

template <>
struct Fields<hyperpod::Subnet> {
  static void walk(auto& io, auto& subnet) {
    io("id", subnet.id);
    io("zone", subnet.zone);
    io("zone_id", subnet.zone_id);
  }
};

template <>
struct Fields<kube::Taint> {
  static void walk(auto& io, auto& taint) {
    io("key", taint.key);
    io("value", taint.value);
    io("effect", taint.effect);
  }
};

template <>
struct Fields<GroupCounts> {
  static void walk(auto& io, auto& counts) {
    io("target", counts.target);
    io("min", counts.min);
  }
};

template <>
struct Fields<Bucket> {
  static void walk(auto& io, auto& bucket) {
    io("operation", bucket.operation);
    io("micro_tokens", bucket.micro_tokens);
    io("filled", bucket.filled);
  }
};

template <>
struct Fields<InstanceTime> {
  static void walk(auto& io, auto& time) {
    io("type", time.type);
    io("capacity_type", time.capacity_type);
    io("total", time.total);
  }
};

template <>
struct Fields<ControlPlane> {
  static void walk(auto& io, auto& state) {
    io("region", state.region);
    io("account", state.account);
    io("start", state.start);
    io("latest", state.latest);
    io("random", state.random);
    io("next_sequence", state.next_sequence);
    io("subnets", state.subnets);
    io("buckets", state.buckets);
    io("ended_instances", state.ended_instances);
  }
};

template <>
struct Fields<ClusterRecord> {
  static void walk(auto& io, auto& cluster) {
    io("sequence", cluster.sequence);
    io("name", cluster.name);
    io("arn", cluster.arn);
    io("status", cluster.status);
    io("created", cluster.created);
    io("due", cluster.due);
    io("eks_cluster_arn", cluster.eks_cluster_arn);
    io("subnets", cluster.subnets);
    io("node_recovery", cluster.node_recovery);
    io("auto_scaling", cluster.auto_scaling);
    io("cluster_role", cluster.cluster_role);
    io("as_given", cluster.as_given);
  }
};

template <>
struct Fields<GroupRecord> {
  static void walk(auto& io, auto& group) {
    io("sequence", group.sequence);
    io("name", group.name);
    io("status", group.status);
    io("instance_types", group.instance_types);
    io("is_flexible", group.is_flexible);
    io("min_count", group.min_count);
    io("min_deadline", group.min_deadline);
    io("last_in_service", group.last_in_service);
    io("subnets", group.subnets);
    io("capacity_type", group.capacity_type);
    io("labels", group.labels);
    io("taints", group.taints);
    io("has_deep_health_checks", group.has_deep_health_checks);
    io("as_given", group.as_given);
  }
};

template <>
struct Fields<NodeRecord> {
  static void walk(auto& io, auto& node) {
    io("sequence", node.sequence);
    io("logical_id", node.logical_id);
    io("group", node.group);
    io("phase", node.phase);
    io("created", node.created);
    io("due", node.due);
    io("wanted_types", node.wanted_types);
    io("wanted_zones", node.wanted_zones);
    io("instance_id", node.instance_id);
    io("instance_type", node.instance_type);
    io("place", node.place);
    io("private_ip", node.private_ip);
    io("launched", node.launched);
    io("is_registered", node.is_registered);
    io("is_replacing", node.is_replacing);
    io("message", node.message);
  }
};

template <>
struct Fields<EventRecord> {
  static void walk(auto& io, auto& event) {
    io("sequence", event.sequence);
    io("id", event.id);
    io("time", event.time);
    io("level", event.level);
    io("resource_type", event.resource_type);
    io("group", event.group);
    io("instance_id", event.instance_id);
    io("description", event.description);
    io("node_logical_id", event.node_logical_id);
    io("failure_message", event.failure_message);
    io("lifecycle_state", event.lifecycle_state);
    io("scaling", event.scaling);
  }
};

template <>
struct Fields<hyperpod::NodeAddition> {
  static void walk(auto& io, auto& addition) {
    io("logical_id", addition.logical_id);
    io("group", addition.group);
    io("status", addition.status);
    io("zones", addition.zones);
    io("types", addition.types);
  }
};

template <>
struct Fields<hyperpod::AddFailure> {
  static void walk(auto& io, auto& failure) {
    io("group", failure.group);
    io("code", failure.code);
    io("count", failure.count);
    io("zones", failure.zones);
    io("types", failure.types);
    io("message", failure.message);
  }
};

template <>
struct Fields<hyperpod::AddResult> {
  static void walk(auto& io, auto& result) {
    io("successful", result.successful);
    io("failed", result.failed);
  }
};

template <>
struct Fields<AddCall> {
  static void walk(auto& io, auto& call) {
    io("sequence", call.sequence);
    io("token", call.token);
    io("parameters", call.parameters);
    io("time", call.time);
    io("result", call.result);
  }
};

template <>
struct Fields<NodeToRegister> {
  static void walk(auto& io, auto& output) {
    io("cluster", output.cluster);
    io("node", output.node);
  }
};

template <>
struct Fields<NodeToRemove> {
  static void walk(auto& io, auto& output) {
    io("cluster", output.cluster);
    io("name", output.name);
  }
};

template <>
struct Fields<NodeToChange> {
  static void walk(auto& io, auto& output) {
    io("cluster", output.cluster);
    io("name", output.name);
    io("set_labels", output.set_labels);
    io("removed_labels", output.removed_labels);
    io("set_taints", output.set_taints);
    io("removed_taints", output.removed_taints);
  }
};

template <>
struct Fields<OutputRecord> {
  static void walk(auto& io, auto& record) {
    io("sequence", record.sequence);
    io("output", record.output);
  }
};

// Named by the index in Output's list of alternatives.
constexpr std::array<std::string_view, 3> kOutputs = {"register", "remove", "change"};

json::value write(const Output& output) {
  json::object object;
  object.emplace(kOutputs.at(output.index()),
                 std::visit([](const auto& action) { return write(action); }, output));
  return object;
}

bool read(const json::value& json, Output& output) {
  if (!json.is_object() || json.get_object().size() != 1) return false;
  const auto& member = *json.get_object().begin();
  const std::string_view name = member.key();
  const json::value& inner = member.value();
  if (name == kOutputs[0]) return read(inner, output.emplace<NodeToRegister>());
  if (name == kOutputs[1]) return read(inner, output.emplace<NodeToRemove>());
  return name == kOutputs[2] && read(inner, output.emplace<NodeToChange>());
}

template <HasFields T>
json::value write(const T& record) {
  json::object object;
  Writer writer{object};
  Fields<T>::walk(writer, record);
  return object;
}

template <HasFields T>
bool read(const json::value& json, T& record) {
  if (!json.is_object()) return false;
  Reader reader{json.get_object()};
  Fields<T>::walk(reader, record);
  return reader.problem.empty();
}

template <typename T>
Result<T> decode(std::string_view text) {
  boost::system::error_code error;
  const json::value json = json::parse(text, error);
  if (error || !json.is_object()) return fail(ErrorCode::Invalid, "the record is no JSON object");
  T record;
  Reader reader{json.get_object()};
  Fields<T>::walk(reader, record);
  if (reader.problem.empty()) return record;
  return fail(ErrorCode::Invalid, fmt::format("the field \"{}\" cannot be read", reader.problem));
}

}  // namespace

std::string encode_record(const ControlPlane& state) { return json::serialize(write(state)); }
std::string encode_record(const ClusterRecord& cluster) { return json::serialize(write(cluster)); }
std::string encode_record(const GroupRecord& group) { return json::serialize(write(group)); }
std::string encode_record(const NodeRecord& node) { return json::serialize(write(node)); }
std::string encode_record(const EventRecord& event) { return json::serialize(write(event)); }
std::string encode_record(const AddCall& call) { return json::serialize(write(call)); }
std::string encode_record(const OutputRecord& output) { return json::serialize(write(output)); }

Result<ControlPlane> decode_service(std::string_view text) { return decode<ControlPlane>(text); }
Result<ClusterRecord> decode_cluster(std::string_view text) { return decode<ClusterRecord>(text); }
Result<GroupRecord> decode_group(std::string_view text) { return decode<GroupRecord>(text); }
Result<NodeRecord> decode_node(std::string_view text) { return decode<NodeRecord>(text); }
Result<EventRecord> decode_event(std::string_view text) { return decode<EventRecord>(text); }
Result<AddCall> decode_add_call(std::string_view text) { return decode<AddCall>(text); }
Result<OutputRecord> decode_output(std::string_view text) { return decode<OutputRecord>(text); }

}  // namespace hyperwright::service
