#include "sim/kubernetes_patch.h"
#include "sim/kubernetes_resource_types.h"
#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

std::string merged(std::string_view object, std::string_view patch) {
  const auto out = apply_strategic_merge_patch(object_of(object), value_of(patch));
  return out ? text_of(*out) : out.error().message;
}

std::string applied(const ResourceType& type, std::string_view object,
                    std::string_view configuration) {
  return text_of(apply_configuration(type, object_of(object), object_of(configuration)));
}

ResourceType pod_type() { return {.version = "v1", .kind = "Pod", .plural = "pods"}; }

TEST(KubernetesStrategicMerge, ContainersMergeByName) {
  EXPECT_EQ(
      merged("{spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}",
             "{spec: {containers: [{name: b, image: z}, {name: c, image: w}]}}"),
      R"({"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"z"},{"name":"c","image":"w"}]}})");
}

TEST(KubernetesStrategicMerge, PortsAreKeyedByTheirHolder) {
  EXPECT_EQ(
      merged("{spec: {containers: [{name: a, ports: [{containerPort: 80}]}]}}",
             "{spec: {containers: [{name: a, ports: [{containerPort: 80, name: web}]}]}}"),
      R"({"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"web"}]}]}})");
  EXPECT_EQ(merged("{spec: {ports: [{port: 80}]}}", "{spec: {ports: [{port: 443}]}}"),
            R"({"spec":{"ports":[{"port":80},{"port":443}]}})");
}

TEST(KubernetesStrategicMerge, ConditionsMergeByType) {
  EXPECT_EQ(
      merged(
          "{status: {conditions: [{type: Ready, status: 'False'}]}}",
          "{status: {conditions: [{type: Ready, status: 'True'}, {type: Other, status: 'True'}]}}"),
      R"({"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Other","status":"True"}]}})");
}

TEST(KubernetesStrategicMerge, TaintsAndTolerationsAreReplaced) {
  EXPECT_EQ(merged("{spec: {taints: [{key: a}, {key: b}]}}", "{spec: {taints: [{key: c}]}}"),
            R"({"spec":{"taints":[{"key":"c"}]}})");
  EXPECT_EQ(merged("{spec: {tolerations: [{key: a}]}}", "{spec: {tolerations: []}}"),
            R"({"spec":{"tolerations":[]}})");
}

TEST(KubernetesStrategicMerge, FinalizersMergeAsASet) {
  EXPECT_EQ(merged("{metadata: {finalizers: [a]}}", "{metadata: {finalizers: [a, b]}}"),
            R"({"metadata":{"finalizers":["a","b"]}})");
  EXPECT_EQ(merged("{metadata: {finalizers: [a, b]}}",
                   "{metadata: {$deleteFromPrimitiveList/finalizers: [a]}}"),
            R"({"metadata":{"finalizers":["b"]}})");
}

TEST(KubernetesStrategicMerge, EntriesAreDeletedByDirective) {
  EXPECT_EQ(merged("{spec: {containers: [{name: a}, {name: b}]}}",
                   "{spec: {containers: [{name: a, $patch: delete}]}}"),
            R"({"spec":{"containers":[{"name":"b"}]}})");
  EXPECT_EQ(merged("{spec: {containers: [{name: a}, {name: b}]}}",
                   "{spec: {containers: [{$patch: replace}, {name: c}]}}"),
            R"({"spec":{"containers":[{"name":"c"}]}})");
}

TEST(KubernetesStrategicMerge, MapsAreReplacedByDirectiveAndNullDeletes) {
  EXPECT_EQ(
      merged("{spec: {selector: {a: 1, b: 2}}}", "{spec: {selector: {$patch: replace, c: 3}}}"),
      R"({"spec":{"selector":{"c":3}}})");
  EXPECT_EQ(merged("{spec: {a: {x: 1}, b: 2}}", "{spec: {a: {$patch: delete}, b: null}}"),
            R"({"spec":{}})");
}

TEST(KubernetesStrategicMerge, RetainedKeysDropTheOthers) {
  EXPECT_EQ(merged("{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}",
                   "{spec: {strategy: {$retainKeys: [type], type: Recreate}}}"),
            R"({"spec":{"strategy":{"type":"Recreate"}}})");
}

TEST(KubernetesStrategicMerge, OrderDirectivesAreReadAndIgnored) {
  EXPECT_EQ(
      merged(
          "{spec: {containers: [{name: a}]}}",
          "{spec: {$setElementOrder/containers: [{name: b}, {name: a}], containers: [{name: b}]}}"),
      R"({"spec":{"containers":[{"name":"a"},{"name":"b"}]}})");
}

TEST(KubernetesStrategicMerge, AnEntryWithoutItsKeyIsAnError) {
  EXPECT_EQ(apply_strategic_merge_patch(object_of("{spec: {}}"),
                                        value_of("{spec: {containers: [{image: a}]}}"))
                .error()
                .code,
            400);
  EXPECT_EQ(apply_strategic_merge_patch(object_of("{}"), value_of("[]")).error().code, 400);
}

TEST(KubernetesApply, ListsOfBuiltInKindsMergeByTheirKeys) {
  EXPECT_EQ(
      applied(pod_type(), "{spec: {containers: [{name: a, image: x}], tolerations: [{key: old}]}}",
              "{spec: {containers: [{name: a, tty: true}, {name: b}], tolerations: [{key: new}]}}"),
      R"({"spec":{"containers":[{"name":"a","image":"x","tty":true},{"name":"b"}],"tolerations":[{"key":"new"}]}})");
}

TEST(KubernetesApply, PortsAreKeyedByNumberAndProtocol) {
  EXPECT_EQ(
      applied(pod_type(), "{spec: {ports: [{port: 53, protocol: TCP}]}}",
              "{spec: {ports: [{port: 53, name: dns}, {port: 53, protocol: UDP}]}}"),
      R"({"spec":{"ports":[{"port":53,"protocol":"TCP","name":"dns"},{"port":53,"protocol":"UDP"}]}})");
}

TEST(KubernetesApply, ACustomResourcesSchemaNamesItsKeys) {
  ResourceType type{.group = "example.dev",
                    .version = "v1",
                    .kind = "Widget",
                    .plural = "widgets",
                    .is_custom = true};
  type.schema = std::make_shared<const boost::json::object>(
      object_of("{properties: {spec: {type: object, properties: {parts: {type: array, "
                "x-kubernetes-list-type: map, "
                "x-kubernetes-list-map-keys: [name], items: {type: object}}, tags: {type: array, "
                "x-kubernetes-list-type: "
                "set}, containers: {type: array}}}}}"));
  EXPECT_EQ(
      applied(type, "{spec: {parts: [{name: a, size: 1}], tags: [x], containers: [{name: a}]}}",
              "{spec: {parts: [{name: a, size: 2}, {name: b}], tags: [y, x], containers: [{name: "
              "b}]}}"),
      R"({"spec":{"parts":[{"name":"a","size":2},{"name":"b"}],"tags":["x","y"],"containers":[{"name":"b"}]}})")
      << "a list that the schema says nothing about is one value, whatever it is called";
}

}  // namespace
}  // namespace hyperwright::sim
