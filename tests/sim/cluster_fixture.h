// A simulated cluster for tests: the API model with its inhabitants, and a clock that is moved by
// hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/cluster.h"
#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {

namespace json = boost::json;

struct NodeShape {
  std::string cpu = "4";
  std::string memory = "16Gi";
  int gpus = 0;
  std::string zone = "z1";
  bool is_ready = true;  // created Ready: no boot
  bool is_simulated = true;
  json::array taints = {};
  json::object labels = {};
};

struct PodShape {
  std::string cpu = "1";
  std::string memory = "1Gi";
  int gpus = 0;
  json::object labels = {};
  json::object annotations = {};
  json::object spec = {};  // merged over the rest
};

class TestCluster {
 public:
  explicit TestCluster(std::uint64_t seed = 1, const ClusterOptions& options = {})
      : now_(Time::from_unix_seconds(1'790'000'000)),
        api_(Random(seed), now_),
        cluster_(api_, Random(seed + 1), options) {}

  KubernetesApi& api() { return api_; }
  Cluster& cluster() { return cluster_; }
  [[nodiscard]] Time now() const { return now_; }

  void step() { cluster_.step(now_); }
  // Steps at every instant at which something is due, until `duration` has passed.
  void run_for(Duration duration);
  // Until nothing is due, ten virtual days at most.
  void run_to_rest();

  ObjectPtr create(std::string_view resource, json::object object);
  ObjectPtr create(std::string_view resource, std::string_view text);
  void patch(std::string_view resource, std::string_view name, std::string_view merge_patch,
             std::string_view ns = "default");
  void remove(std::string_view resource, std::string_view name, std::string_view ns = "default",
              const DeleteOptions& options = {});
  ObjectPtr get(std::string_view resource, std::string_view name, std::string_view ns = "default");

  ObjectPtr add_node(const std::string& name, const NodeShape& shape = {});
  ObjectPtr add_pod(const std::string& name, const PodShape& shape = {});
  ObjectPtr add_deployment(const std::string& name, int replicas, const PodShape& shape = {},
                           json::object spec = {});
  ObjectPtr add_job(const std::string& name, json::object spec, const PodShape& shape = {});
  ObjectPtr add_daemon_set(const std::string& name, const PodShape& shape = {});
  ObjectPtr add_stateful_set(const std::string& name, int replicas, const PodShape& shape = {},
                             json::object spec = {});

  // Pods by "key=value,…", in order of name.
  std::vector<ObjectPtr> pods(std::string_view labels = {});
  std::vector<std::string> pod_names(std::string_view labels = {});
  std::string node_of(std::string_view pod);
  std::string phase_of(std::string_view pod);
  // "True Ready", "False NotReady …": status and reason of a condition, "" when absent.
  std::string condition(std::string_view resource, std::string_view name, std::string_view type);
  std::string condition_message(std::string_view resource, std::string_view name,
                                std::string_view type);
  std::vector<std::string> taints_of(std::string_view node);
  // The messages of the events of this reason, oldest first.
  std::vector<std::string> event_messages(std::string_view reason);
  // A number in an object's status, -1 when absent.
  std::int64_t status(std::string_view resource, std::string_view name, std::string_view field);

 private:
  Time now_;
  KubernetesApi api_;
  Cluster cluster_;
};

// {"cpu": …} as a container's requests and limits of a pod spec, with the shape's own spec over it.
json::object pod_spec(const PodShape& shape);
json::object parsed(std::string_view text);

namespace fixture {
inline json::string_view text_of(std::string_view text) { return {text.data(), text.size()}; }

inline json::object pod_template(const std::string& app, const PodShape& shape) {
  json::object labels = shape.labels;
  labels["app"] = app;
  return {{"metadata", {{"labels", labels}, {"annotations", shape.annotations}}},
          {"spec", pod_spec(shape)}};
}

inline json::object workload(const std::string& name, json::object spec, const PodShape& shape) {
  spec["selector"] = {{"matchLabels", {{"app", name}}}};
  spec["template"] = pod_template(name, shape);
  return {{"metadata", {{"name", name}}}, {"spec", std::move(spec)}};
}

}  // namespace fixture
inline json::object parsed(std::string_view text) {
  return json::parse(fixture::text_of(text)).as_object();
}

inline json::object pod_spec(const PodShape& shape) {
  json::object requests{{"cpu", shape.cpu}, {"memory", shape.memory}};
  json::object limits;
  if (shape.gpus > 0) limits["nvidia.com/gpu"] = std::to_string(shape.gpus);
  json::object spec{
      {"containers",
       json::array{json::object{{"name", "main"},
                                {"image", "registry.example/app:1"},
                                {"resources", {{"requests", requests}, {"limits", limits}}}}}}};
  for (const auto& [key, value] : shape.spec) spec[key] = value;
  return spec;
}

inline void TestCluster::run_for(Duration duration) {
  const Time end = now_ + duration;
  step();
  while (cluster_.next_wake() <= end) {
    now_ = std::max(now_, cluster_.next_wake());
    step();
  }
  now_ = end;
}

inline void TestCluster::run_to_rest() {
  const Time end = now_ + Duration::hours(240);
  step();
  while (cluster_.next_wake() <= end) {
    now_ = std::max(now_, cluster_.next_wake());
    step();
  }
}

inline ObjectPtr TestCluster::create(std::string_view resource, json::object object) {
  auto created = api_.create(resource, std::move(object), now_);
  EXPECT_TRUE(created.has_value()) << (created ? "" : created.error().message);
  return created ? *created : nullptr;
}

inline ObjectPtr TestCluster::create(std::string_view resource, std::string_view text) {
  return create(resource, parsed(text));
}

inline void TestCluster::patch(std::string_view resource, std::string_view name,
                               std::string_view merge_patch, std::string_view ns) {
  const ResourceType* type = api_.find_type(resource);
  const auto patched = api_.patch(resource, type->namespaced ? ns : "", name, PatchType::Merge,
                                  json::parse(fixture::text_of(merge_patch)), now_);
  EXPECT_TRUE(patched.has_value()) << (patched ? "" : patched.error().message);
}

inline void TestCluster::remove(std::string_view resource, std::string_view name,
                                std::string_view ns, const DeleteOptions& options) {
  const ResourceType* type = api_.find_type(resource);
  const auto removed = api_.remove(resource, type->namespaced ? ns : "", name, now_, options);
  EXPECT_TRUE(removed.has_value()) << (removed ? "" : removed.error().message);
}

inline ObjectPtr TestCluster::get(std::string_view resource, std::string_view name,
                                  std::string_view ns) {
  return api_.find(resource, api_.find_type(resource)->namespaced ? ns : "", name);
}

inline ObjectPtr TestCluster::add_node(const std::string& name, const NodeShape& shape) {
  json::object labels = shape.labels;
  labels["kubernetes.io/hostname"] = name;
  labels["topology.kubernetes.io/zone"] = shape.zone;
  if (shape.is_simulated) labels["sagemaker.amazonaws.com/compute-type"] = "hyperpod";
  json::object capacity{{"cpu", shape.cpu}, {"memory", shape.memory}, {"pods", "110"}};
  if (shape.gpus > 0) capacity["nvidia.com/gpu"] = std::to_string(shape.gpus);
  json::object status{{"capacity", capacity}, {"allocatable", capacity}};
  if (shape.is_ready) {
    status["conditions"] = json::array{json::object{{"type", "Ready"}, {"status", "True"}}};
  }
  json::object spec;
  if (!shape.taints.empty()) spec["taints"] = shape.taints;
  return create(
      "nodes",
      {{"metadata", {{"name", name}, {"labels", labels}}}, {"spec", spec}, {"status", status}});
}

inline ObjectPtr TestCluster::add_pod(const std::string& name, const PodShape& shape) {
  return create(
      "pods",
      {{"metadata", {{"name", name}, {"labels", shape.labels}, {"annotations", shape.annotations}}},
       {"spec", pod_spec(shape)}});
}

inline ObjectPtr TestCluster::add_deployment(const std::string& name, int replicas,
                                             const PodShape& shape, json::object spec) {
  spec["replicas"] = replicas;
  return create("deployments.apps", fixture::workload(name, std::move(spec), shape));
}

inline ObjectPtr TestCluster::add_job(const std::string& name, json::object spec,
                                      const PodShape& shape) {
  spec["template"] = fixture::pod_template(name, shape);
  json::object& template_spec = spec["template"].as_object()["spec"].as_object();
  if (!template_spec.contains("restartPolicy")) template_spec["restartPolicy"] = "Never";
  return create("jobs.batch", {{"metadata", {{"name", name}}}, {"spec", std::move(spec)}});
}

inline ObjectPtr TestCluster::add_daemon_set(const std::string& name, const PodShape& shape) {
  return create("daemonsets.apps", fixture::workload(name, {}, shape));
}

inline ObjectPtr TestCluster::add_stateful_set(const std::string& name, int replicas,
                                               const PodShape& shape, json::object spec) {
  spec["replicas"] = replicas;
  spec["serviceName"] = name;
  return create("statefulsets.apps", fixture::workload(name, std::move(spec), shape));
}

inline std::vector<ObjectPtr> TestCluster::pods(std::string_view labels) {
  ListOptions options;
  options.labels = *parse_label_selector(labels);
  return api_.list("pods", options);
}

inline std::vector<std::string> TestCluster::pod_names(std::string_view labels) {
  std::vector<std::string> names;
  for (const ObjectPtr& pod : pods(labels)) names.emplace_back(name_of(*pod));
  return names;
}

inline std::string TestCluster::node_of(std::string_view pod) {
  const ObjectPtr found = get("pods", pod);
  return found == nullptr ? "(no pod)" : std::string(text_field(*found, {"spec", "nodeName"}));
}

inline std::string TestCluster::phase_of(std::string_view pod) {
  const ObjectPtr found = get("pods", pod);
  return found == nullptr ? "(no pod)" : std::string(text_field(*found, {"status", "phase"}));
}

inline std::string TestCluster::condition(std::string_view resource, std::string_view name,
                                          std::string_view type) {
  const ObjectPtr found = get(resource, name);
  const json::object* condition = found == nullptr ? nullptr : find_condition(*found, type);
  if (condition == nullptr) return {};
  const std::string_view reason = text_field(*condition, {"reason"});
  return fmt::format("{}{}{}", text_field(*condition, {"status"}), reason.empty() ? "" : " ",
                     reason);
}

inline std::string TestCluster::condition_message(std::string_view resource, std::string_view name,
                                                  std::string_view type) {
  const ObjectPtr found = get(resource, name);
  const json::object* condition = found == nullptr ? nullptr : find_condition(*found, type);
  return condition == nullptr ? std::string() : std::string(text_field(*condition, {"message"}));
}

inline std::vector<std::string> TestCluster::taints_of(std::string_view node) {
  std::vector<std::string> out;
  const ObjectPtr found = get("nodes", node);
  const json::array* taints = found == nullptr ? nullptr : array_field(*found, {"spec", "taints"});
  if (taints == nullptr) return out;
  for (const json::value& taint : *taints) {
    out.push_back(fmt::format("{}:{}", text_field(taint.as_object(), {"key"}),
                              text_field(taint.as_object(), {"effect"})));
  }
  return out;
}

inline std::vector<std::string> TestCluster::event_messages(std::string_view reason) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (const ObjectPtr& event : api_.list("events")) {
    if (text_field(*event, {"reason"}) == reason) {
      found.emplace_back(resource_version_of(*event), std::string(text_field(*event, {"message"})));
    }
  }
  std::ranges::sort(found);
  std::vector<std::string> messages;
  for (auto& [version, message] : found) messages.push_back(std::move(message));
  return messages;
}

inline std::int64_t TestCluster::status(std::string_view resource, std::string_view name,
                                        std::string_view field) {
  const ObjectPtr found = get(resource, name);
  return found == nullptr ? -1 : int_field(*found, {"status", field}, -1);
}

}  // namespace hyperwright::sim
