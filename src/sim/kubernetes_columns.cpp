#include "sim/kubernetes_columns.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_selectors.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

constexpr std::string_view kNone = "<none>";

// The columns as text: "Name|Ready|*IP": a star marks those that only -o wide shows, ':' the type.
std::string_view column_list(std::string_view kind) {
  static constexpr std::pair<std::string_view, std::string_view> kLists[] = {
      {"ConfigMap", "Name|Data|Age"},
      {"CSINode", "Name|Drivers:integer|Age"},
      {"CustomResourceDefinition", "Name|Created At:date"},
      {"DaemonSet",
       "Name|Desired:integer|Current:integer|Ready:integer|Up-to-date:integer|Available:integer|"
       "Node Selector|Age|"
       "*Containers|*Images|*Selector"},
      {"Deployment",
       "Name|Ready|Up-to-date:integer|Available:integer|Age|*Containers|*Images|*Selector"},
      {"Event", "Last Seen|Type|Reason|Object|*Subobject|*Source|Message|*First Seen|*Count|*Name"},
      {"Job", "Name|Status|Completions|Duration|Age|*Containers|*Images|*Selector"},
      {"Lease", "Name|Holder|Age"},
      {"Namespace", "Name|Status|Age"},
      {"Node",
       "Name|Status|Roles|Age|Version|*Internal-IP|*External-IP|*OS-Image|*Kernel-Version|*"
       "Container-Runtime"},
      {"PersistentVolume",
       "Name|Capacity|Access Modes|Reclaim "
       "Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|"
       "*VolumeMode"},
      {"PersistentVolumeClaim",
       "Name|Status|Volume|Capacity|Access "
       "Modes|StorageClass|VolumeAttributesClass|Age|*VolumeMode"},
      {"Pod", "Name|Ready|Status|Restarts|Age|*IP|*Node|*Nominated Node|*Readiness Gates"},
      {"PodDisruptionBudget", "Name|Min Available|Max Unavailable|Allowed Disruptions:integer|Age"},
      {"PodTemplate", "Name|Containers|Images|Pod Labels"},
      {"PriorityClass", "Name|Value:integer|Global-Default:boolean|Age|PreemptionPolicy"},
      {"ReplicaSet",
       "Name|Desired:integer|Current:integer|Ready:integer|Age|*Containers|*Images|*Selector"},
      {"ReplicationController",
       "Name|Desired:integer|Current:integer|Ready:integer|Age|*Containers|*Images|*Selector"},
      {"RuntimeClass", "Name|Handler|Age"},
      {"Secret", "Name|Type|Data:integer|Age"},
      {"Service", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector"},
      {"ServiceAccount", "Name|Age"},
      {"StatefulSet", "Name|Ready|Age|*Containers|*Images"},
      {"StorageClass", "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age"},
      {"VolumeAttachment", "Name|Attacher|PV|Node|Attached:boolean|Age"},
  };
  const auto* it =
      std::ranges::find(kLists, kind, &std::pair<std::string_view, std::string_view>::first);
  return it == std::end(kLists) ? std::string_view("Name|Age") : it->second;
}

json::value cell(const json::object& object, FieldPath path, std::string_view otherwise = kNone) {
  const json::value* found = find_field(object, path);
  if (found == nullptr || found->is_null())
    return json::value(json::string_view(otherwise.data(), otherwise.size()));
  if (found->is_string() && found->get_string().empty()) {
    return json::value(json::string_view(otherwise.data(), otherwise.size()));
  }
  return *found;
}

json::value text_cell(const json::object& object, FieldPath path,
                      std::string_view otherwise = kNone) {
  const json::value value = cell(object, path, otherwise);
  return value.is_string() ? value : json::value(json::serialize(value));
}

std::int64_t size_at(const json::object& object, FieldPath path) {
  if (const json::object* map = object_field(object, path))
    return static_cast<std::int64_t>(map->size());
  if (const json::array* list = array_field(object, path))
    return static_cast<std::int64_t>(list->size());
  return 0;
}

std::string access_modes(const json::object& object) {
  static constexpr std::pair<std::string_view, std::string_view> kShort[] = {
      {"ReadWriteOnce", "RWO"},
      {"ReadOnlyMany", "ROX"},
      {"ReadWriteMany", "RWX"},
      {"ReadWriteOncePod", "RWOP"}};
  std::vector<std::string_view> modes;
  if (const json::array* list = array_field(object, {"spec", "accessModes"})) {
    for (const auto& [name, short_name] : kShort) {
      if (std::ranges::find(*list, json::value(json::string_view(name.data(), name.size()))) !=
          list->end()) {
        modes.push_back(short_name);
      }
    }
  }
  return fmt::format("{}", fmt::join(modes, ","));
}

std::string service_ports(const json::object& service) {
  std::vector<std::string> ports;
  if (const json::array* list = array_field(service, {"spec", "ports"})) {
    for (const json::value& item : *list) {
      if (!item.is_object()) continue;
      const json::object& port = item.get_object();
      const std::int64_t node_port = int_field(port, {"nodePort"});
      ports.push_back(node_port > 0 ? fmt::format("{}:{}/{}", int_field(port, {"port"}), node_port,
                                                  text_field(port, {"protocol"}))
                                    : fmt::format("{}/{}", int_field(port, {"port"}),
                                                  text_field(port, {"protocol"})));
    }
  }
  return ports.empty() ? std::string(kNone) : fmt::format("{}", fmt::join(ports, ","));
}

json::array event_cells(const json::object& event, Time now) {
  const std::string_view last = text_field(event, {"lastTimestamp"});
  const std::string_view first = text_field(event, {"firstTimestamp"});
  const std::string_view micro = text_field(event, {"eventTime"});
  const std::string kind(text_field(event, {"involvedObject", "kind"}));
  std::string lower_kind = kind;
  std::ranges::transform(lower_kind, lower_kind.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const std::string_view host = text_field(event, {"source", "host"});
  std::string source(text_field(event, {"source", "component"}));
  if (source.empty()) source = text_field(event, {"reportingComponent"});
  if (!host.empty()) source += fmt::format(", {}", host);
  return {
      json::value(age_text(last.empty() ? micro : last, now)),
      text_cell(event, {"type"}, ""),
      text_cell(event, {"reason"}, ""),
      json::value(fmt::format("{}/{}", lower_kind, text_field(event, {"involvedObject", "name"}))),
      text_cell(event, {"involvedObject", "fieldPath"}, ""),
      json::value(source),
      text_cell(event, {"message"}, ""),
      json::value(age_text(first.empty() ? micro : first, now)),
      json::value(std::max<std::int64_t>(1, int_field(event, {"count"}, 1))),
      text_cell(event, {"metadata", "name"}, "")};
}

json::value name_cell(const json::object& object) { return cell(object, {"metadata", "name"}, ""); }

json::array volume_cells(const json::object& volume, Time now) {
  const std::string_view claim = text_field(volume, {"spec", "claimRef", "name"});
  return {
      name_cell(volume),
      text_cell(volume, {"spec", "capacity", "storage"}, ""),
      json::value(access_modes(volume)),
      text_cell(volume, {"spec", "persistentVolumeReclaimPolicy"}, ""),
      text_cell(volume, {"status", "phase"}, ""),
      json::value(
          claim.empty()
              ? std::string{}
              : fmt::format("{}/{}", text_field(volume, {"spec", "claimRef", "namespace"}), claim)),
      text_cell(volume, {"spec", "storageClassName"}, ""),
      text_cell(volume, {"spec", "volumeAttributesClassName"}, "<unset>"),
      text_cell(volume, {"status", "reason"}, ""),
      json::value(age_of(volume, now)),
      text_cell(volume, {"spec", "volumeMode"}, "<unset>")};
}

json::array claim_cells(const json::object& claim, Time now) {
  const bool is_bound = !text_field(claim, {"spec", "volumeName"}).empty();
  return {name_cell(claim),
          json::value(is_deleting(claim) ? "Terminating"
                                         : std::string(text_field(claim, {"status", "phase"}))),
          text_cell(claim, {"spec", "volumeName"}, ""),
          is_bound ? text_cell(claim, {"status", "capacity", "storage"}, "") : json::value(""),
          json::value(is_bound ? access_modes(claim) : std::string{}),
          text_cell(claim, {"spec", "storageClassName"}, ""),
          text_cell(claim, {"spec", "volumeAttributesClassName"}, "<unset>"),
          json::value(age_of(claim, now)),
          text_cell(claim, {"spec", "volumeMode"}, "<unset>")};
}

json::array service_cells(const json::object& service, Time now) {
  const LabelSelector selector = [&] {
    json::object match;
    if (const json::object* labels = object_field(service, {"spec", "selector"}))
      match["matchLabels"] = *labels;
    return label_selector_of(&match);
  }();
  return {
      name_cell(service),
      text_cell(service, {"spec", "type"}, ""),
      text_cell(service, {"spec", "clusterIP"}),
      json::value(text_field(service, {"spec", "type"}) == "LoadBalancer" ? "<pending>" : "<none>"),
      json::value(service_ports(service)),
      json::value(age_of(service, now)),
      json::value(text_or(to_text(selector), kNone))};
}

}  // namespace

std::string age_text(std::string_view since, Time now) {
  if (since.empty()) return "<unknown>";
  const Result<Time> time = parse_time(since);
  return time ? format_age(std::max(Duration{}, now - *time)) : std::string("<invalid>");
}

std::string age_of(const json::object& object, Time now) {
  return age_text(text_field(object, {"metadata", "creationTimestamp"}), now);
}

std::string text_or(std::string_view text, std::string_view otherwise) {
  return std::string(text.empty() ? otherwise : text);
}

std::vector<TableColumn> built_in_columns(const ResourceType& type) {
  std::vector<TableColumn> columns;
  std::string_view rest = column_list(type.kind);
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    std::string_view item = rest.substr(0, bar);
    rest.remove_prefix(std::min(bar + 1, rest.size()));
    const bool is_wide = item.starts_with('*');
    if (is_wide) item.remove_prefix(1);
    const std::size_t colon = item.find(':');
    TableColumn column{.name = std::string(item.substr(0, colon))};
    if (colon != std::string_view::npos) column.type = item.substr(colon + 1);
    if (column.name == "Name") column.format = "name";
    column.priority = is_wide ? 1 : 0;
    columns.push_back(std::move(column));
  }
  return columns;
}

