#include "bench/figures/objects.h"

#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::bench {
namespace {

std::string uid(std::string_view of, std::size_t i) {
  return fmt::format("{}-{:08x}-4f6e-9c1d-0123456789ab", of, i);
}

std::string container_text(std::string_view name, std::string_view image,
                           std::string_view resources) {
  return fmt::format(
      R"({{"name":"{0}","image":"111122223333.dkr.ecr.us-west-2.amazonaws.com/{1}","args":["--config=/etc/{0}/config.yaml","--log-format=json"],"ports":[{{"name":"http","containerPort":8080,"protocol":"TCP"}}],"env":[{{"name":"POD_NAME","valueFrom":{{"fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.name"}}}}}},{{"name":"OTEL_EXPORTER_OTLP_ENDPOINT","value":"http://collector.observability:4317"}}],"resources":{2},"volumeMounts":[{{"name":"config","readOnly":true,"mountPath":"/etc/{0}"}},{{"name":"kube-api-access-x7k2p","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}],"livenessProbe":{{"httpGet":{{"path":"/healthz","port":"http","scheme":"HTTP"}},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}})",
      name, image, resources);
}

std::string container_status(std::string_view name) {
  return fmt::format(
      R"({{"name":"{0}","state":{{"running":{{"startedAt":"2027-01-15T08:00:12Z"}}}},"lastState":{{}},"ready":true,"restartCount":0,"image":"111122223333.dkr.ecr.us-west-2.amazonaws.com/{0}:v1.42.0","imageID":"111122223333.dkr.ecr.us-west-2.amazonaws.com/{0}@sha256:4f1c2b9d8e7a6f5c4b3a29180716253443524160f7e8d9cabbac9d8e7f6a5b4c","containerID":"containerd://4f1c2b9d8e7a6f5c4b3a29180716253443524160f7e8d9cabbac9d8e7f6a5b4c","started":true}})",
      name);
}

std::string condition(std::string_view type, std::string_view status, std::string_view rest = {}) {
  return fmt::format(
      R"({{"type":"{}","status":"{}","observedGeneration":1,"lastProbeTime":null,"lastTransitionTime":"2027-01-15T08:00:10Z"{}}})",
      type, status, rest);
}

constexpr std::string_view kPodManagedFields =
    R"([{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2027-01-15T08:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"rs\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:args":{},"f:env":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{".":{},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}}},"k:{\"name\":\"proxy\"}":{".":{},"f:image":{},"f:name":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}},{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2027-01-15T08:00:12Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:status":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:startTime":{}}},"subresource":"status"}])";

std::string pod_status(const PodShape& pod) {
  if (pod.node.empty()) {
    return fmt::format(
        R"({{"phase":"Pending","conditions":[{}],"qosClass":"Burstable"}})",
        condition(
            "PodScheduled", "False",
            R"(,"reason":"Unschedulable","message":"0/5000 nodes are available: 5000 Insufficient cpu. preemption: 0/5000 nodes are available: 5000 No preemption victims found for incoming pod.")"));
  }
  return fmt::format(
      R"({{"phase":"Running","conditions":[{},{},{},{},{}],"hostIP":"10.1.2.3","hostIPs":[{{"ip":"10.1.2.3"}}],"podIP":"10.1.4.5","podIPs":[{{"ip":"10.1.4.5"}}],"startTime":"2027-01-15T08:00:10Z","containerStatuses":[{},{}],"qosClass":"Burstable"}})",
      condition("PodReadyToStartContainers", "True"), condition("Initialized", "True"),
      condition("Ready", "True"), condition("ContainersReady", "True"),
      condition("PodScheduled", "True"), container_status("main"), container_status("proxy"));
}

std::string node_conditions() {
  std::string text;
  for (const char* type : {"MemoryPressure", "DiskPressure", "PIDPressure"}) {
    text += fmt::format(
        R"({{"type":"{0}","status":"False","lastHeartbeatTime":"2027-01-15T08:00:12Z","lastTransitionTime":"2027-01-15T08:00:10Z","reason":"KubeletHasNo{0}","message":"kubelet has no {0}"}},)",
        type);
  }
  return text +
         R"({"type":"Ready","status":"False","lastHeartbeatTime":"2027-01-15T08:00:12Z","lastTransitionTime":"2027-01-15T08:00:10Z","reason":"KubeletNotReady","message":"container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"})";
}

std::string images() {
  std::string text;
  for (int i = 0; i < 20; ++i) {
    text += fmt::format(
        R"({}{{"names":["602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/image-{}@sha256:4f1c2b9d8e7a6f5c4b3a29180716253443524160f7e8d9cabbac9d8e7f6a5b4c","602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/image-{}:v1.36.3"],"sizeBytes":{}}})",
        i == 0 ? "" : ",", i, i, 10'000'000 + i);
  }
  return text;
}

