#include "sim/kubernetes_validation.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_selectors.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using Causes = std::vector<StatusCause>;

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alphanumeric(char c) { return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z'); }

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_lower_alphanumeric(text.front()) &&
         is_lower_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_dns_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t dot = std::min(text.find('.', start), text.size());
    const std::string_view part = text.substr(start, dot - start);
    if (part.empty() || !is_lower_alphanumeric(part.front()) || !is_lower_alphanumeric(part.back()))
      return false;
    if (!std::ranges::all_of(part, [](char c) { return is_lower_alphanumeric(c) || c == '-'; }))
      return false;
    start = dot + 1;
  }
  return true;
}

bool is_qualified_part(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_qualified_part(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_qualified_part(text.substr(slash + 1));
}

constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start "
    "and end with an alphanumeric character";
constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', must "
    "start and end with an "
    "alphanumeric character, and be no more than 63 characters long";

void validate_labels(const json::object& holder, std::string_view field, Causes& causes) {
  const json::object* labels = object_field(holder, {"labels"});
  if (labels == nullptr) return;
  for (const auto& [key, value] : *labels) {
    const std::string_view name(key.data(), key.size());
    if (!is_qualified_name(name)) {
      causes.push_back(
          field_invalid(std::string(field), name,
                        "a label key is an optional DNS prefix and '/', then up to 63 alphanumeric "
                        "characters, '-', '_' or '.'"));
    }
    if (!value.is_string() ||
        (!value.get_string().empty() &&
         !is_qualified_part({value.get_string().data(), value.get_string().size()}))) {
      causes.push_back(
          field_invalid(std::string(field), value,
                        "a valid label must be an empty string or consist of up to 63 alphanumeric "
                        "characters, '-', '_' or '.', and must start and end with an alphanumeric "
                        "character"));
    }
  }
}

void validate_containers(const json::object& spec, std::string_view path, Causes& causes) {
  const json::array* containers = array_field(spec, {"containers"});
  if (containers == nullptr || containers->empty()) {
    causes.push_back(field_required(fmt::format("{}.containers", path)));
    return;
  }
  for (std::size_t i = 0; i < containers->size(); ++i) {
    const std::string at = fmt::format("{}.containers[{}]", path, i);
    const json::object* container = (*containers)[i].if_object();
    if (container == nullptr) {
      causes.push_back(field_invalid(at, (*containers)[i], "must be an object"));
      continue;
    }
    const std::string_view name = text_field(*container, {"name"});
    if (name.empty()) {
      causes.push_back(field_required(at + ".name"));
    } else if (!is_dns_label(name)) {
      causes.push_back(field_invalid(at + ".name", name, kLabelRule));
    }
    if (text_field(*container, {"image"}).empty()) causes.push_back(field_required(at + ".image"));
  }
}

void validate_pod_template(const json::object& object, Causes& causes) {
  const json::object* spec = object_field(object, {"spec", "template", "spec"});
  static const json::object kEmpty;
  validate_containers(spec == nullptr ? kEmpty : *spec, "spec.template.spec", causes);
  if (const json::object* metadata = object_field(object, {"spec", "template", "metadata"})) {
    validate_labels(*metadata, "spec.template.metadata.labels", causes);
  }
}

void validate_selector(const json::object& object, Causes& causes) {
  const json::object* selector = object_field(object, {"spec", "selector"});
  if (selector == nullptr || selector->empty()) {
    causes.push_back(field_required("spec.selector"));
    return;
  }
  const json::object* labels = object_field(object, {"spec", "template", "metadata", "labels"});
  if (!label_selector_of(selector).matches_labels(labels)) {
    causes.push_back(field_invalid("spec.template.metadata.labels",
                                   labels == nullptr ? json::value(nullptr) : json::value(*labels),
                                   "`selector` does not match template `labels`"));
  }
}

// The parts of a pod's spec that may change: images, the deadline, the grace period, more
// tolerations, fewer scheduling gates. All else is fixed, and a node is chosen through a binding.
json::object fixed_part(const json::object& pod) {
  const json::object* found = object_field(pod, {"spec"});
  json::object spec = found == nullptr ? json::object{} : *found;
  for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
    if (json::array* containers = array_field(spec, {list})) {
      for (json::value& container : *containers) {
        if (!container.is_object()) continue;
        erase_field(container.get_object(), "image");
        erase_field(container.get_object(), "imagePullPolicy");
      }
    }
  }
  for (const std::string_view key : {"activeDeadlineSeconds", "terminationGracePeriodSeconds",
                                     "tolerations", "schedulingGates"}) {
    erase_field(spec, key);
  }
  return spec;
}

