#include "sim/kubernetes_defaults.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

using KubernetesDefaultsTest = KubernetesTest;

std::string field(const ObjectPtr& object, FieldPath path) {
  const boost::json::value* found = find_field(*object, path);
  return found == nullptr ? "absent" : text_of(*found);
}

TEST_F(KubernetesDefaultsTest, APodHasWhatItsSpecLeavesOut) {
  const ObjectPtr pod = make_pod("web-0");
  EXPECT_EQ(field(pod, {"spec", "restartPolicy"}), "\"Always\"");
  EXPECT_EQ(field(pod, {"spec", "schedulerName"}), "\"default-scheduler\"");
  EXPECT_EQ(field(pod, {"spec", "serviceAccountName"}), "\"default\"");
  EXPECT_EQ(field(pod, {"spec", "terminationGracePeriodSeconds"}), "30");
  EXPECT_EQ(field(pod, {"spec", "priority"}), "0");
  EXPECT_EQ(field(pod, {"status", "qosClass"}), "\"BestEffort\"");
}

TEST_F(KubernetesDefaultsTest, APodToleratesALostNodeForFiveMinutes) {
  EXPECT_EQ(
      field(make_pod("web-0"), {"spec", "tolerations"}),
      R"([{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},)"
      R"({"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}])");
  EXPECT_EQ(
      array_field(*make_pod("all", ", tolerations: [{operator: Exists}]"), {"spec", "tolerations"})
          ->size(),
      1U)
      << "it says so itself";
}

TEST_F(KubernetesDefaultsTest, ATolerationOfALostNodeComesBack) {
  make_pod("p");
  EXPECT_EQ(array_field(**merge("pods", "default", "p", "{spec: {tolerations: []}}"),
                        {"spec", "tolerations"})
                ->size(),
            2U);
}