json::array built_in_cells(const ResourceType& type, const json::object& object, Time now) {
  const std::string_view kind = type.kind;
  const json::value age(age_of(object, now));
  const json::value name = name_cell(object);
  if (kind == "Pod") return pod_cells(object, now);
  if (kind == "Node") return node_cells(object, now);
  if (type.group == "apps" || kind == "Job" || kind == "PodTemplate" ||
      kind == "ReplicationController")
    return workload_cells(type, object, now);
  if (kind == "Event") return event_cells(object, now);
  if (kind == "Service") return service_cells(object, now);
  if (kind == "PersistentVolume") return volume_cells(object, now);
  if (kind == "PersistentVolumeClaim") return claim_cells(object, now);
  if (kind == "Namespace") return {name, cell(object, {"status", "phase"}, ""), age};
  if (kind == "ConfigMap") {
    return {
        name,
        json::value(std::to_string(size_at(object, {"data"}) + size_at(object, {"binaryData"}))),
        age};
  }
  if (kind == "Secret")
    return {name, cell(object, {"type"}, ""), json::value(size_at(object, {"data"})), age};
  if (kind == "Lease") return {name, cell(object, {"spec", "holderIdentity"}, ""), age};
  if (kind == "PodDisruptionBudget") {
    return {name, text_cell(object, {"spec", "minAvailable"}, "N/A"),
            text_cell(object, {"spec", "maxUnavailable"}, "N/A"),
            json::value(int_field(object, {"status", "disruptionsAllowed"})), age};
  }
  if (kind == "PriorityClass") {
    return {name, cell(object, {"value"}), json::value(bool_field(object, {"globalDefault"})), age,
            cell(object, {"preemptionPolicy"}, "")};
  }
  if (kind == "RuntimeClass") return {name, cell(object, {"handler"}, ""), age};
  if (kind == "StorageClass") {
    const bool is_default =
        text_field(object, {"metadata", "annotations",
                            "storageclass.kubernetes.io/is-default-class"}) == "true";
    return {json::value(fmt::format("{}{}", name_of(object), is_default ? " (default)" : "")),
            cell(object, {"provisioner"}, ""),
            cell(object, {"reclaimPolicy"}, ""),
            cell(object, {"volumeBindingMode"}, ""),
            json::value(bool_field(object, {"allowVolumeExpansion"}) ? "true" : "false"),
            age};
  }
  if (kind == "CSINode") return {name, json::value(size_at(object, {"spec", "drivers"})), age};
  if (kind == "VolumeAttachment") {
    return {name,
            cell(object, {"spec", "attacher"}, ""),
            cell(object, {"spec", "source", "persistentVolumeName"}, ""),
            cell(object, {"spec", "nodeName"}, ""),
            json::value(bool_field(object, {"status", "attached"})),
            age};
  }
  if (kind == "CustomResourceDefinition")
    return {name, cell(object, {"metadata", "creationTimestamp"}, "")};
  return {name, age};
}

}  // namespace hyperwright::sim