bool contains(const json::array* list, const json::value& item) {
  return list != nullptr && std::ranges::find(*list, item) != list->end();
}

// Every entry of `fewer` is in `more`.
bool is_part_of(const json::array* fewer, const json::array* more) {
  return fewer == nullptr ||
         std::ranges::all_of(*fewer, [&](const json::value& item) { return contains(more, item); });
}

void validate_pod_update(const json::object& old, const json::object& updated, Causes& causes) {
  json::object before = fixed_part(old);
  json::object after = fixed_part(updated);
  const json::array* old_gates = array_field(old, {"spec", "schedulingGates"});
  if (old_gates != nullptr && !old_gates->empty()) {
    // While a pod is gated its node selection may still be narrowed.
    for (json::object* spec : {&before, &after}) {
      erase_field(*spec, "nodeSelector");
      erase_field(*spec, "affinity");
    }
  }
  if (before != after) {
    causes.push_back(field_forbidden(
        "spec",
        "pod updates may not change fields other than "
        "`spec.containers[*].image`,`spec.initContainers[*].image`,"
        "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
        "negative)"));
  }
  if (!is_part_of(array_field(old, {"spec", "tolerations"}),
                  array_field(updated, {"spec", "tolerations"}))) {
    causes.push_back(
        field_forbidden("spec.tolerations",
                        "existing toleration can not be modified except its tolerationSeconds"));
  }
  if (!is_part_of(array_field(updated, {"spec", "schedulingGates"}), old_gates)) {
    causes.push_back(field_forbidden("spec.schedulingGates", "only deletion is allowed"));
  }
}

void validate_immutable(const json::object& old, const json::object& updated, FieldPath path,
                        std::string_view field, Causes& causes) {
  const json::value* before = find_field(old, path);
  const json::value* after = find_field(updated, path);
  if (before == nullptr || (after != nullptr && *before == *after)) return;
  causes.push_back(field_invalid(
      std::string(field), after == nullptr ? json::value(nullptr) : *after, "field is immutable"));
}

void validate_taints(const json::object& node, Causes& causes) {
  const json::array* taints = array_field(node, {"spec", "taints"});
  if (taints == nullptr) return;
  for (std::size_t i = 0; i < taints->size(); ++i) {
    const json::object* taint = (*taints)[i].if_object();
    if (taint == nullptr || text_field(*taint, {"key"}).empty()) {
      causes.push_back(field_required(fmt::format("spec.taints[{}].key", i)));
      continue;
    }
    const std::string_view effect = text_field(*taint, {"effect"});
    if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
      causes.push_back(
          field_not_supported(fmt::format("spec.taints[{}].effect", i),
                              json::value(json::string_view(effect.data(), effect.size())),
                              {"NoSchedule", "PreferNoSchedule", "NoExecute"}));
    }
    for (std::size_t j = 0; j < i; ++j) {
      const json::object* other = (*taints)[j].if_object();
      if (other != nullptr && text_field(*other, {"key"}) == text_field(*taint, {"key"}) &&
          text_field(*other, {"effect"}) == effect) {
        causes.push_back({"FieldValueDuplicate",
                          "Duplicate value: taints must be unique by key and effect pair",
                          fmt::format("spec.taints[{}]", i)});
      }
    }
  }
}

}  // namespace

Causes validate_metadata(const ResourceType& type, const json::object& object) {
  Causes causes;
  const std::string_view name = name_of(object);
  if (name.empty()) {
    causes.push_back(field_required("metadata.name", "name or generateName is required"));
  } else if (type.kind == "Namespace" ? !is_dns_label(name) : !is_dns_subdomain(name)) {
    causes.push_back(field_invalid("metadata.name", name,
                                   type.kind == "Namespace" ? kLabelRule : kSubdomainRule));
  }
  if (const json::object* metadata = object_field(object, {"metadata"})) {
    validate_labels(*metadata, "metadata.labels", causes);
    if (const json::object* annotations = object_field(*metadata, {"annotations"})) {
      for (const auto& [key, value] : *annotations) {
        if (!value.is_string()) {
          causes.push_back(
              field_invalid(fmt::format("metadata.annotations[{}]", std::string_view(key)), value,
                            "must be a string"));
        }
      }
    }
  }
  return causes;
}