hyperpod::InstanceGroup group(std::string name, std::vector<std::string> types,
                              std::vector<std::string> group_subnets) {
  hyperpod::InstanceGroup made;
  made.name = std::move(name);
  made.is_flexible = types.size() > 1;
  made.instance_types = std::move(types);
  made.subnets = std::move(group_subnets);
  return made;
}

std::vector<std::string> sizes(std::initializer_list<const char*> families,
                               std::initializer_list<const char*> of) {
  std::vector<std::string> types;
  for (const char* family : families) {
    for (const char* size : of) types.push_back(fmt::format("ml.{}.{}", family, size));
  }
  return types;
}

hyperpod::Cluster cluster_of(std::vector<hyperpod::InstanceGroup> groups) {
  hyperpod::Cluster cluster;
  cluster.name = kClusterName;
  cluster.arn = kClusterArn;
  cluster.is_continuous = true;
  cluster.subnets = {"subnet-a", "subnet-b"};
  cluster.groups = std::move(groups);
  return cluster;
}

kube::ObjectMeta meta(std::string_view name) {
  kube::ObjectMeta made;
  made.name = name;
  made.uid = fmt::format("{}-4f6e-9c1d-0123456789ab", name);
  made.resource_version = 1;
  made.generation = 1;
  made.creation_time = kStart;
  return made;
}

}  // namespace

std::string pod_name(const PodShape& pod) {
  return fmt::format("worker-{:03}-7d9c5f6b8d-{:05}", pod.workload, pod.index);
}

std::string pod_text(const PodShape& pod, std::uint64_t version) {
  const std::string owner = fmt::format("worker-{:03}", pod.workload);
  const std::string gpus =
      pod.gpus == 0 ? std::string{} : fmt::format(R"(,"nvidia.com/gpu":"{}")", pod.gpus);
  const std::string resources = fmt::format(
      R"({{"limits":{{"memory":"{0}Mi"{2}}},"requests":{{"cpu":"{1}m","memory":"{0}Mi"{2}}}}})",
      pod.memory_mib - 128, pod.cpu_millis - 100, gpus);
  const std::string spec_node =
      pod.node.empty() ? std::string{} : fmt::format(R"("nodeName":"{}",)", pod.node);
  const std::string gpu_toleration =
      pod.gpus == 0 ? std::string{} : R"({"key":"nvidia.com/gpu","operator":"Exists"},)";
  return fmt::format(
      R"({{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{0}","generateName":"{1}-7d9c5f6b8d-","namespace":"team-{2}","uid":"{3}","resourceVersion":"{4}","generation":1,"creationTimestamp":"2027-01-15T08:00:00Z","labels":{{"app.kubernetes.io/instance":"{1}","app.kubernetes.io/managed-by":"Helm","app.kubernetes.io/name":"{1}","pod-template-hash":"7d9c5f6b8d"}},"annotations":{{"prometheus.io/scrape":"true","prometheus.io/port":"8080","kubectl.kubernetes.io/restartedAt":"2027-01-14T08:00:00Z"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{1}-7d9c5f6b8d","uid":"{5}","controller":true,"blockOwnerDeletion":true}}],"managedFields":{6}}},"spec":{{"volumes":[{{"name":"config","configMap":{{"name":"{1}","defaultMode":420}}}},{{"name":"kube-api-access-x7k2p","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}},{{"configMap":{{"name":"kube-root-ca.crt","items":[{{"key":"ca.crt","path":"ca.crt"}}]}}}}],"defaultMode":420}}}}],"containers":[{7},{8}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default",{9}"securityContext":{{}},"schedulerName":"default-scheduler","tolerations":[{12}{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}},{{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"}},"status":{10}}}{11})",
      pod_name(pod), owner, pod.workload % 8, uid("pod", pod.index), version,
      uid("rs", pod.workload), kPodManagedFields, container_text("main", owner, resources),
      container_text("proxy", "proxy:v1.42.0",
                     R"({"limits":{"memory":"128Mi"},"requests":{"cpu":"100m","memory":"128Mi"}})"),
      spec_node, pod_status(pod), "", gpu_toleration);
}

