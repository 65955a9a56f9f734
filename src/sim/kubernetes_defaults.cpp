#include "sim/kubernetes_defaults.h"

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

void set_probe_defaults(json::object& container) {
  for (const std::string_view name : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    json::object* probe = object_field(container, {name});
    if (probe == nullptr) continue;
    set_default(*probe, "timeoutSeconds", 1);
    set_default(*probe, "periodSeconds", 10);
    set_default(*probe, "successThreshold", 1);
    set_default(*probe, "failureThreshold", 3);
    if (json::object* get = object_field(*probe, {"httpGet"})) {
      set_default(*get, "path", "/");
      set_default(*get, "scheme", "HTTP");
    }
  }
}

// What is limited and not requested is requested as limited.
void request_what_is_limited(json::object& holder) {
  const json::object* limits =
      object_field(static_cast<const json::object&>(holder), {"resources", "limits"});
  if (limits == nullptr || limits->empty()) return;
  const json::object copy = *limits;
  json::object& requests = object_at(holder, {"resources", "requests"});
  for (const auto& [name, quantity] : copy) {
    if (!requests.contains(name)) requests[name] = quantity;
  }
}

std::string_view pull_policy(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const std::size_t colon = last.rfind(':');
  const bool is_latest = colon == std::string_view::npos ? last.find('@') == std::string_view::npos
                                                         : last.substr(colon + 1) == "latest";
  return is_latest ? "Always" : "IfNotPresent";
}

void set_container_defaults(json::object& container) {
  const std::string_view policy = pull_policy(text_field(container, {"image"}));
  set_default(container, "imagePullPolicy", json::string_view(policy.data(), policy.size()));
  set_default(container, "resources", json::object{});
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  if (json::array* ports = array_field(container, {"ports"})) {
    for (json::value& port : *ports) {
      if (port.is_object()) set_default(port.get_object(), "protocol", "TCP");
    }
  }
  request_what_is_limited(container);
  set_probe_defaults(container);
}

void set_volume_defaults(json::object& volume) {
  for (const std::string_view source : {"configMap", "secret", "projected", "downwardAPI"}) {
    if (json::object* found = object_field(volume, {source}))
      set_default(*found, "defaultMode", 420);
  }
  if (json::object* path = object_field(volume, {"hostPath"})) set_default(*path, "type", "");
}

void set_pod_spec_defaults(json::object& spec) {
  for (const std::string_view field : {"containers", "initContainers"}) {
    if (json::array* containers = array_field(spec, {field})) {
      for (json::value& container : *containers) {
        if (container.is_object()) set_container_defaults(container.get_object());
      }
    }
  }
  if (json::array* volumes = array_field(spec, {"volumes"})) {
    for (json::value& volume : *volumes) {
      if (volume.is_object()) set_volume_defaults(volume.get_object());
    }
  }
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "schedulerName", "default-scheduler");
  set_default(spec, "securityContext", json::object{});
  set_default(spec, "terminationGracePeriodSeconds", 30);
  request_what_is_limited(spec);
}

void set_pod_defaults(json::object& pod) {
  json::object& spec = object_at(pod, {"spec"});
  set_pod_spec_defaults(spec);
  set_default(spec, "enableServiceLinks", true);
}

void set_template_defaults(json::object& spec) {
  json::object& pod_template = object_at(spec, {"template"});
  object_at(pod_template, {"metadata"});
  set_pod_spec_defaults(object_at(pod_template, {"spec"}));
}

void set_rolling_update(json::object& strategy,
                        std::initializer_list<std::pair<const char*, json::value>> fields) {
  set_default(strategy, "type", "RollingUpdate");
  if (text_field(strategy, {"type"}) != "RollingUpdate") return;
  json::object& rolling = object_at(strategy, {"rollingUpdate"});
  for (const auto& [key, value] : fields) set_default(rolling, key, value);
}

void set_workload_defaults(std::string_view resource, json::object& object) {
  json::object& spec = object_at(object, {"spec"});
  set_template_defaults(spec);
  if (resource == "deployments.apps") {
    set_default(spec, "replicas", 1);
    set_rolling_update(object_at(spec, {"strategy"}),
                       {{"maxUnavailable", "25%"}, {"maxSurge", "25%"}});
    set_default(spec, "revisionHistoryLimit", 10);
    set_default(spec, "progressDeadlineSeconds", 600);
  } else if (resource == "replicasets.apps") {
    set_default(spec, "replicas", 1);
  } else if (resource == "statefulsets.apps") {
    set_default(spec, "replicas", 1);
    set_default(spec, "podManagementPolicy", "OrderedReady");
    set_rolling_update(object_at(spec, {"updateStrategy"}), {{"partition", 0}});
    set_default(spec, "revisionHistoryLimit", 10);
  } else if (resource == "daemonsets.apps") {
    set_rolling_update(object_at(spec, {"updateStrategy"}),
                       {{"maxUnavailable", 1}, {"maxSurge", 0}});
    set_default(spec, "revisionHistoryLimit", 10);
  }
}

