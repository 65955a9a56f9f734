// A simulated API for tests, and objects written as YAML.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_fields.h"
#include "sim/kubernetes_yaml.h"

namespace hyperwright::sim {

inline const Time kNow = Time::from_unix_seconds(1'770'000'000);

inline boost::json::object object_of(std::string_view yaml) {
  auto value = parse_yaml(yaml);
  EXPECT_TRUE(value.has_value()) << value.error().text();
  return std::move(value->as_object());
}

inline boost::json::value value_of(std::string_view yaml) { return parse_yaml(yaml).value(); }

// What two objects differ in is easier read as text.
inline std::string text_of(const boost::json::value& value) {
  return boost::json::serialize(value);
}

struct KubernetesTest : testing::Test {
  static constexpr std::size_t kLogLength = 20;  // short, so that falling behind is quick
  KubernetesApi api{Random(1), kNow, kLogLength};
  Time now = kNow;

  ObjectPtr make(std::string_view resource, std::string_view yaml) {
    auto created = api.create(resource, object_of(yaml), now);
    if (!created) {
      ADD_FAILURE() << created.error().message;
      return std::make_shared<const boost::json::object>();
    }
    return *created;
  }
  ObjectPtr make_pod(std::string_view name, std::string_view more = "") {
    return make(
        "pods",
        fmt::format(
            "{{metadata: {{name: {}, labels: {{app: web}}}}, spec: {{containers: [{{name: main, "
            "image: 'app:1'}}]{}}}}}",
            name, more));
  }
  // A pod that runs on node n1 and is ready.
  ObjectPtr make_running_pod(std::string_view name) {
    make_pod(name);
    EXPECT_TRUE(api.bind("default", name, "n1", now).has_value());
    auto running = api.patch_status(
        "pods", "default", name, PatchType::Merge,
        value_of("{status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}"), now);
    EXPECT_TRUE(running.has_value());
    return *running;
  }
  ApiResult<ObjectPtr> merge(std::string_view resource, std::string_view ns, std::string_view name,
                             std::string_view yaml, const WriteOptions& options = {}) {
    return api.patch(resource, ns, name, PatchType::Merge, value_of(yaml), now, options);
  }
  void make_widget_definition(std::string_view scope = "Cluster") {
    make("customresourcedefinitions.apiextensions.k8s.io", fmt::format(R"(
metadata: {{name: widgets.example.dev}}
spec:
  group: example.dev
  names: {{plural: widgets, kind: Widget, shortNames: [wd]}}
  scope: {}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {{status: {{}}, scale: {{specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}}}
    additionalPrinterColumns:
    - {{name: Color, type: string, jsonPath: .spec.color}}
    - {{name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}}
    - {{name: Age, type: date, jsonPath: .metadata.creationTimestamp}}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [color]
            properties:
              color: {{type: string, enum: [red, blue]}}
              replicas: {{type: integer, minimum: 0, default: 2}}
              parts:
                type: array
                maxItems: 3
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items: {{type: object, required: [name], properties: {{name: {{type: string}}, size: {{type: integer}}}}}}
          status:
            type: object
            properties:
              replicas: {{type: integer}}
              conditions: {{type: array, items: {{type: object, properties: {{type: {{type: string}}, status: {{type: string}}}}}}}}
)",
                                                                       scope));
  }
};

}  // namespace hyperwright::sim