std::string node_text(const hyperpod::Node& instance, std::uint64_t version) {
  const std::string name = "hyperpod-" + instance.instance_id;
  return fmt::format(
      R"({{"kind":"Node","apiVersion":"v1","metadata":{{"name":"{0}","uid":"node-{1}","resourceVersion":"{2}","creationTimestamp":"2027-01-15T08:00:00Z","labels":{{"beta.kubernetes.io/arch":"amd64","beta.kubernetes.io/instance-type":"{3}","beta.kubernetes.io/os":"linux","kubernetes.io/arch":"amd64","kubernetes.io/hostname":"{0}","kubernetes.io/os":"linux","node.kubernetes.io/instance-type":"{3}","sagemaker.amazonaws.com/cluster-name":"ml","sagemaker.amazonaws.com/compute-type":"hyperpod","sagemaker.amazonaws.com/instance-group-name":"{4}","sagemaker.amazonaws.com/node-health-status":"Schedulable","sagemaker.amazonaws.com/deep-health-check-status":"Passed","topology.k8s.aws/zone-id":"{5}","topology.kubernetes.io/region":"us-west-2","topology.kubernetes.io/zone":"{6}"}},"annotations":{{"alpha.kubernetes.io/provided-node-ip":"10.1.2.3","csi.volume.kubernetes.io/nodeid":"{{\"fsx.csi.aws.com\":\"{0}\"}}","node.alpha.kubernetes.io/ttl":"0","volumes.kubernetes.io/controller-managed-attach-detach":"true"}}}},"spec":{{"providerID":"{7}","taints":[{{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}}]}},"status":{{"capacity":{{"cpu":"16","ephemeral-storage":"524275692Ki","hugepages-1Gi":"0","hugepages-2Mi":"0","memory":"64Gi","pods":"58"}},"allocatable":{{"cpu":"15890m","ephemeral-storage":"482098735124","hugepages-1Gi":"0","hugepages-2Mi":"0","memory":"60Gi","pods":"58"}},"conditions":[{8}],"addresses":[{{"type":"InternalIP","address":"10.1.2.3"}},{{"type":"Hostname","address":"{0}"}}],"daemonEndpoints":{{"kubeletEndpoint":{{"Port":10250}}}},"nodeInfo":{{"machineID":"ec2","systemUUID":"ec2","bootID":"b","kernelVersion":"6.1.0","osImage":"Amazon Linux 2023","containerRuntimeVersion":"containerd://2.1.0","kubeletVersion":"v1.36.3","kubeProxyVersion":"","operatingSystem":"linux","architecture":"amd64"}},"images":[{9}]}}}})", name,
      instance.instance_id, version, instance.instance_type, instance.group, instance.zone_id,
      instance.zone,
      hyperpod::provider_id(instance.zone_id, hyperpod::cluster_id(kClusterArn),
                            instance.instance_id),
      node_conditions(), images());
}

hyperpod::Cluster plain_cluster() {
  return cluster_of({group("general", {"ml.m5.4xlarge"}, {"subnet-a"})});
}

hyperpod::Cluster large_catalogue() {
  const std::vector<std::string> both = {"subnet-a", "subnet-b"};
  return cluster_of({
      group("cpu",
            sizes({"c5", "m5"}, {"large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"}),
            both),
      group("memory",
            sizes({"m6i", "r6i", "c6i"}, {"large", "xlarge", "2xlarge", "4xlarge", "8xlarge",
                                          "12xlarge", "16xlarge", "24xlarge", "32xlarge"}),
            both),
      group("inference",
            sizes({"g5", "g6"},
                  {"xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge"}),
            both),
      group("general", {"ml.m5.4xlarge"}, {"subnet-a"}),
      group("storage", {"ml.i3en.24xlarge"}, {"subnet-b"}),
      group("train-p4d", {"ml.p4d.24xlarge"}, {"subnet-a"}),
      group("train-p5", {"ml.p5.48xlarge"}, {"subnet-a"}),
      group("train-p5e", {"ml.p5e.48xlarge"}, {"subnet-b"}),
      group("train-trn1", {"ml.trn1.32xlarge"}, {"subnet-a"}),
      group("arm", {"ml.c7g.4xlarge"}, {"subnet-b"}),
  });
}

std::vector<hyperpod::Subnet> subnets() {
  return {{"subnet-a", "us-west-2a", "usw2-az1"}, {"subnet-b", "us-west-2b", "usw2-az2"}};
}

kube::HyperpodNodeClass node_class(const hyperpod::Cluster& cluster) {
  kube::HyperpodNodeClass made;
  made.meta = meta("default");
  for (const hyperpod::InstanceGroup& each : cluster.groups)
    made.instance_groups.push_back(each.name);
  return made;
}

kube::NodePool node_pool(std::string_view name, std::vector<std::string> groups) {
  kube::NodePool pool;
  pool.meta = meta(name);
  pool.template_spec.node_class_ref = {std::string(kube::kNodeClassGroup),
                                       std::string(kube::kNodeClassKind), "default"};
  pool.template_spec.requirements = {{.key = std::string(kube::kInstanceGroup),
                                      .op = kube::NodeOperator::In,
                                      .values = std::move(groups)}};
  pool.limits = kube::Limits{{{"cpu", 1'000'000'000}, {"nodes", 10'000}}};
  pool.disruption.consolidate_after = Duration::seconds(30);
  pool.disruption.policy = kube::ConsolidationPolicy::WhenEmpty;
  pool.disruption.budgets = {{.nodes = "100%"}};
  return pool;
}

}  // namespace hyperwright::bench
