// Random scenarios, calls and steps of time, for the properties of this room.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <rapidcheck/gtest.h>

#include "tests/service/world.h"

namespace hyperwright::service {

inline const std::vector<std::string> kGroups = {"gpu", "mix"};

inline Scenario draw_scenario() {
  Scenario scenario;
  scenario.delays.jitter_percent = *rc::gen::element(0, 20);
  if (*rc::gen::arbitrary<bool>()) {
    scenario.capacity = {{.type = "ml.g5.xlarge", .available = *rc::gen::inRange(0, 6)}};
  }
  if (*rc::gen::arbitrary<bool>()) {
    scenario.failing_lifecycle_script = {{.group = "mix", .when = {.until = Duration::minutes(5)}}};
  }
  return scenario;
}

inline json::array groups() {
  return {group("gpu"), group("mix", {.flexible_types = {"ml.g5.xlarge", "ml.g6.xlarge"}})};
}

// Done to any world; returns the answer's text. The same to two equal worlds gives the same.
using Act = std::function<std::string(World&)>;

inline Act call_of(std::string operation, json::object body) {
  return [operation = std::move(operation), body = std::move(body)](World& world) {
    return json::serialize(world.call(operation, body).body());
  };
}

// One random call or step of time; `world` is asked for what there is to act on.
inline Act draw_act(World& world) {
  const auto target = *rc::gen::elementOf(kGroups);
  const std::vector<hyperpod::Node> nodes = world.nodes();
  const auto draw_id = [&nodes] { return (*rc::gen::elementOf(nodes)).logical_id; };
  const int kind = *rc::gen::inRange(0, 6);
  if (kind == 0) {
    const auto count = *rc::gen::inRange(1, 5);
    const auto token = *rc::gen::element<std::string>("", "t1", "t2");
    return [=](World& on) { return json::serialize(on.add(target, count, token).body()); };
  }
  if (kind == 1 && !nodes.empty())
    return call_of("BatchDeleteClusterNodes",
                   hyperpod::batch_delete_request("hp1", std::vector{draw_id()}));
  if (kind == 2) {
    GroupOptions options{.count = *rc::gen::inRange(0, 6)};
    if (target == "mix") options.flexible_types = {"ml.g5.xlarge", "ml.g6.xlarge"};
    options.more = *rc::gen::element<std::string>(
        "", R"("KubernetesConfig": {"Labels": {"team": "a"}})",
        R"("KubernetesConfig": {"Labels": {"team": "b"}, "Taints": [{"Key": "x", "Effect": "NoSchedule"}]})");
    return [wanted = group(target, options)](World& on) {
      return json::serialize(on.update({wanted}).body());
    };
  }
  if (kind == 3 && !nodes.empty()) {
    return [id = draw_id()](World& on) {
      return std::string(on.service().replace_instance("hp1", id, on.now()) ? "replaced" : "not");
    };
  }
  return [time = Duration::seconds(*rc::gen::inRange(0, 200))](World& on) {
    on.pass(time);
    return std::string();
  };
}

}  // namespace hyperwright::service
