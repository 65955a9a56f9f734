// The lines of workloads and of the templates that they are made of in kubectl.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/kubernetes_columns.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_selectors.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

// `of`: what has the template.
std::string from_containers(const json::object* of, std::string_view field) {
  std::vector<std::string_view> texts;
  const json::array* containers =
      of == nullptr ? nullptr : array_field(*of, {"template", "spec", "containers"});
  if (containers != nullptr) {
    for (const json::value& item : *containers) {
      if (item.is_object()) texts.push_back(text_field(item.get_object(), {field}));
    }
  }
  return fmt::format("{}", fmt::join(texts, ","));
}

std::string selector_of(const json::object& object) {
  return text_or(to_text(label_selector_of(object_field(object, {"spec", "selector"}))), "<none>");
}

// "a=b,c=d", or "<none>".
std::string equalities(const json::object* labels) {
  std::vector<std::string> terms;
  if (labels != nullptr) {
    for (const auto& [key, value] : *labels) {
      terms.push_back(
          fmt::format("{}={}", std::string_view(key.data(), key.size()),
                      value.is_string() ? std::string(value.get_string()) : std::string{}));
    }
  }
  return terms.empty() ? "<none>" : fmt::format("{}", fmt::join(terms, ","));
}

std::string job_status(const json::object& job) {
  if (has_condition(job, "Complete", "True")) return "Complete";
  if (has_condition(job, "Failed", "True")) return "Failed";
  if (is_deleting(job)) return "Terminating";
  if (has_condition(job, "Suspended", "True")) return "Suspended";
  if (has_condition(job, "FailureTarget", "True")) return "FailureTarget";
  if (has_condition(job, "SuccessCriteriaMet", "True")) return "SuccessCriteriaMet";
  return "Running";
}

std::string job_completions(const json::object& job) {
  const std::int64_t succeeded = int_field(job, {"status", "succeeded"});
  if (find_field(job, {"spec", "completions"}) != nullptr) {
    return fmt::format("{}/{}", succeeded, int_field(job, {"spec", "completions"}));
  }
  const std::int64_t parallelism = int_field(job, {"spec", "parallelism"});
  return parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism)
                         : fmt::format("{}/1", succeeded);
}

std::string job_duration(const json::object& job, Time now) {
  const auto start = parse_time(text_field(job, {"status", "startTime"}));
  if (!start) return "";
  const auto end = parse_time(text_field(job, {"status", "completionTime"}));
  return format_age((end ? *end : now) - *start);
}

}  // namespace

json::array workload_cells(const ResourceType& type, const json::object& object, Time now) {
  const json::value name(std::string(name_of(object)));
  const json::value age(age_of(object, now));
  const json::object* const of =
      type.kind == "PodTemplate" ? &object : object_field(object, {"spec"});
  const json::value containers(from_containers(of, "name"));
  const json::value images(from_containers(of, "image"));
  const auto status = [&](std::string_view field) {
    return json::value(int_field(object, {"status", field}));
  };
  const auto ready_of_wanted = [&] {
    return json::value(fmt::format("{}/{}", int_field(object, {"status", "readyReplicas"}),
                                   int_field(object, {"spec", "replicas"}, 1)));
  };
  if (type.kind == "Deployment") {
    return {name,
            ready_of_wanted(),
            status("updatedReplicas"),
            status("availableReplicas"),
            age,
            containers,
            images,
            json::value(selector_of(object))};
  }
  if (type.kind == "PodTemplate") {
    return {name, containers, images,
            json::value(equalities(object_field(object, {"template", "metadata", "labels"})))};
  }
  if (type.kind == "ReplicaSet" || type.kind == "ReplicationController") {
    const std::string selector = type.kind == "ReplicaSet"
                                     ? selector_of(object)
                                     : equalities(object_field(object, {"spec", "selector"}));
    return {name,
            json::value(int_field(object, {"spec", "replicas"}, 1)),
            status("replicas"),
            status("readyReplicas"),
            age,
            containers,
            images,
            json::value(selector)};
  }
  if (type.kind == "StatefulSet") return {name, ready_of_wanted(), age, containers, images};
  if (type.kind == "DaemonSet") {
    return {
        name,
        status("desiredNumberScheduled"),
        status("currentNumberScheduled"),
        status("numberReady"),
        status("updatedNumberScheduled"),
        status("numberAvailable"),
        json::value(equalities(object_field(object, {"spec", "template", "spec", "nodeSelector"}))),
        age,
        containers,
        images,
        json::value(selector_of(object))};
  }
  return {name,
          json::value(job_status(object)),
          json::value(job_completions(object)),
          json::value(job_duration(object, now)),
          age,
          containers,
          images,
          json::value(selector_of(object))};
}

}  // namespace hyperwright::sim
