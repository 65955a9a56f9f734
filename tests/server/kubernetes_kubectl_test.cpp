// The simulated API, driven by a real kubectl. Skipped where there is none: `scripts/kubernetes`
// fetches it, and HYPERWRIGHT_KUBECTL may name another.
#include <array>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "server/http_server.h"
#include "server/kubernetes_door.h"
#include "sim/kubernetes_fields.h"

namespace hyperwright::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Time kNow = Time::from_unix_seconds(1'770'000'000);

// A thread that owns a model, as the simulation does.
class Owner {
 public:
  void run(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  ~Owner() {
    run({});
    thread_.join();
  }

 private:
  void loop() {
    for (;;) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !tasks_.empty(); });
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      if (!task) return;
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::thread thread_{[this] { loop(); }};
};

std::string kubectl_path() {
  if (const char* named = std::getenv("HYPERWRIGHT_KUBECTL")) return named;
  const char* home = std::getenv("HOME");
  return fmt::format("{}/.cache/hyperwright/kubernetes-v1.36.3/bin/kubectl",
                     home == nullptr ? "" : home);
}

struct KubectlTest : testing::Test {
  std::filesystem::path directory;
  sim::KubernetesApi api{Random(1), kNow};
  Owner owner;
  KubernetesDoor door{api, [] { return kNow + Duration::minutes(5); },
                      [this](std::function<void()> task) { owner.run(std::move(task)); }};
  std::unique_ptr<HttpServer> server;

  void SetUp() override {
    if (!std::filesystem::exists(kubectl_path()))
      GTEST_SKIP() << "no kubectl at " << kubectl_path();
    std::string pattern = (std::filesystem::temp_directory_path() / "kubectl-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory = pattern;
    server = *HttpServer::start({}, [this](HttpRequest request, HttpReply reply) {
      door.handle(std::move(request), std::move(reply));
    });
    write("kubeconfig", fmt::format("{{apiVersion: v1, kind: Config, current-context: sim, "
                                    "clusters: [{{name: sim, cluster: {{server: "
                                    "'{}'}}}}], contexts: [{{name: sim, context: {{cluster: sim, "
                                    "user: sim}}}}], users: [{{name: sim, user: "
                                    "{{}}}}]}}",
                                    server->url()));
  }
  void TearDown() override {
    server.reset();
    if (!directory.empty()) std::filesystem::remove_all(directory);
  }
  void write(const char* name, std::string_view text) { std::ofstream(directory / name) << text; }
  // Output and errors of `kubectl ARGUMENTS`, which end at the latest after ten seconds.
  std::string kubectl(const std::string& arguments) {
    const std::string command =
        fmt::format("cd {0} && HOME={0} KUBECONFIG={0}/kubeconfig timeout 10 {1} {2} 2>&1",
                    directory.string(), kubectl_path(), arguments);
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    std::array<char, 4096> buffer{};
    while (const std::size_t bytes = fread(buffer.data(), 1, buffer.size(), pipe))
      out.append(buffer.data(), bytes);
    pclose(pipe);
    return out;
  }
};

constexpr const char* kManifests = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.27", env: [{name: A, value: "1"}]}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {nodeInfo: {kubeletVersion: v1.36.3}}
---
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: p}}
spec: {containers: [{name: a, image: "b:1"}]}
)";

TEST_F(KubectlTest, AppliesAndShowsTables) {
  write("all.yaml", kManifests);
  EXPECT_EQ(kubectl("apply -f all.yaml"),
            "deployment.apps/web created\nnode/n1 created\npod/p created\n");
  EXPECT_EQ(kubectl("apply -f all.yaml"),
            "deployment.apps/web unchanged\nnode/n1 unchanged\npod/p unchanged\n");
  EXPECT_EQ(
      kubectl("get deployments"),
      "NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    0/3     0            0           0s\n");
  EXPECT_EQ(
      kubectl("get nodes,pods"),
      "NAME      STATUS    ROLES    AGE   VERSION\nnode/n1   Unknown   <none>   0s    v1.36.3\n\n"
      "NAME    READY   STATUS    RESTARTS   AGE\npod/p   0/1     Pending   0          0s\n");
  EXPECT_THAT(kubectl("describe pod p"),
              HasSubstr("node.kubernetes.io/not-ready:NoExecute op=Exists for 300s"));
  EXPECT_THAT(kubectl("apply --server-side -f all.yaml"),
              HasSubstr("deployment.apps/web serverside-applied"));
}

