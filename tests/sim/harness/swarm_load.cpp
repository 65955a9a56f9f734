#include <boost/json.hpp>
#include <fmt/format.h>

#include "tests/sim/harness/draw.h"

namespace hyperwright::swarm {
namespace json = boost::json;
namespace {

json::object pod_spec(Draw& draw) {
  json::object requests{{"cpu", fmt::format("{}m", draw.between(1, 14) * 100)},
                        {"memory", fmt::format("{}Mi", draw.between(1, 10) * 128)}};
  json::object resources;
  if (draw.chance(10)) {
    requests["nvidia.com/gpu"] = "1";
    resources["limits"] = json::object{{"nvidia.com/gpu", "1"}};
  }
  resources["requests"] = requests;
  json::object spec{
      {"containers",
       only(json::object{{"name", "main"}, {"image", "app"}, {"resources", resources}})},
      {"terminationGracePeriodSeconds", draw.between(0, 60)}};
  if (draw.chance(85))
    spec["tolerations"] = only(json::object{{"key", "team"}, {"operator", "Exists"}});
  if (draw.chance(15)) spec["nodeSelector"] = json::object{{"pool", "p0"}};
  return spec;
}

json::object pod_template(Draw& draw, const std::string& name) {
  json::object spec = pod_spec(draw);
  if (draw.chance(15)) {
    spec["topologySpreadConstraints"] =
        only(json::object{{"maxSkew", 1},
                          {"topologyKey", "kubernetes.io/hostname"},
                          {"whenUnsatisfiable", "DoNotSchedule"},
                          {"labelSelector", {{"matchLabels", {{"app", name}}}}}});
  }
  return {{"metadata", {{"labels", {{"app", name}}}}}, {"spec", spec}};
}

json::value deployment(Draw& draw, const std::string& name) {
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"replicas", draw.between(1, 5)},
            {"selector", {{"matchLabels", {{"app", name}}}}},
            {"template", pod_template(draw, name)}}}};
}

json::value job(Draw& draw, const std::string& name) {
  const int pods = draw.between(1, 4);
  json::object pod = pod_template(draw, name);
  pod["metadata"].as_object()["annotations"] =
      json::object{{"hyperwright.dev/run-for", fmt::format("{}s", draw.between(20, 400))}};
  pod["spec"].as_object()["restartPolicy"] = "Never";
  return {{"apiVersion", "batch/v1"},
          {"kind", "Job"},
          {"metadata", {{"name", name}}},
          {"spec", {{"completions", pods}, {"parallelism", pods}, {"template", pod}}}};
}

json::value bare_pod(Draw& draw, const std::string& name) {
  json::object pod = pod_template(draw, name);
  pod["metadata"].as_object()["name"] = name;
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  return pod;
}

json::value budget(Draw& draw, const std::string& app) {
  return {
      {"apiVersion", "policy/v1"},
      {"kind", "PodDisruptionBudget"},
      {"metadata", {{"name", app}}},
      {"spec",
       {{"maxUnavailable", draw.between(0, 2)}, {"selector", {{"matchLabels", {{"app", app}}}}}}}};
}

json::value daemon_set(Draw& draw) {
  json::object pod{{"metadata", {{"labels", {{"app", "agent"}}}}}, {"spec", pod_spec(draw)}};
  json::object& spec = pod["spec"].as_object();
  spec.erase("nodeSelector");
  spec["tolerations"] = only(json::object{{"operator", "Exists"}});
  spec["containers"].at(0).at("resources") =
      json::object{{"requests", {{"cpu", "100m"}, {"memory", "64Mi"}}}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "DaemonSet"},
          {"metadata", {{"name", "agent"}}},
          {"spec", {{"selector", {{"matchLabels", {{"app", "agent"}}}}}, {"template", pod}}}};
}

}  // namespace

void draw_load(Draw& draw, Swarm& swarm) {
  const auto last = static_cast<int>(swarm.faults_until.in_seconds()) - 60;
  const auto add = [&](Duration at, json::value manifest) {
    LoadStep step{.at = at, .apply = {}, .removed = {}};
    step.apply.push_back(std::move(manifest));
    swarm.load.push_back(std::move(step));
  };
  if (draw.chance(30)) add(Duration::seconds(5), daemon_set(draw));
  const int count = draw.between(2, 6);
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("app-{}", i);
    const Duration at = draw.seconds(5, last / 2);
    const Duration later = draw.seconds(static_cast<int>(at.in_seconds()) + 30, last);
    const int kind = draw.between(0, 9);
    if (kind < 5) {
      add(at, deployment(draw, name));
      if (draw.chance(30)) add(at, budget(draw, name));
      if (draw.chance(50)) {
        add(later, deployment(draw, name));  // a rollout, and a new size
      } else if (draw.chance(50)) {
        swarm.load.push_back({later, {}, {{"deployments.apps", name}}});
      }
    } else if (kind < 8) {
      add(at, job(draw, name));
    } else {
      add(at, bare_pod(draw, name));
      if (draw.chance(60)) swarm.load.push_back({later, {}, {{"pods", name}}});
    }
  }
}

}  // namespace hyperwright::swarm