Causes validate_new(const ResourceType& type, const json::object& object) {
  Causes causes;
  if (type.is_custom) return causes;
  const std::string resource = type.resource();
  static const json::object kEmpty;
  if (resource == "pods") {
    const json::object* spec = object_field(object, {"spec"});
    validate_containers(spec == nullptr ? kEmpty : *spec, "spec", causes);
  } else if (resource.ends_with(".apps")) {
    validate_pod_template(object, causes);
    validate_selector(object, causes);
  } else if (resource == "jobs.batch") {
    validate_pod_template(object, causes);
    const std::string_view policy =
        text_field(object, {"spec", "template", "spec", "restartPolicy"});
    if (policy != "OnFailure" && policy != "Never") {
      causes.push_back(field_required("spec.template.spec.restartPolicy",
                                      "valid values: \"OnFailure\", \"Never\""));
    }
  } else if (resource == "nodes") {
    validate_taints(object, causes);
  } else if (resource == "events") {
    const std::string_view involved = text_field(object, {"involvedObject", "namespace"});
    if (!involved.empty() && involved != namespace_of(object)) {
      causes.push_back(
          field_invalid("involvedObject.namespace", involved, "does not match event.namespace"));
    }
  } else if (resource == "poddisruptionbudgets.policy") {
    if (find_field(object, {"spec", "minAvailable"}) != nullptr &&
        find_field(object, {"spec", "maxUnavailable"}) != nullptr) {
      causes.push_back(field_invalid("spec", std::string_view{},
                                     "minAvailable and maxUnavailable cannot be both set"));
    }
  } else if (resource == "customresourcedefinitions.apiextensions.k8s.io") {
    causes = validate_definition(object);
  }
  return causes;
}

Causes validate_update(const ResourceType& type, const json::object& old,
                       const json::object& updated) {
  Causes causes;
  if (type.is_custom) return causes;
  const std::string resource = type.resource();
  if (resource == "pods") {
    validate_pod_update(old, updated, causes);
  } else if (resource == "nodes") {
    validate_taints(updated, causes);
    const std::string_view provider_id = text_field(old, {"spec", "providerID"});
    if (!provider_id.empty() && provider_id != text_field(updated, {"spec", "providerID"})) {
      causes.push_back(field_forbidden(
          "spec.providerID", "node updates may not change providerID except from \"\" to valid"));
    }
  } else if (resource.ends_with(".apps")) {
    validate_pod_template(updated, causes);
    validate_selector(updated, causes);
    validate_immutable(old, updated, {"spec", "selector"}, "spec.selector", causes);
  } else if (resource == "jobs.batch") {
    validate_immutable(old, updated, {"spec", "selector"}, "spec.selector", causes);
    validate_immutable(old, updated, {"spec", "completionMode"}, "spec.completionMode", causes);
    validate_immutable(old, updated, {"spec", "template"}, "spec.template", causes);
  } else if (resource == "priorityclasses.scheduling.k8s.io") {
    validate_immutable(old, updated, {"value"}, "value", causes);
  } else if (resource == "customresourcedefinitions.apiextensions.k8s.io") {
    causes = validate_definition(updated);
  }
  return causes;
}

Causes validate_finalizers(const json::object& old, const json::object& updated) {
  Causes causes;
  const json::array* before = array_field(old, {"metadata", "finalizers"});
  const json::array* after = array_field(updated, {"metadata", "finalizers"});
  if (!is_deleting(old) || is_part_of(after, before)) return causes;
  std::vector<std::string> added;
  for (const json::value& finalizer : *after) {
    if (!contains(before, finalizer)) added.push_back(json::serialize(finalizer));
  }
  causes.push_back(field_forbidden(
      "metadata.finalizers",
      fmt::format("no new finalizers can be added if the object is being deleted, found new "
                  "finalizers []string{{{}}}",
                  fmt::join(added, ", "))));
  return causes;
}

}  // namespace hyperwright::sim