TEST_F(KubectlTest, ChangesWhatIsThere) {
  write("all.yaml", kManifests);
  kubectl("apply -f all.yaml");
  EXPECT_EQ(kubectl("scale deployment web --replicas=5"), "deployment.apps/web scaled\n");
  EXPECT_EQ(kubectl("label node n1 zone=a"), "node/n1 labeled\n");
  EXPECT_EQ(kubectl("taint node n1 gpu=1:NoSchedule"), "node/n1 tainted\n");
  EXPECT_EQ(kubectl("cordon n1"), "node/n1 cordoned\n");
  EXPECT_EQ(kubectl("patch deployment web -p "
                    "'{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\","
                    "\"image\":\"nginx:1.28\"}]}}}}'"),
            "deployment.apps/web patched\n");
  EXPECT_EQ(kubectl("get deployment web -o jsonpath='{.spec.replicas} "
                    "{.spec.template.spec.containers[*].image}'"),
            "5 nginx:1.28");
  EXPECT_EQ(kubectl("get node n1 -o jsonpath='{.spec.unschedulable} {.spec.taints[*].key} "
                    "{.metadata.labels.zone}'"),
            "true gpu node.kubernetes.io/not-ready a");
}

TEST_F(KubectlTest, WatchesWaitsAndDeletes) {
  write("all.yaml", kManifests);
  kubectl("apply -f all.yaml");
  EXPECT_EQ(kubectl("wait --for=jsonpath='{.status.phase}'=Pending pod/p --timeout=5s"),
            "pod/p condition met\n");
  EXPECT_EQ(kubectl("delete pod p"), "pod \"p\" deleted from default namespace\n");
  EXPECT_EQ(kubectl("get pods -w --request-timeout=1s"), "");
  EXPECT_THAT(kubectl("get pod p"),
              StartsWith("Error from server (NotFound): pods \"p\" not found"));
}

TEST_F(KubectlTest, ADrainWaitsForTheBudget) {
  write("all.yaml", kManifests);
  kubectl("apply -f all.yaml");
  write("pdb.yaml",
        "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: p}, spec: "
        "{minAvailable: 1, selector: {matchLabels: {app: p}}}}");
  kubectl("apply -f pdb.yaml");
  std::promise<void> ready;
  owner.run([&] {
    EXPECT_TRUE(api.bind("default", "p", "n1", kNow));
    const auto set = [&](const char* resource, const char* json) {
      EXPECT_TRUE(api.patch_status(resource, "default", "p", sim::PatchType::Merge,
                                   boost::json::parse(json), kNow));
    };
    set("pods",
        R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})");
    set("poddisruptionbudgets.policy",
        R"({"status":{"observedGeneration":1,"desiredHealthy":1,"currentHealthy":1}})");
    ready.set_value();
  });
  ready.get_future().wait();
  EXPECT_THAT(kubectl("drain n1 --force --timeout=1s"),
              HasSubstr("Cannot evict pod as it would violate the pod's disruption budget."));
}

TEST_F(KubectlTest, KnowsAndExplainsCustomResources) {
  write("crd.yaml", R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.dev}
spec:
  group: example.dev
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  scope: Cluster
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Color, type: string, jsonPath: .spec.color}]
    schema:
      openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {color: {type: string, enum: [red], description: Its colour.}}}}}
)");
  kubectl("apply -f crd.yaml");
  write("widget.yaml",
        "{apiVersion: example.dev/v1, kind: Widget, metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(kubectl("apply -f widget.yaml"), "widget.example.dev/w created\n");
  EXPECT_EQ(kubectl("get wd"), "NAME   COLOR\nw      red\n");
  EXPECT_THAT(kubectl("explain widget.spec.color"), HasSubstr("Its colour."));
  EXPECT_THAT(kubectl("api-resources"), HasSubstr("widgets"));
  write("widget.yaml",
        "{apiVersion: example.dev/v1, kind: Widget, metadata: {name: w}, spec: {color: blue}}");
  EXPECT_EQ(kubectl("apply -f widget.yaml"),
            "The Widget \"w\" is invalid: spec.color: Unsupported value: \"blue\": supported "
            "values: \"red\"\n");
  write("widget.yaml",
        "{apiVersion: example.dev/v1, kind: Widget, metadata: {name: w}, spec: {colour: red}}");
  EXPECT_THAT(kubectl("apply -f widget.yaml"), HasSubstr("unknown field \"spec.colour\""));
}

}  // namespace
}  // namespace hyperwright::server
