#include "tests/scenarios/runner/selecting_objects.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/scenarios/runner/topology_words.h"

namespace hyperwright::scenarios {
namespace {

template <typename T>
T read_workload(Fields& fields) {
  T workload;
  const std::string what = fields.what() + ": select";
  if (const auto select = fields.take("select"))
    workload.selector = selector_of(*select, what, fields.problems());
  return workload;
}

kube::Service read_service(Fields& fields) {
  kube::Service service;
  service.has_selector = fields.take("select").has_value();
  for (const auto& [key, value] : fields.pairs("select")) service.selector.set(key, value);
  return service;
}

template <typename T>
state::Object in_namespace(T object, Fields& fields) {
  object.meta.namespace_ = fields.text("namespace", "default");
  return object;
}

constexpr std::array<std::string_view, 5> kKinds = {"service", "replicaset", "statefulset",
                                                    "replicationcontroller", "namespace"};

// `kind` is one of these.
state::Object read(const std::string& kind, Fields& fields) {
  if (kind == "service") return in_namespace(read_service(fields), fields);
  if (kind == "replicaset") return in_namespace(read_workload<kube::ReplicaSet>(fields), fields);
  if (kind == "statefulset") return in_namespace(read_workload<kube::StatefulSet>(fields), fields);
  if (kind == "replicationcontroller")
    return in_namespace(read_workload<kube::ReplicationController>(fields), fields);
  kube::Namespace made;
  for (const auto& [key, value] : fields.pairs("labels")) made.meta.labels.set(key, value);
  return made;
}

}  // namespace

std::optional<state::Object> selecting_object(const std::string& kind, const std::string& name,
                                              const YAML::Node& value, Problems& problems) {
  if (std::ranges::find(kKinds, kind) == kKinds.end()) return std::nullopt;
  Fields fields(value, fmt::format("{} \"{}\"", kind, name), problems);
  state::Object object = read(kind, fields);
  std::visit(
      [&](auto& typed) {
        typed.meta.name = name;
        typed.meta.uid = fmt::format("uid-{}-{}", kind, name);
      },
      object);
  return object;
}

}  // namespace hyperwright::scenarios