TEST_F(KubernetesDefaultsTest, AServiceHasAnAddress) {
  const ObjectPtr service =
      make("services", "{metadata: {name: s}, spec: {type: NodePort, ports: [{port: 80}]}}");
  EXPECT_TRUE(text_field(*service, {"spec", "clusterIP"}).starts_with("10.96."));
  EXPECT_GE(int_field(array_field(*service, {"spec", "ports"})->at(0).as_object(), {"nodePort"}),
            30'000);
  EXPECT_EQ(field(make("services", "{metadata: {name: t}, spec: {clusterIP: None}}"),
                  {"spec", "clusterIP"}),
            "\"None\"");
}

TEST_F(KubernetesDefaultsTest, WhatIsLimitedIsRequested) {
  const ObjectPtr pod = make("pods",
                             "{metadata: {name: p}, spec: {containers: [{name: a, image: b, "
                             "resources: {limits: {cpu: '1', memory: "
                             "1Gi}, requests: {cpu: 500m}}}]}}");
  const auto* containers = array_field(*pod, {"spec", "containers"});
  EXPECT_EQ(text_of(*find_field(containers->at(0).as_object(), {"resources", "requests"})),
            R"({"cpu":"500m","memory":"1Gi"})");
  EXPECT_EQ(field(pod, {"status", "qosClass"}), "\"Burstable\"");
}

TEST_F(KubernetesDefaultsTest, EqualRequestsAndLimitsAreGuaranteed) {
  const ObjectPtr pod = make("pods",
                             "{metadata: {name: p}, spec: {containers: [{name: a, image: b, "
                             "resources: {limits: {cpu: '1', memory: 1Gi}}}]}}");
  EXPECT_EQ(field(pod, {"status", "qosClass"}), "\"Guaranteed\"");
}

TEST_F(KubernetesDefaultsTest, LatestImagesArePulledAlways) {
  const auto policy = [&](const char* name, const char* image) {
    const ObjectPtr pod = make(
        "pods",
        fmt::format("{{metadata: {{name: {}}}, spec: {{containers: [{{name: a, image: '{}'}}]}}}}",
                    name, image));
    return std::string(text_field(array_field(*pod, {"spec", "containers"})->at(0).as_object(),
                                  {"imagePullPolicy"}));
  };
  EXPECT_EQ(policy("a", "nginx"), "Always");
  EXPECT_EQ(policy("b", "localhost:5000/nginx"), "Always");
  EXPECT_EQ(policy("c", "nginx:1.27"), "IfNotPresent");
  EXPECT_EQ(policy("d", "nginx@sha256:0"), "IfNotPresent");
}

TEST_F(KubernetesDefaultsTest, PriorityComesFromItsClass) {
  make("priorityclasses.scheduling.k8s.io",
       "{metadata: {name: high}, value: 1000, preemptionPolicy: Never}");
  const ObjectPtr pod = make_pod("a", ", priorityClassName: high");
  EXPECT_EQ(field(pod, {"spec", "priority"}), "1000");
  EXPECT_EQ(field(pod, {"spec", "preemptionPolicy"}), "\"Never\"");
  make("priorityclasses.scheduling.k8s.io",
       "{metadata: {name: usual}, value: 5, globalDefault: true}");
  EXPECT_EQ(field(make_pod("b"), {"spec", "priorityClassName"}), "\"usual\"");
  const auto refused = api.create("pods",
                                  object_of("{metadata: {name: c}, spec: {priorityClassName: nope, "
                                            "containers: [{name: a, image: b}]}}"),
                                  now);
  EXPECT_EQ(refused.error().code, 403);
  EXPECT_EQ(refused.error().message,
            "pods \"c\" is forbidden: no PriorityClass with name nope was found");
}

TEST_F(KubernetesDefaultsTest, OverheadComesFromTheRuntimeClass) {
  make("runtimeclasses.node.k8s.io",
       "{metadata: {name: kata}, handler: kata, overhead: {podFixed: {cpu: 250m}}}");
  EXPECT_EQ(field(make_pod("a", ", runtimeClassName: kata"), {"spec", "overhead"}),
            R"({"cpu":"250m"})");
}

TEST_F(KubernetesDefaultsTest, ANewNodeIsTaintedUntilItIsReady) {
  EXPECT_EQ(field(make("nodes", "{metadata: {name: a}}"), {"spec", "taints"}),
            R"([{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}])");
  EXPECT_EQ(
      field(make("nodes",
                 "{metadata: {name: b}, status: {conditions: [{type: Ready, status: 'True'}]}}"),
            {"spec", "taints"}),
      "absent");
}

TEST_F(KubernetesDefaultsTest, AClaimTakesTheDefaultStorageClass) {
  make("storageclasses.storage.k8s.io",
       "{metadata: {name: gp3, annotations: {storageclass.kubernetes.io/is-default-class: "
       "'true'}}, provisioner: ebs}");
  EXPECT_EQ(field(make("persistentvolumeclaims", "{metadata: {name: c}, spec: {}}"),
                  {"spec", "storageClassName"}),
            "\"gp3\"");
  EXPECT_EQ(
      field(make("persistentvolumeclaims", "{metadata: {name: d}, spec: {storageClassName: ''}}"),
            {"spec", "storageClassName"}),
      "\"\"");
}

TEST_F(KubernetesDefaultsTest, ADeploymentRollsByQuarters) {
  const ObjectPtr deployment = make(
      "deployments.apps",
      "{metadata: {name: web}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: "
      "{labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}}}");
  EXPECT_EQ(field(deployment, {"spec", "replicas"}), "1");
  EXPECT_EQ(
      field(deployment, {"spec", "strategy"}),
      R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}})");
  EXPECT_EQ(field(deployment, {"spec", "template", "spec", "restartPolicy"}), "\"Always\"");
  EXPECT_EQ(field(deployment, {"status"}), "{}");
}

TEST_F(KubernetesDefaultsTest, AJobSelectsItsPodsByItsUid) {
  const ObjectPtr job = make("jobs.batch",
                             "{metadata: {name: train}, spec: {template: {spec: {restartPolicy: "
                             "Never, containers: [{name: a, image: b}]}}}}");
  EXPECT_EQ(field(job, {"spec", "completions"}), "1");
  EXPECT_EQ(field(job, {"spec", "parallelism"}), "1");
  const std::string uid(uid_of(*job));
  EXPECT_EQ(
      text_field(*job, {"spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"}),
      uid);
  EXPECT_EQ(text_field(*job, {"spec", "template", "metadata", "labels", "job-name"}), "train");
}

TEST_F(KubernetesDefaultsTest, FillingInTwiceDoesNothingMore) {
  for (const char* resource : {"pods", "deployments.apps", "daemonsets.apps", "statefulsets.apps",
                               "jobs.batch", "services"}) {
    boost::json::object once = object_of(
        "{metadata: {name: a, uid: u}, spec: {template: {spec: {containers: [{name: a, image: b, "
        "resources: {limits: {cpu: "
        "'1'}}, ports: [{containerPort: 1}]}]}}, ports: [{port: 80}], containers: [{name: a}]}}");
    set_defaults(resource, once);
    boost::json::object twice = once;
    set_defaults(resource, twice);
    EXPECT_EQ(text_of(once), text_of(twice)) << resource;
  }
}

}  // namespace
}  // namespace hyperwright::sim