// A job without completions and parallelism runs one pod; with parallelism alone it is a work
// queue, which ends when one pod has succeeded. Its selector is its own uid, which is why a new job
// has none yet.
void set_job_defaults(json::object& job) {
  json::object& spec = object_at(job, {"spec"});
  if (!spec.contains("completions") && !spec.contains("parallelism")) spec["completions"] = 1;
  set_default(spec, "parallelism", 1);
  set_default(spec, "backoffLimit", 6);
  set_default(spec, "completionMode", "NonIndexed");
  set_default(spec, "suspend", false);
  set_default(spec, "manualSelector", false);
  set_default(spec, "podReplacementPolicy", "TerminatingOrFailed");
  const std::string_view uid = uid_of(job);
  if (!uid.empty() && !bool_field(spec, {"manualSelector"})) {
    const json::string_view uid_text(uid.data(), uid.size());
    const std::string_view name = name_of(job);
    const json::string_view name_text(name.data(), name.size());
    object_at(spec, {"selector", "matchLabels"})["batch.kubernetes.io/controller-uid"] = uid_text;
    json::object& labels = object_at(spec, {"template", "metadata", "labels"});
    labels["batch.kubernetes.io/controller-uid"] = uid_text;
    labels["batch.kubernetes.io/job-name"] = name_text;
    labels["controller-uid"] = uid_text;
    labels["job-name"] = name_text;
  }
  // A job without labels of its own shows those of its pods.
  const json::object* of_pods = object_field(spec, {"template", "metadata", "labels"});
  if (of_pods != nullptr && object_field(job, {"metadata", "labels"}) == nullptr) {
    json::object copy = *of_pods;
    object_at(job, {"metadata"})["labels"] = std::move(copy);
  }
  set_template_defaults(spec);
}

void set_service_defaults(json::object& service) {
  json::object& spec = object_at(service, {"spec"});
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  set_default(spec, "internalTrafficPolicy", "Cluster");
  if (json::array* ports = array_field(spec, {"ports"})) {
    for (json::value& item : *ports) {
      if (!item.is_object()) continue;
      json::object& port = item.get_object();
      set_default(port, "protocol", "TCP");
      if (const json::value* number = port.if_contains("port");
          number != nullptr && !port.contains("targetPort")) {
        const json::value copy = *number;
        port["targetPort"] = copy;
      }
    }
  }
}

void set_definition_defaults(json::object& spec) {
  set_default(object_at(spec, {"conversion"}), "strategy", "None");
  json::object& names = object_at(spec, {"names"});
  const std::string kind(text_field(names, {"kind"}));
  std::string singular = kind;
  for (char& c : singular) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  set_default(names, "listKind", json::string(kind + "List"));
  set_default(names, "singular", json::string(singular));
}

}  // namespace

void set_defaults(std::string_view resource, json::object& object) {
  if (resource == "pods") {
    set_pod_defaults(object);
  } else if (resource.ends_with(".apps")) {
    set_workload_defaults(resource, object);
  } else if (resource == "jobs.batch") {
    set_job_defaults(object);
  } else if (resource == "services") {
    set_service_defaults(object);
  } else if (resource == "namespaces") {
    set_default(object_at(object, {"spec"}), "finalizers", json::array{"kubernetes"});
    const std::string name(name_of(object));  // a copy: the new field may move the old ones
    object_at(object, {"metadata", "labels"})["kubernetes.io/metadata.name"] = name;
  } else if (resource == "secrets") {
    set_default(object, "type", "Opaque");
  } else if (resource == "persistentvolumeclaims") {
    set_default(object_at(object, {"spec"}), "volumeMode", "Filesystem");
  } else if (resource == "persistentvolumes") {
    json::object& spec = object_at(object, {"spec"});
    set_default(spec, "volumeMode", "Filesystem");
    set_default(spec, "persistentVolumeReclaimPolicy", "Retain");
  } else if (resource == "storageclasses.storage.k8s.io") {
    set_default(object, "reclaimPolicy", "Delete");
    set_default(object, "volumeBindingMode", "Immediate");
  } else if (resource == "priorityclasses.scheduling.k8s.io") {
    set_default(object, "preemptionPolicy", "PreemptLowerPriority");
  } else if (resource == "nodes") {
    object_at(object, {"spec"});
  } else if (resource == "customresourcedefinitions.apiextensions.k8s.io") {
    set_definition_defaults(object_at(object, {"spec"}));
  }
}

}  // namespace hyperwright::sim
