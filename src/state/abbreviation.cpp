#include "state/abbreviation.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "state/codec_hyperpod.h"
#include "state/json_delta.h"
#include "state/snapshot.h"

namespace hyperwright::state {
namespace json = boost::json;
namespace {

constexpr std::string_view kStandsFor = "~";
constexpr std::string_view kBy = "by";
constexpr std::string_view kCluster = "Cluster";
// "changed" and "object" stand one below the event, objects of effects two.
constexpr int kDepth = 3;

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view{};
}

template <typename T>
json::value fields_of(const T& value) {
  json::object object;
  FieldWriter writer(object);
  Fields<T>::walk(writer, value);
  return object;
}

std::optional<json::value> object_in(const ClusterState& known, std::string_view kind,
                                     std::string_view namespace_, std::string_view name) {
  const auto of = parse_word<Kind>(kind);
  const auto found =
      of ? find_object(known, *of, {std::string(namespace_), std::string(name)}) : std::nullopt;
  return found ? std::optional(encode(*found)) : std::nullopt;
}

Failure unknown(std::string what) {
  return fail(ErrorCode::Invalid,
              fmt::format("it says what changed of {}, which the picture does not hold", what),
              "the file was changed, or an earlier part of it was replayed differently");
}

// --- HyperPod's nodes ---

class KnownNodes {
 public:
  explicit KnownNodes(const ClusterState& known) {
    for (const auto& [id, record] : known.hyperpod().nodes()) nodes_.push_back(&record.node);
  }
  [[nodiscard]] std::optional<std::size_t> place_of(std::string_view logical_id) const {
    const auto it = std::ranges::lower_bound(
        nodes_, logical_id, {},
        [](const hyperpod::Node* node) -> std::string_view { return node->logical_id; });
    if (it == nodes_.end() || (*it)->logical_id != logical_id) return std::nullopt;
    return static_cast<std::size_t>(it - nodes_.begin());
  }
  // By its number: a place, or -1 - place.
  [[nodiscard]] std::optional<json::value> at(std::int64_t number) const {
    const bool is_of_list = number < 0;
    const auto place = static_cast<std::size_t>(is_of_list ? -1 - number : number);
    if (place >= nodes_.size()) return std::nullopt;
    hyperpod::Node node = *nodes_[place];
    if (is_of_list) {
      node.zone.clear();
      node.zone_id.clear();
      node.capacity_type = hyperpod::Node{}.capacity_type;
      node.private_dns_hostname.clear();
    }
    return fields_of(node);
  }

 private:
  std::vector<const hyperpod::Node*> nodes_;
};

void abbreviate_node(json::value& item, const KnownNodes& nodes) {
  if (!item.is_object()) return;
  const auto place = nodes.place_of(text_in(item.get_object(), "logicalId"));
  if (!place) return;
  auto number = static_cast<std::int64_t>(*place);
  if (!item.get_object().contains("zone")) number = -1 - number;
  const auto base = nodes.at(number);
  if (!base) return;
  if (*base == item) {
    item = number;
  } else if (auto by = delta(*base, item)) {
    item = json::array{number, std::move(*by)};
  }
}

Status write_out_node(json::value& item, const KnownNodes& nodes) {
  if (item.is_object()) return {};
  const json::array* pair = item.if_array();
  if (pair != nullptr && pair->size() != 2) return unknown("a node");
  const std::int64_t* number = (pair != nullptr ? (*pair)[0] : item).if_int64();
  const auto base = number != nullptr ? nodes.at(*number) : std::nullopt;
  if (!base) return unknown("a node of HyperPod's");
  item = pair != nullptr ? patched(*base, (*pair)[1]) : *base;
  return {};
}

json::array* items_of_nodes(json::object& answered) {
  json::value* nodes = answered.if_contains("nodes");
  if (nodes == nullptr || !nodes->is_object()) return nullptr;
  json::value* items = nodes->get_object().if_contains("items");
  return items == nullptr ? nullptr : items->if_array();
}

// --- objects, and the cluster ---

void abbreviate_object(json::value& value, const ClusterState& known) {
  const json::object& object = value.get_object();
  const json::value* meta = object.if_contains("metadata");
  if (meta == nullptr || !meta->is_object()) return;
  const std::string kind(text_in(object, "kind"));
  const std::string namespace_(text_in(meta->get_object(), "namespace"));
  const std::string name(text_in(meta->get_object(), "name"));
  if (text_in(meta->get_object(), "uid").empty()) return;
  const auto base = object_in(known, kind, namespace_, name);
  if (!base) return;
  auto by = delta(*base, value);
  if (!by) return;
  json::object shorter;
  shorter[kStandsFor] = kind;
  if (!namespace_.empty()) shorter["in"] = namespace_;
  shorter["name"] = name;
  shorter[kBy] = std::move(*by);
  value = std::move(shorter);
}

void abbreviate_cluster(json::value& value, const ClusterState& known) {
  if (!known.hyperpod().cluster()) return;
  auto by = delta(fields_of(*known.hyperpod().cluster()), value);
  if (!by) return;
  json::object shorter;
  shorter[kStandsFor] = kCluster;
  shorter[kBy] = std::move(*by);
  value = std::move(shorter);
}

Status write_out_object(json::value& value, const ClusterState& known) {
  const json::object& object = value.get_object();
  const std::string_view kind = text_in(object, kStandsFor);
  const json::value* by = object.if_contains(kBy);
  std::optional<json::value> base;
  if (kind == kCluster) {
    if (known.hyperpod().cluster()) base = fields_of(*known.hyperpod().cluster());
  } else {
    base = object_in(known, kind, text_in(object, "in"), text_in(object, "name"));
  }
  if (!base || by == nullptr) return unknown(fmt::format("{} {}", kind, text_in(object, "name")));
  value = patched(*std::move(base), *by);
  return {};
}

void abbreviate_at(json::value& value, const ClusterState& known, int depth) {
  json::object* members = value.if_object();
  if (members == nullptr || depth > kDepth) return;
  if (members->contains("apiVersion")) return abbreviate_object(value, known);
  for (auto& [key, member] : *members) abbreviate_at(member, known, depth + 1);
}

Status write_out_at(json::value& value, const ClusterState& known, int depth) {
  json::object* members = value.if_object();
  if (members == nullptr || depth > kDepth) return {};
  if (members->contains(kStandsFor)) return write_out_object(value, known);
  for (auto& [key, member] : *members) {
    if (auto written = write_out_at(member, known, depth + 1); !written) return written;
  }
  return {};
}

}  // namespace

void abbreviate(json::value& value, const ClusterState& known) {
  json::object* members = value.if_object();
  json::value* answered = members == nullptr ? nullptr : members->if_contains("answered");
  if (answered != nullptr && answered->is_object()) {
    if (json::array* items = items_of_nodes(answered->get_object())) {
      const KnownNodes nodes(known);
      for (json::value& item : *items) abbreviate_node(item, nodes);
    }
    if (json::value* cluster = answered->get_object().if_contains("cluster"))
      abbreviate_cluster(*cluster, known);
  }
  abbreviate_at(value, known, 0);
}

Status write_out(json::value& value, const ClusterState& known) {
  json::object* members = value.if_object();
  json::value* answered = members == nullptr ? nullptr : members->if_contains("answered");
  if (answered != nullptr && answered->is_object()) {
    if (json::array* items = items_of_nodes(answered->get_object())) {
      const KnownNodes nodes(known);
      for (json::value& item : *items) {
        if (auto written = write_out_node(item, nodes); !written) return written;
      }
    }
  }
  return write_out_at(value, known, 0);
}

}  // namespace hyperwright::state
